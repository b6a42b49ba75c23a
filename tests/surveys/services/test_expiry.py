"""Surveys close in time, and nobody waits silently."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from surveys.models import Delivery, Invitation
from surveys.services.delivery import dispatch_all
from surveys.services.expiry import expire_due, waiting_silently
from tests.factories import NOW, InvitationFactory
from tests.smtp_server import DROP, SmtpServer
from tests.surveys.services.outbox import queued, queued_reminder, story

pytestmark = pytest.mark.django_db


def test_survey_closes_at_its_end_with_its_reminder() -> None:
    reminder = queued_reminder()
    end = reminder.invitation.expires_at
    assert end is not None

    assert expire_due(end - timedelta(seconds=1)) == 0
    assert story(reminder) == ("queued", "sent")
    assert expire_due(end) == 1
    assert story(reminder) == ("cancelled", "expired")
    assert expire_due(end) == 0


def test_batches_close_all_that_is_over() -> None:
    over = NOW - timedelta(days=1)
    for status in ("sent", "unknown", "sent", "failed", "cancelled", "skipped"):
        InvitationFactory(status=status, expires_at=over)

    assert expire_due(NOW, batch=2) == 3
    assert sorted(Invitation.objects.values_list("status", flat=True)) == [
        "cancelled",
        "expired",
        "expired",
        "expired",
        "failed",
        "skipped",
    ]


def test_everyone_dispatched_ends_or_has_a_time(smtp: SmtpServer) -> None:
    """Invariant 5, whatever the mail server did."""
    for name in ("good", "refused", "later", "lost", "bad address"):
        queued(f"{name}@example.com")
    queued_reminder("reminded@example.com")
    smtp.on("RCPT", "550 5.7.1 no", recipient="refused@example.com")
    smtp.on("RCPT", "450 4.2.1 later", recipient="later@example.com")
    smtp.on("DOT", DROP, recipient="lost@example.com")

    moment, last = NOW, NOW + timedelta(days=40)
    while moment < last:
        dispatch_all(clock=lambda at=moment: at)  # type: ignore[misc]
        expire_due(moment)
        assert list(waiting_silently(moment, timedelta(0))) == []
        moment += timedelta(hours=12)

    assert set(Invitation.objects.values_list("status", flat=True)) == {"expired", "failed"}
    assert not Delivery.objects.filter(status__in=["queued", "sending"]).exists()


@pytest.mark.parametrize(
    ("invitation", "delivery"),
    [
        ({"status": "scheduled"}, {"status": "cancelled"}),
        ({"status": "scheduled"}, {"due_at": NOW - timedelta(hours=1)}),
        ({"status": "sending"}, {"status": "queued"}),
        ({"status": "sending"}, {"status": "sending"}),
        (
            {"status": "sending"},
            {"status": "sending", "lease": uuid4(), "lease_until": NOW - timedelta(hours=1)},
        ),
        ({"status": "sent", "expires_at": None}, {"status": "sent"}),
        ({"status": "unknown", "expires_at": NOW - timedelta(hours=1)}, {"status": "unknown"}),
    ],
)
def test_whoever_waits_for_nothing_is_found(
    invitation: dict[str, Any], delivery: dict[str, Any]
) -> None:
    forgotten = queued(
        **{f"invitation__{name}": value for name, value in invitation.items()}, **delivery
    )
    queued("fine@example.com")
    assert list(waiting_silently(NOW)) == [forgotten.invitation]
