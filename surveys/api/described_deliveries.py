"""How the operations on mails of unknown outcome and on bounces are described."""

from __future__ import annotations

from typing import Final

from surveys.api.described import (
    IDEMPOTENCY,
    PAGING,
    Json,
    answers,
    maybe,
    page_schema,
    query,
    record,
    ref,
    text,
)
from surveys.api.described_operations import ADDED, COUNT, NUMBER, POSTED, WHEN, Operations
from surveys.models import Delivery, DeliveryReport, ReportTally

_WHOSE: Final[dict[str, Json]] = {
    "case": record(
        ["source", "external_id"],
        source={"type": "string"},
        external_id={"type": "string"},
    ),
    "email": maybe(text("Of the customer; null where they were erased.")),
}
_MAIL: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "kind": text("What it is.", enum=list(Delivery.Kind.values)),
    "channel": text("How it goes.", enum=list(Delivery.Channel.values)),
    "status": text("What became of it.", enum=list(Delivery.Status.values)),
    **_WHOSE,
    "due_at": WHEN,
    "words": text("What is known of it."),
}
_REPORT: Final[dict[str, Json]] = {
    "id": {"type": "integer"},
    "kind": text("What it says.", enum=list(DeliveryReport.Kind.values)),
    "code": text("Status code, such as `5.1.1`; may be empty."),
    "words": text("In the words of the server."),
    "effect": text("What followed from it.", enum=list(DeliveryReport.Effect.values)),
    "source": text("By which way it came.", enum=list(DeliveryReport.Source.values)),
    "received_at": WHEN,
    **_WHOSE,
}


def _counts(names: list[str]) -> Json:
    return record(names, **dict.fromkeys(names, COUNT))


COMPONENTS: Final[dict[str, Json]] = {
    "Mail": record(list(_MAIL), **_MAIL),
    "MailsAgain": record(
        ["n_again", "n_left"],
        n_again=COUNT | {"description": "Are sent again within a minute."},
        n_left=COUNT | {"description": "Were answered, closed or sent again meanwhile."},
    ),
    "Bounce": record(list(_REPORT), **_REPORT),
    "BounceCounts": record(
        ["days", "kinds", "outcomes"],
        days=COUNT,
        kinds=_counts(list(DeliveryReport.Kind.values)),
        outcomes=_counts(list(ReportTally.Outcome.values)),
    ),
}
_operation: Final = Operations("delivery")

UNKNOWN: Final = _operation(
    "list_unknown_mails",
    "List mails whose outcome nobody knows",
    "Newest first. They are never repeated by themselves.",
    parameters=PAGING,
    responses=answers(200, schema=page_schema(ref("Mail")), problems=(400,)),
)
RESEND: Final = _operation.posting(
    "resend_unknown_mail",
    "Send a mail again that may have arrived already",
    "409 where its outcome is known by now, or the survey was answered.",
    parameters=[NUMBER, IDEMPOTENCY],
    responses=answers(200, schema=ref("Mail"), problems=POSTED),
)
RESEND_ALL: Final = _operation.posting(
    "resend_unknown_mails",
    "Send all of them again that were not answered",
    "At most 500 at once, the newest.",
    parameters=[IDEMPOTENCY],
    responses=answers(200, schema=ref("MailsAgain"), problems=ADDED),
)
BOUNCES: Final = _operation(
    "list_bounces",
    "List what came back of mails",
    "Newest first: bounces, complaints, delays, and what providers report.",
    parameters=[query("kind", "Only these.", enum=list(DeliveryReport.Kind.values)), *PAGING],
    responses=answers(200, schema=page_schema(ref("Bounce")), problems=(400,)),
)
COUNTS: Final = _operation(
    "count_bounces",
    "Count what came back in 30 days",
    "By what it said, and by whether it could be taken.",
    responses=answers(200, schema=ref("BounceCounts"), problems=()),
)
