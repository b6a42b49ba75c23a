"""How the operations on a connection's way into its helpdesk are described."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter

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
from surveys.models import HookEvent, WriteBack
from surveys.services.asking.access import LONGEST_TOKEN, LONGEST_URL, LONGEST_USER

OPEN: Final = [HookEvent.State.QUARANTINED.value, HookEvent.State.NEEDS_ENRICHMENT.value]
_NOTE: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "case": text("The helpdesk's number of it."),
    "status": text("What became of it.", enum=list(WriteBack.Status.values)),
    "due_at": WHEN,
    "n_attempts": COUNT,
    "words": text("Why it was not written, as the helpdesk said."),
    "ended_at": maybe(WHEN),
}
_EVENT: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "case": text("The helpdesk's number of it."),
    "state": text(
        "`quarantined` was set aside after failing, `needs_enrichment` lacks the customer's "
        "address.",
        enum=list(HookEvent.State.values),
    ),
    "outcome": text("What of the case it tells."),
    "received_at": WHEN,
    "attempts": COUNT,
    "reason": text("Why it waits."),
}
_ACCESS: Final[dict[str, Json]] = {
    "can_ask": {"type": "boolean", "description": "Whether this helpdesk's API can be asked."},
    "has_token": {"type": "boolean", "description": "The token itself is never told."},
    "url": text("Where its API is."),
    "since": maybe(WHEN),
    "fault": text("Why nothing is asked any more; empty where all is well."),
    "write_fault": text(
        "Why nothing is written there any more; empty where all is well. A new token mends it, or "
        "choosing again in which forms is written."
    ),
    "last_success_at": maybe(WHEN),
    "last_failure": text("In words; empty where there was none."),
    "rests_until": maybe(text("It asked to be left alone until then.", format="date-time")),
    "n_asking": COUNT | {"description": "Events that wait for its answer."},
}
COMPONENTS: Final[dict[str, Json]] = {
    "ConnectionAccess": record(list(_ACCESS), **_ACCESS),
    "ConnectionAccessIn": record(
        ["token"],
        token=text("Kept sealed, and never shown.", LONGEST_TOKEN, minLength=1),
        url=text("Empty: the helpdesk's own, where it has one for all.", LONGEST_URL),
        user=text("What goes beside the token, where its API wants that.", LONGEST_USER),
    ),
    "ConnectionTrial": record(
        ["works", "words"], works={"type": "boolean"}, words=text("What it answered.")
    ),
    "ConnectionNote": record(list(_NOTE), **_NOTE),
    "ConnectionEvent": record(list(_EVENT), **_EVENT),
    "Again": record(["n_again"], n_again=COUNT),
}
_SLUG: Final = OpenApiParameter("slug", str, OpenApiParameter.PATH)
_NUMBER: Final = OpenApiParameter("event", int, OpenApiParameter.PATH, description="Its `id`.")
_operation: Final = Operations("connections")

READ: Final = _operation(
    "read_connection_access",
    "By what a helpdesk's API is asked",
    "Where a webhook lacks the customer's address, the API is asked. Never the token.",
    parameters=[_SLUG],
    responses=answers(200, schema=ref("ConnectionAccess"), problems=(404,)),
)
SET: Final = _operation(
    "set_connection_access",
    "Give the token for a helpdesk's API",
    "In place of the one before. Whatever waits without an address is asked about. 409 where this "
    "helpdesk's API cannot be asked.",
    parameters=[_SLUG],
    request={"application/json": ref("ConnectionAccessIn")},
    responses=answers(200, schema=ref("ConnectionAccess"), problems=POSTED),
    examples=[
        Example(
            "Zendesk",
            value={
                "url": "https://example.zendesk.com",
                "user": "ada@example.com",
                "token": "6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj95PIz2akv",
            },
            request_only=True,
        )
    ],
)
FORGET: Final = _operation(
    "forget_connection_access",
    "Forget the token",
    "Nothing is asked and nothing written there any more. Again changes nothing.",
    parameters=[_SLUG],
    responses={204: None} | answers(schema={}, problems=(404,)),
)
TRY: Final = _operation.posting(
    "try_connection_access",
    "Ask the helpdesk's API now",
    "Says in words what it answered; 409 without a token.",
    parameters=[_SLUG, IDEMPOTENCY],
    responses=answers(200, schema=ref("ConnectionTrial"), problems=POSTED),
)
NOTES: Final = _operation(
    "list_connection_notes",
    "List the notes for a helpdesk",
    "Newest first: those that wait, were written, or were given up.",
    parameters=[
        _SLUG,
        query("status", "Only these.", enum=list(WriteBack.Status.values)),
        *PAGING,
    ],
    responses=answers(200, schema=page_schema(ref("ConnectionNote")), problems=(400, 404)),
)
NOTES_AGAIN: Final = _operation.posting(
    "write_connection_notes_again",
    "Write the notes again that were given up",
    "Answers with how many.",
    parameters=[_SLUG, IDEMPOTENCY],
    responses=answers(200, schema=ref("Again"), problems=POSTED),
)
EVENTS: Final = _operation(
    "list_connection_events",
    "List events that wait for somebody",
    "Newest first.",
    parameters=[_SLUG, query("state", "Only these.", enum=OPEN), *PAGING],
    responses=answers(200, schema=page_schema(ref("ConnectionEvent")), problems=(400, 404)),
)
EVENT_AGAIN: Final = _operation.posting(
    "try_connection_event_again",
    "Try an event again",
    "One that was set aside after failing; 409 for any other.",
    parameters=[_SLUG, _NUMBER, IDEMPOTENCY],
    responses=answers(200, schema=ref("ConnectionEvent"), problems=POSTED),
)
