"""Mails that were sent under a signed return path, and reports about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from surveys.models import Delivery, ReportTally
from surveys.services import bounces, return_paths
from tests.factories import NOW, DeliveryFactory, InvitationFactory
from tests.surveys.mail.reports import corpus

ADDRESS = "bounce@back.northline.example"
_NUMBERS = count(1)


def sent(email: str = "ada@example.com", *, at: datetime = NOW, **fields: Any) -> Delivery:
    """An invitation's mail that the mail server took."""
    customer = fields.pop("customer", None)
    person = {"customer": customer} if customer else {}
    if not customer:
        person = {"resolution__case__customer__email": email}
    invitation = InvitationFactory(
        **person,
        **({"status": "sent"} | fields.pop("invitation", {})),
        sent_at=at,
        expires_at=at + timedelta(days=14),
    )
    values = {"status": "sent", "sent_at": at, "in_flight_at": at, "due_at": at} | fields
    return DeliveryFactory(invitation=invitation, **values)


def path_of(delivery: Delivery) -> str:
    path = return_paths.sender_of(delivery.pk, delivery.kind, delivery.invitation.nonce)
    assert path is not None
    return path


HARD = ("5.1.1", "550 5.1.1 no such user")
SOFT = ("5.2.2", "552 5.2.2 mailbox full")
POLICY = ("5.7.1", "550 5.7.1 looks like spam")


def bounce(delivery: Delivery, code: str, said: str = "", *, action: str = "failed") -> bytes:
    """A report with a Message-ID of its own."""
    return about(delivery, corpus.dsn(corpus.recipient(action, code, said)))


def complaint(delivery: Delivery) -> bytes:
    return about(delivery, corpus.arf("abuse"))


def about(delivery: Delivery, report: bytes) -> bytes:
    number = f"<{next(_NUMBERS)}-".encode()
    path = path_of(delivery).encode()
    # `<report-1@` or `<fb-1@`, whichever it has.
    return (
        report.replace(corpus.TO.encode(), path)
        .replace(b"<report-", number)
        .replace(b"<fb-", number)
    )


def take(raw: bytes, now: datetime = NOW, **more: Any) -> ReportTally.Outcome:
    return bounces.take(raw, "imap", now, **more)
