"""Addresses that must not be written to."""

from __future__ import annotations

import pytest

from surveys.models import Suppression
from surveys.services.suppressions import resubscribe, suppress, suppressed_among
from tests.factories import NOW, InvitationFactory
from tests.surveys.services.outbox import queued, queued_reminder, story

pytestmark = pytest.mark.django_db

REASONS = Suppression.Reason


def test_suppressing_cancels_what_waits_and_leaves_what_was_sent() -> None:
    waiting = queued("ada@example.com")
    customer = waiting.invitation.customer
    assert customer is not None
    reminder = queued_reminder("eve@example.com")
    reminder.invitation.customer = customer
    reminder.invitation.save()
    sent = InvitationFactory(customer=customer, status="expired")
    other = queued("bob@example.com")

    suppress("ada@example.com", REASONS.UNSUBSCRIBED, now=NOW)

    assert story(waiting) == ("cancelled", "cancelled")
    assert story(reminder) == ("cancelled", "sent")
    assert story(other) == ("queued", "scheduled")
    sent.refresh_from_db()
    assert sent.status == "expired"


def test_mail_being_sent_is_left_to_its_worker() -> None:
    delivery = queued("ada@example.com", status="sending", invitation__status="sending")
    suppress("ada@example.com", REASONS.MANUAL, now=NOW)
    assert story(delivery) == ("sending", "sending")


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (REASONS.BOUNCED, REASONS.UNSUBSCRIBED, REASONS.UNSUBSCRIBED),
        (REASONS.UNSUBSCRIBED, REASONS.BOUNCED, REASONS.UNSUBSCRIBED),
        (REASONS.MANUAL, REASONS.MANUAL, REASONS.MANUAL),
        (REASONS.UNSUBSCRIBED, REASONS.ERASED, REASONS.ERASED),
    ],
)
def test_suppression_never_gets_weaker(first: str, second: str, kept: str) -> None:
    suppress("ada@example.com", first, now=NOW)
    suppress("ADA@example.com", second, now=NOW)
    (suppression,) = Suppression.objects.all()
    assert suppression.reason == kept
    assert suppression.email == ("" if kept == REASONS.ERASED else "ada@example.com")


def test_address_without_a_customer_is_suppressed_for_later() -> None:
    suppress("nobody@example.com", REASONS.MANUAL, now=NOW)
    found = suppressed_among(["Nobody@example.com", "other@example.com"])
    assert {email: reason.code for email, reason in found.items()} == {
        "Nobody@example.com": "suppressed"
    }


def test_only_a_wish_lifts_a_suppression_and_never_an_erasure() -> None:
    suppress("ada@example.com", REASONS.UNSUBSCRIBED, now=NOW)
    suppress("gone@example.com", REASONS.ERASED, now=NOW)
    assert resubscribe("Ada@example.com") is True
    assert resubscribe("ada@example.com") is False
    assert resubscribe("gone@example.com") is False
    assert list(Suppression.objects.values_list("reason", flat=True)) == ["erased"]
