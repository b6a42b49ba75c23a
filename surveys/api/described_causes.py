"""How the operations on the list of causes are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter

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
    WHEN,
    Operations,
    log_entry,
)
from surveys.models import CauseChange
from surveys.questionnaire.texts import languages
from surveys.services.cause_tree import LONGEST_DESCRIPTION

_CODE: Final = text("By which it arrives.")
NAMES: Final[Json] = {
    "type": "object",
    "propertyNames": {"enum": list(languages())},
    "additionalProperties": {"type": "string", "maxLength": 200},
    "description": "What customers read by language; where none is given, the name.",
}
STATES: Final = ("unmapped", "mapped", "merged")
COMPONENTS: Final[dict[str, Json]] = {
    "Cause": record(
        [
            *("code", "name", "owner", "owner_team", "state", "mapped_at", "merged_into"),
            *("parent", "description", "names"),
        ],
        code=_CODE,
        name=text("As people call it."),
        owner=maybe(text("E-mail address of the member of staff who owns it.")),
        owner_team=maybe(text("Name of the team that owns it in place of a person.")),
        state=text("`unmapped` waits for a decision.", enum=list(STATES)),
        mapped_at=maybe(WHEN),
        merged_into=maybe(text("Code of the cause that it became part of.")),
        parent=maybe(text("Code of the broader cause that it stands below in the tree.")),
        description=text("What it is."),
        names=NAMES,
    ),
    "CausePatch": record(
        [],
        name=text("Its code stays.", 200, minLength=1),
        owner=maybe(text("E-mail address of an active cause owner; null: nobody.", 254)),
        owner_team=maybe(
            text("Name of a team, which owns it in place of a person; null: none.", 200)
        ),
        parent=maybe(text("Code of a broader cause to stand below; null: the top.", 200)),
        description=text("What it is.", LONGEST_DESCRIPTION),
        names=NAMES,
    ),
    "CauseMerge": record(["into"], into=text("Code of the other cause.", 200, minLength=1)),
    "CauseMergePreview": record(
        ["code", "into", "n_cases", "n_answers", "aliases", "takes_owner"],
        code=_CODE,
        into=text("Code of the other cause."),
        n_cases=COUNT,
        n_answers=COUNT,
        aliases={"type": "array", "items": {"type": "string"}},
        takes_owner={"type": "boolean", "description": "The other one has no owner, this one has."},
    ),
    "CauseChange": log_entry(
        CauseChange.Kind.values,
        code=_CODE,
        before=text("As it was."),
        after=text("As it became: a name, or the code it was merged into."),
    ),
}
_PATH: Final = OpenApiParameter("code", str, OpenApiParameter.PATH, description="Of the cause.")
_operation: Final = Operations("causes")

LIST: Final = _operation(
    "list_causes",
    "List causes",
    "By code; what waits unmapped with `state=unmapped`.",
    parameters=[
        query("state", "Only these.", enum=["", *STATES]),
        query("q", "Words in code or name."),
        query("parent", "Only those right below the cause of this code."),
        *PAGING,
    ],
    responses=answers(200, schema=page_schema(ref("Cause")), problems=(400, 404)),
)
READ: Final = _operation(
    "read_cause",
    "Look up a cause",
    "One that was merged says into which.",
    parameters=[_PATH],
    responses=answers(200, schema=ref("Cause"), problems=(404,)),
)
CHANGE: Final = _operation(
    "change_cause",
    "Rename a cause, describe it, give it an owner or a place in the tree",
    "What is not named stays. All but the owner stands in the log of changes, where it is undone.",
    parameters=[_PATH, IF_MATCH],
    request={"application/json": ref("CausePatch")},
    responses=answers(200, schema=ref("Cause"), problems=CHANGED),
    examples=[Example("A plainer name", value={"name": "Plan changed"}, request_only=True)],
)
KEEP: Final = _operation.posting(
    "keep_cause",
    "Take an unmapped code for a cause of its own",
    "409 where it does not wait.",
    parameters=[_PATH, IDEMPOTENCY],
    responses=answers(201, schema=ref("CauseChange"), problems=POSTED),
)
PREVIEW: Final = _operation(
    "preview_cause_merge",
    "What a merge would move",
    "Nothing is changed.",
    parameters=[_PATH, query("into", "Code of the other cause.", required=True)],
    responses=answers(200, schema=ref("CauseMergePreview"), problems=(400, 404, 409)),
)
MERGE: Final = _operation.posting(
    "merge_cause",
    "Make a cause part of another one",
    "With its history, and with whatever still comes under its code. It can be undone.",
    parameters=[_PATH, IDEMPOTENCY],
    request={"application/json": ref("CauseMerge")},
    responses=answers(201, schema=ref("CauseChange"), problems=POSTED),
    examples=[Example("Into another", value={"into": "billing-error"}, request_only=True)],
)
CHANGES: Final = _operation(
    "list_cause_changes",
    "List the changes of causes",
    "Newest first, kept for good.",
    parameters=[query("code", "Only of this cause."), *PAGING],
    responses=answers(200, schema=page_schema(ref("CauseChange")), problems=(400,)),
)
UNDO: Final = _operation.posting(
    "undo_cause_change",
    "Take a change back",
    "With the history it moved. 409 where something later stands in the way.",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(201, schema=ref("CauseChange"), problems=POSTED),
)
