"""How the operations on teams and products are described in the OpenAPI schema: alike, but for what
teams have beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from surveys.api.described import (
    IDEMPOTENCY,
    IF_MATCH,
    PAGING,
    Example,
    Json,
    answers,
    maybe,
    page_schema,
    query,
    record,
    ref,
    text,
)
from surveys.api.described_operations import (
    CHANGED,
    COUNT,
    NUMBER,
    POSTED,
    Operations,
    log_entry,
)
from surveys.models import DimensionChange

_NAMES: Final[Json] = {"type": "array", "items": {"type": "string"}}
_CASES: Final = COUNT | {"description": "As often as they were resolved, as reports count them."}


@dataclass(frozen=True)
class Described:
    """The operations on one kind of them, and the objects that these speak of."""

    list: dict[str, Any]
    read: dict[str, Any]
    change: dict[str, Any]
    preview: dict[str, Any]
    merge: dict[str, Any]
    changes: dict[str, Any]
    undo: dict[str, Any]
    components: dict[str, Json]


def _components(of: str, counts: dict[str, Json], goes_along: dict[str, Json]) -> dict[str, Json]:
    name = text("As helpdesks tell it and reports show it.")
    fields: dict[str, Json] = {
        "id": {"type": "integer", "description": "Stays when it is renamed."},
        "name": name,
        "former_names": _NAMES | {"description": "What arrives under these is counted here."},
        "merged_into": maybe(text("What this is a former name of; null: one of today.")),
        "is_sample": {"type": "boolean", "description": "Of the sample data."},
    }
    counts = {"n_cases": _CASES, **counts}
    moved: dict[str, Json] = {
        "name": name,
        "into": text("The name of the other one, which stays."),
        "n_cases": _CASES,
        "n_answers": COUNT,
        "former_names": _NAMES | {"description": "These lead to the other one, too."},
        **goes_along,
    }
    return {
        of: record(list(fields), **fields),
        f"{of}WithCounts": record([*fields, *counts], **fields, **counts),
        f"{of}Patch": record([], name=text("It keeps its history.", 200, minLength=1)),
        f"{of}Merge": record(["into"], into=text("The name of the other one.", 200, minLength=1)),
        f"{of}MergePreview": record(list(moved), **moved),
        f"{of}Change": log_entry(
            DimensionChange.Kind.values,
            name=text("As it was called then."),
            into=text("The new name, or the name of what it became part of."),
        ),
    }


def _described(
    one: str, counts: dict[str, Json], goes_along: dict[str, Json], renamed: str, into: str
) -> Described:
    many, of = f"{one}s", one.title()
    operation = Operations(many)
    return Described(
        list=operation(
            f"list_{many}",
            f"List {many}",
            "By name, with what belongs to each; former names are told with what they became.",
            parameters=[query("q", "Words in the name or a former one."), *PAGING],
            responses=answers(200, schema=page_schema(ref(f"{of}WithCounts")), problems=(400,)),
        ),
        read=operation(
            f"read_{one}",
            f"Look up a {one}",
            "A former name says what it became. Without numbers, so that the `ETag` stays the same "
            "while cases come in.",
            parameters=[NUMBER],
            responses=answers(200, schema=ref(of), problems=(404,)),
        ),
        change=operation(
            f"change_{one}",
            f"Rename a {one}",
            "In every report; what still arrives under the name until now is counted there. It "
            "stands in the log of changes, where it is undone. 409 for a former name.",
            parameters=[NUMBER, IF_MATCH],
            request={"application/json": ref(f"{of}Patch")},
            responses=answers(200, schema=ref(of), problems=(*CHANGED, 409)),
            examples=[Example("Another name", value={"name": renamed}, request_only=True)],
        ),
        preview=operation(
            f"preview_{one}_merge",
            "What a merge would move",
            "Nothing is changed.",
            parameters=[NUMBER, query("into", "The name of the other one.", required=True)],
            responses=answers(200, schema=ref(f"{of}MergePreview"), problems=(400, 404, 409)),
        ),
        merge=operation.posting(
            f"merge_{one}",
            f"Make a {one} part of another one",
            "With its history, and with whatever still arrives under its names. It can be undone.",
            parameters=[NUMBER, IDEMPOTENCY],
            request={"application/json": ref(f"{of}Merge")},
            responses=answers(201, schema=ref(f"{of}Change"), problems=POSTED),
            examples=[Example("Into another", value={"into": into}, request_only=True)],
        ),
        changes=operation(
            f"list_{one}_changes",
            f"List the changes of {many}",
            "Newest first, kept for good.",
            parameters=[query("name", "Only with this name, before or after."), *PAGING],
            responses=answers(200, schema=page_schema(ref(f"{of}Change")), problems=(400,)),
        ),
        undo=operation.posting(
            f"undo_{one}_change",
            "Take a change back",
            "With the history it moved. 409 where something later stands in the way.",
            parameters=[NUMBER, IDEMPOTENCY],
            responses=answers(201, schema=ref(f"{of}Change"), problems=POSTED),
        ),
        components=_components(of, counts, goes_along),
    )


TEAMS: Final = _described(
    "team",
    {"n_agents": COUNT},
    {
        "n_agents": COUNT,
        "n_logins": COUNT | {"description": "These will see the numbers of both."},
        "n_causes": COUNT | {"description": "That it owns, and the other one will."},
    },
    renamed="Mobile support",
    into="Fixed line",
)
PRODUCTS: Final = _described("product", {}, {}, renamed="Prepaid card", into="Contract")
COMPONENTS: Final[dict[str, Json]] = TEAMS.components | PRODUCTS.components
