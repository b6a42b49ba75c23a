"""How the operations on preventive actions stand in the OpenAPI schema."""

from __future__ import annotations

from typing import Final

from analytics.registered import ActionChange
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
    text,
)
from surveys.api.described_operations import NUMBER, POSTED, WHEN, Operations

_DAY: Final = text("A day in UTC, from the year 2000 to five years ahead.", format="date")
_OWNER: Final = maybe(
    text("Address of who answers for it: one who may see the cause; null for nobody.", 254)
)
_TITLE: Final = text("What is done, as the charts call it.", 200, minLength=1, pattern=r"\S")
_TEXT: Final = text("How, and why it should help.", 4000)
_NOTE: Final = text("Why; everybody who sees the action can read it.", 500)
_FIELDS: Final[dict[str, Json]] = {
    "id": {"type": "integer", "description": "Also for `action` of a cause's change."},
    "cause": record(["code", "name"], code=text("What its cause is now."), name=text("Its name.")),
    "title": _TITLE,
    "text": _TEXT,
    "owner": _OWNER,
    "began_on": _DAY | {"description": "The first day of the roll-out."},
    "done_on": maybe(_DAY | {"description": "The last one; null while it is being rolled out."}),
    "registered_at": WHEN,
    "dated_at": WHEN | {"description": "When its days were last named."},
    "withdrawn_at": maybe(text("Since when it counts in no verdict.", format="date-time")),
}
_LOG: Final = record(
    ["at", "who", "what", "before", "after", "note"],
    at=WHEN,
    who=text("The member of staff, or the key."),
    what=text("What was changed.", enum=list(ActionChange.Kind.values)),
    before=text("As it was."),
    after=text("As it became."),
    note=text("Why."),
)
_ACTION: Final = record(list(_FIELDS), **_FIELDS)
_WITH_LOG: Final = record([*_FIELDS, "log"], **_FIELDS, log={"type": "array", "items": _LOG})
_NEW: Final = record(
    ["cause", "title", "began_on"],
    cause=text("Code of the cause.", 200),
    title=_TITLE,
    text=_TEXT,
    owner=_OWNER,
    began_on=_DAY,
    done_on=maybe(_DAY),
)
_CHANGE: Final = record(
    [],
    title=_TITLE,
    text=_TEXT,
    owner=_OWNER,
    began_on=_DAY,
    done_on=maybe(_DAY),
    note=_NOTE,
)


_reading: Final = Operations("actions", scope="reports:read")
_doing: Final = Operations("actions")

LIST: Final = _reading(
    "list_registered_actions",
    "List preventive actions as they were registered",
    "Newest first, withdrawn ones too. Whether they worked says the report of actions.",
    parameters=[query("cause", "Only of this cause, by its code."), *PAGING],
    responses=answers(200, schema=page_schema(_ACTION), problems=(400, 404)),
)
ADD: Final = _doing.posting(
    "add_action",
    "Register a preventive action",
    "Before it begins, if it can be: who names the days afterwards proves little, and reports say "
    "so. The log names the key.",
    parameters=[IDEMPOTENCY],
    request={"application/json": _NEW},
    responses=answers(201, schema=_WITH_LOG, problems=POSTED),
    examples=[
        Example(
            "From a day on",
            value={
                "cause": "plan-change",
                "title": "Each plan change is tried on a test line",
                "began_on": "2026-12-01",
            },
            request_only=True,
        )
    ],
)
READ: Final = _reading(
    "read_action",
    "Look up a preventive action",
    "With what was changed of it, by whom and why.",
    parameters=[NUMBER],
    responses=answers(200, schema=_WITH_LOG, problems=(404,)),
)
CHANGE: Final = _doing(
    "change_action",
    "Correct a preventive action",
    "What is not named stays. Once it has begun its days change only with a `note`, but for the "
    "last day, told within a week. 409 where it is withdrawn.",
    parameters=[NUMBER, IF_MATCH],
    request={"application/json": _CHANGE},
    responses=answers(200, schema=_WITH_LOG, problems=(400, 404, 409, 412, 413, 415)),
    examples=[Example("In other words", value={"text": "Each morning."}, request_only=True)],
)
WITHDRAW: Final = _doing.posting(
    "withdraw_action",
    "Withdraw a preventive action",
    "It counts in no chart and no verdict any more, and stays in the list, so that what did not "
    "work cannot be made to vanish.",
    parameters=[NUMBER, IDEMPOTENCY],
    request={"application/json": record([], note=_NOTE)},
    responses=answers(200, schema=_WITH_LOG, problems=POSTED),
    examples=[Example("With why", value={"note": "Never rolled out."}, request_only=True)],
)
RESTORE: Final = _doing.posting(
    "restore_action",
    "Bring a withdrawn action back",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(200, schema=_WITH_LOG, problems=POSTED),
)
