"""How ratings from before are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

from surveys.api.described import (
    IDEMPOTENCY,
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
from surveys.api.described_operations import COUNT, POSTED, WHEN, Operations
from surveys.services.history_tools import TOOLS

_TOOLS: Final = list(TOOLS)
_IMPORTED: Final = text("When the import began that stored it last.", format="date-time")
_RATING: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "tool": text("Where it was collected."),
    "external_id": text("Its id there, or one made of what tells it from the others."),
    "scale": text("What the answer was chosen from, such as `1-5`, `0-10` or `good-bad`."),
    "raw": text("The answer as the export has it."),
    "position": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "Where on its scale it lies, 1 the best.",
    },
    "is_best": {"type": "boolean", "description": "One of the best, as its tool counts them."},
    "answered_at": WHEN,
    "comment": text("Empty without one."),
    "case": maybe(
        record(
            ["source", "external_id"],
            source=text("The helpdesk."),
            external_id=text("Its id there."),
        )
    ),
    "imported_at": _IMPORTED,
}
_IMPORT: Final[dict[str, Json]] = {
    "tool": text("Where its ratings were collected."),
    "imported_at": _IMPORTED,
    "scales": {"type": "array", "items": {"type": "string"}},
    "n_ratings": COUNT,
    "n_comments": COUNT,
    "first": WHEN,
    "last": WHEN,
}
COMPONENTS: Final[dict[str, Json]] = {
    "HistoryRating": record(list(_RATING), **_RATING),
    "HistoryImport": record(list(_IMPORT), **_IMPORT),
    "HistoryRemoval": record(
        ["tool"],
        tool=text("All of its ratings go, or those of one import.", enum=_TOOLS),
        imported_at=maybe(
            text("Which import, as the list of imports names it.", format="date-time")
        ),
        dry_run={"type": "boolean", "description": "Only count."},
    ),
    "HistoryRemoved": record(
        ["tool", "n_ratings", "dry_run"],
        tool={"type": "string"},
        n_ratings=COUNT,
        dry_run={"type": "boolean"},
    ),
}
_operation: Final = Operations("history")

RATINGS: Final = _operation(
    "list_history_ratings",
    "List ratings of one question",
    "What other tools collected before, newest first: about fix and cause in one, so they are "
    "counted with answers to neither.",
    parameters=[
        query("tool", "Only of this one.", enum=_TOOLS),
        query("comments", "With `1` only those with a comment.", enum=["0", "1"]),
        *PAGING,
    ],
    responses=answers(200, schema=page_schema(ref("HistoryRating")), problems=(400,)),
)
IMPORTS: Final = _operation(
    "list_history_imports",
    "List the imports that brought them",
    "The newest hundred in one page, by what each stored or changed last.",
    responses=answers(200, schema=page_schema(ref("HistoryImport")), problems=()),
)
REMOVE: Final = _operation.posting(
    "remove_history_import",
    "Remove what an import brought",
    "The same file brings it back. Answers about fix and cause, and cases, are not touched.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("HistoryRemoval")},
    responses=answers(200, schema=ref("HistoryRemoved"), problems=POSTED),
    examples=[
        Example("Count first", value={"tool": "delighted", "dry_run": True}, request_only=True)
    ],
)
