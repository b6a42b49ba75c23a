"""How the operations on suppressions are described in the OpenAPI schema."""

from __future__ import annotations

from typing import Any, Final

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
from surveys.api.described_operations import ADDED, COUNT, POSTED, Operations
from surveys.models import Suppression, SuppressionChange
from surveys.services import suppression_list

_REASONS: Final = [r for r in Suppression.Reason.values if r != Suppression.Reason.ERASED]
_EMAIL: Final = text("The address.", 254, format="email")

COMPONENTS: Final[dict[str, Json]] = {
    "Suppression": record(
        ["email", "reason", "since", "source", "who"],
        email=maybe(text("The address; null of a person who was erased.")),
        reason=text("Why it is not written to.", enum=list(Suppression.Reason.values)),
        since=text("Since when.", format="date-time"),
        source=text("By which way it came; empty where that was not noted."),
        who=text("The member of staff or the key; empty where it was neither."),
    ),
    "SuppressionIn": record(
        ["email"],
        email=_EMAIL,
        reason=text("`manual` where not given.", enum=_REASONS),
        note=text("In words, for the log.", 500),
    ),
    "Resubscription": record(
        ["email", "note"],
        email=_EMAIL,
        note=text("How the person asked to be written to again; kept for good.", 500, minLength=1),
    ),
    "SuppressionFile": record(
        ["csv"],
        csv=text(
            "The text of a CSV file: a column `email`, and perhaps `reason`.",
            suppression_list.MOST_BYTES,
        ),
        dry_run={"type": "boolean", "description": "Only say what it would do."},
    ),
    "SuppressionsTaken": record(
        ["n_read", "n_new", "n_weightier", "n_known", "n_faults", "faults", "dry_run"],
        **dict.fromkeys(("n_read", "n_new", "n_weightier", "n_known", "n_faults"), COUNT),
        faults={
            "type": "array",
            "items": record(
                ["line", "cell", "words"],
                line={"type": "integer"},
                cell=text("What stands there."),
                words=text("What is wrong with it."),
            ),
            "description": "The first of them.",
        },
        dry_run={"type": "boolean"},
    ),
    "SuppressionChange": record(
        ["email", "kind", "reason", "source", "note", "who", "made_at"],
        email=maybe(text("The address; null of a person who was erased.")),
        kind=text("What was done.", enum=list(SuppressionChange.Kind.values)),
        reason=text("Why.", enum=list(Suppression.Reason.values)),
        source=text("By which way; empty where that was not noted."),
        note=text("In words."),
        who=text("The member of staff or the key; empty where it was neither."),
        made_at=text("When.", format="date-time"),
    ),
    "Lifted": record(["email", "lifted"], email=text("As sent."), lifted={"type": "boolean"}),
}
LIST: Final[dict[str, Any]] = {
    "operation_id": "list_suppressions",
    "tags": ["suppressions"],
    "summary": "List addresses never written to",
    "description": "Newest first. With `email` only that address. A file holds all of them but "
    "the erased, who have no address. Scope `admin`.",
    "parameters": [
        query("email", "A whole address."),
        query("q", "Words in the address, or a whole one."),
        query("reason", "Only for this reason.", enum=list(Suppression.Reason.values)),
        query("format", "A file of all of them instead of a page.", enum=["json", "csv"]),
        *PAGING,
    ],
    "responses": {
        **answers(200, schema=page_schema(ref("Suppression")), problems=(400,)),
        (200, "text/csv"): {"type": "string"},
    },
}
ADD: Final[dict[str, Any]] = {
    "operation_id": "add_suppression",
    "tags": ["suppressions"],
    "summary": "Never write to an address",
    "description": (
        "What waits for it is cancelled. Again changes nothing, but that a weightier reason "
        "replaces a lighter one. Honours `Idempotency-Key`. Scope `admin`."
    ),
    "parameters": [IDEMPOTENCY],
    "request": {"application/json": ref("SuppressionIn")},
    "responses": answers(200, 201, schema=ref("Suppression"), problems=ADDED),
    "examples": [
        Example(
            "On request",
            value={"email": "bo@example.com", "note": "Asked by phone"},
            request_only=True,
        )
    ],
}
LIFT: Final[dict[str, Any]] = {
    "operation_id": "lift_suppression",
    "tags": ["suppressions"],
    "summary": "Write to a person again who asked for it",
    "description": (
        "Only on the person's explicit wish, which `note` tells. Nothing else takes an address "
        "off the list; an erasure stays (409). Honours `Idempotency-Key`. Scope `admin`."
    ),
    "parameters": [IDEMPOTENCY],
    "request": {"application/json": ref("Resubscription")},
    "responses": answers(200, schema=ref("Lifted"), problems=POSTED),
    "examples": [
        Example(
            "Asked again",
            value={"email": "ada@example.com", "note": "Asked in the shop"},
            request_only=True,
        )
    ],
}
_operation: Final = Operations("suppressions")
IMPORT: Final = _operation.posting(
    "import_suppressions",
    "Add the addresses of a CSV file",
    "It only ever adds: what is missing in it stays on the list. Faulty lines are told, and do not "
    "hinder the others.",
    parameters=[IDEMPOTENCY],
    request={"application/json": ref("SuppressionFile")},
    responses=answers(200, schema=ref("SuppressionsTaken"), problems=ADDED),
    examples=[
        Example(
            "Try it first",
            value={"csv": "email,reason\nbo@example.com,complained\n", "dry_run": True},
            request_only=True,
        )
    ],
)
CHANGES: Final = _operation(
    "list_suppression_changes",
    "List what was done to the list",
    "Newest first, kept for good. With `email` the story of that address.",
    parameters=[query("email", "A whole address."), *PAGING],
    responses=answers(200, schema=page_schema(ref("SuppressionChange")), problems=(400,)),
)
