"""How the operations on follow-ups are described in the OpenAPI schema."""

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
from surveys.api.described_operations import NUMBER, POSTED, WHEN, Operations
from surveys.models import FollowUp, FollowUpChange
from surveys.services.follow_ups import LONGEST_OUTCOME

_FIELDS: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "kind": text("What was asked for.", enum=list(FollowUp.Kind.values)),
    "status": text("How far it is.", enum=list(FollowUp.Status.values)),
    "case": record(
        ["source", "external_id"], source=text("Which helpdesk."), external_id=text("Its number.")
    ),
    "cause": maybe(text("Code of the cause, at resolution.")),
    "assignee": maybe(text("Address of the member of staff who takes care of it.")),
    "opened_at": WHEN | {"description": "When it was asked for."},
    "due_at": maybe(text("By when to call; null of a wish for news.", format="date-time")),
    "closed_at": maybe(
        text("When it was done or taken back; null while it is open.", format="date-time")
    ),
    "customer": {
        "type": ["object", "null"],
        "description": "`email`, `phone` and `name`, for who may call: with scope `admin`.",
        "properties": {name: {"type": ["string", "null"]} for name in ("email", "phone", "name")},
    },
    "outcome": maybe(text("What came of it, with scope `admin`.")),
}
_LOG: Final = record(
    ["at", "who", "what", "note"],
    at=WHEN,
    who=text("The member of staff, the key, or the customer."),
    what=text("What was done.", enum=list(FollowUpChange.Kind.values)),
    note=maybe(text("Whom it was given to, or the outcome; with scope `admin`.")),
)
COMPONENTS: Final[dict[str, Json]] = {
    "FollowUp": record(list(_FIELDS), **_FIELDS),
    "FollowUpWithLog": record(
        [*_FIELDS, "log"], **_FIELDS, log={"type": "array", "items": _LOG, "description": "Newest."}
    ),
    "Assignment": record(
        ["assignee"], assignee=maybe(text("Address of an active member of staff, or null.", 254))
    ),
    "FollowUpOutcome": record(
        ["outcome"],
        outcome=text("What came of it.", LONGEST_OUTCOME, minLength=1, pattern=r"\S"),
    ),
}


_reading: Final = Operations("follow-ups", scope="responses:read")


def _posting(name: str, summary: str, description: str, **more: Any) -> dict[str, Any]:
    responses = answers(200, schema=ref("FollowUpWithLog"), problems=POSTED)
    more = {"parameters": [NUMBER, IDEMPOTENCY], "responses": responses, **more}
    return Operations("follow-ups").posting(name, summary, description, **more)


LIST: Final = _reading(
    "list_follow_ups",
    "List follow-ups",
    "What customers asked for on the thank-you page, newest first: a call back, or news of the "
    "cause. Each customer has at most one of a kind for a survey. Who the customer is, and what "
    "came of it, only with scope `admin`.",
    parameters=[
        query("status", "Only those.", enum=list(FollowUp.Status.values)),
        query("kind", "Only those.", enum=list(FollowUp.Kind.values)),
        query("assignee", "Only those of a member of staff, by address."),
        query("overdue", "With `1` only open ones whose day is over.", enum=["0", "1"]),
        *PAGING,
    ],
    responses=answers(200, schema=page_schema(ref("FollowUp")), problems=(400, 404)),
)
READ: Final = _reading(
    "read_follow_up",
    "Look up a follow-up",
    "With what was done about it.",
    parameters=[NUMBER],
    responses=answers(200, schema=ref("FollowUpWithLog"), problems=(404,)),
)
ASSIGN: Final = _posting(
    "assign_follow_up",
    "Give a follow-up to somebody",
    "Admins, managers and the leads of the case's team can be given it, for they may see the "
    "customer; null takes it from whoever has it. 409 where it is closed.",
    request={"application/json": ref("Assignment")},
    examples=[Example("To nobody", value={"assignee": None}, request_only=True)],
)
CLOSE: Final = _posting(
    "close_follow_up",
    "Mark a follow-up as done",
    "With what came of it. 409 where the customer took the wish back.",
    request={"application/json": ref("FollowUpOutcome")},
    examples=[
        Example("Called", value={"outcome": "Rang; the line works again."}, request_only=True)
    ],
)
REOPEN: Final = _posting(
    "reopen_follow_up",
    "Open a follow-up again",
    "It is due when it was; the outcome stays in its log. 409 where the customer took the wish "
    "back.",
)
