"""Links handed over at the desk: one way out for each survey, and one customer at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from surveys.models import Customer, Delivery, Invitation, Policy, Resolution
from surveys.services import answering, in_person, kiosks
from surveys.services.delivery import Counts, dispatch_all
from surveys.services.in_person import CannotHandOut, hand_out
from surveys.services.kiosks import CannotShow
from surveys.services.privacy import erase
from surveys.services.suppressions import suppress
from tests.factories import NOW, UserFactory
from tests.smtp_server import SmtpServer
from tests.surveys.services.outbox import queued, story
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def test_mail_that_was_due_is_not_sent_as_well(smtp: SmtpServer) -> None:
    delivery = queued()
    slip = hand_out(delivery.invitation_id, NOW)
    assert dispatch_all(clock=lambda: NOW + timedelta(days=10)) == Counts()
    assert (smtp.received, story(delivery)) == ([], ("sent", "sent"))
    [only] = Delivery.objects.all()
    assert (only.kind, only.channel, only.sent_at) == ("invitation", "link", NOW)
    asked = answering.find(slip.token, NOW)
    assert asked is not None
    days = Policy.objects.get().close_days
    assert asked.expires_at == NOW + timedelta(days=days)


def test_link_of_a_mail_that_is_out_is_shown_and_changes_nothing(smtp: SmtpServer) -> None:
    delivery = queued()
    dispatch_all(clock=lambda: NOW)
    before = list(Invitation.objects.values()), list(Delivery.objects.values())
    slip = hand_out(delivery.invitation_id, NOW)
    assert (list(Invitation.objects.values()), list(Delivery.objects.values())) == before
    assert slip.token in smtp.received[0].content.decode().replace("=\r\n", "")


def test_customer_without_an_address_gets_a_link_in_their_language() -> None:
    delivery = queued("")
    Customer.objects.update(email="", key="id:api:7", language="de")
    Invitation.objects.update(status="skipped", reason_code="no_address", reason="x", due_at=None)
    delivery.delete()
    slip = hand_out(delivery.invitation_id, NOW)
    found = Invitation.objects.get()
    assert (found.status, found.language, found.reason, found.due_at) == ("sent", "de", "", NOW)
    assert Delivery.objects.get().channel == "link"
    assert answering.find(slip.token, NOW) is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "skipped", "reason_code": "cooldown", "reason": "Surveyed lately"}, "lately"),
        ({"status": "cancelled", "reason": "Reopened before"}, "Reopened before"),
        ({"status": "sending"}, "just being sent"),
        ({"status": "sent", "expires_at": NOW}, "closed"),
        ({"status": "expired"}, "closed"),
        ({"version": None}, "No policy"),
    ],
)
def test_no_link_where_the_survey_may_not_go_out(change: dict[str, object], words: str) -> None:
    delivery = queued()
    Invitation.objects.update(**change)
    before = list(Invitation.objects.values()), list(Delivery.objects.values())
    with pytest.raises(CannotHandOut, match=words):
        hand_out(delivery.invitation_id, NOW)
    assert (list(Invitation.objects.values()), list(Delivery.objects.values())) == before


def test_no_link_for_the_reopened_the_suppressed_and_the_erased() -> None:
    one = queued("a@example.com")
    Resolution.objects.update(reopened_at=NOW)
    with pytest.raises(CannotHandOut, match="reopened"):
        hand_out(one.invitation_id, NOW)
    two, three = queued("b@example.com"), queued("c@example.com")
    suppress("b@example.com", "unsubscribed")
    Invitation.objects.filter(pk=two.invitation_id).update(status="scheduled")
    with pytest.raises(CannotHandOut, match="unsubscribed"):
        hand_out(two.invitation_id, NOW)
    hand_out(three.invitation_id, NOW)
    erase("c@example.com", NOW)
    with pytest.raises(CannotHandOut, match="erased"):
        hand_out(three.invitation_id, NOW)


@pytest.mark.django_db(transaction=True)
def test_mail_and_slip_at_the_same_moment_are_one(smtp: SmtpServer) -> None:
    deliveries = [queued(f"c{n}@example.com") for n in range(12)]

    def at_the_desk() -> int:
        handed = 0
        for delivery in reversed(deliveries):
            try:
                hand_out(delivery.invitation_id, NOW)
            except CannotHandOut:
                continue
            handed += 1
        return handed

    at_once(at_the_desk, lambda: dispatch_all(clock=lambda: NOW))
    dispatch_all(clock=lambda: NOW)
    by_link = Delivery.objects.filter(channel="link", kind="invitation").count()
    assert len(smtp.received) == len(deliveries) - by_link
    assert set(Invitation.objects.values_list("status", flat=True)) == {"sent"}


def test_screen_shows_one_survey_at_a_time_and_nothing_after_its_end() -> None:
    now = timezone.now()
    first, second = queued("a@example.com"), queued("b@example.com")
    kiosk = kiosks.make("Desk", UserFactory(), now)
    token = kiosks.token_of(kiosk)
    assert token is not None
    visit = kiosks.show(kiosk.pk, first.invitation_id, now).visit
    kiosk = kiosks.show(kiosk.pk, second.invitation_id, now)  # nobody had begun
    assert kiosks.begin(kiosk, visit, now) is False
    assert kiosks.begin(kiosk, kiosk.visit, now) is True
    with pytest.raises(CannotShow, match="answering on “Desk”"):
        kiosks.show(kiosk.pk, first.invitation_id, now + kiosks.IDLE / 2)
    shown = kiosks.open_visit(token, kiosk.visit, now, posting=False)
    assert shown is not None
    assert shown.token == in_person.slip_of(Invitation.objects.get(pk=second.invitation_id)).token
    late = now + kiosks.IDLE
    assert kiosks.open_visit(token, kiosk.visit, late, posting=False) is None
    assert kiosks.open_visit(token, kiosk.visit, late, posting=True) is not None
    kiosks.end(token, kiosk.visit)
    assert kiosks.open_visit(token, kiosk.visit, now, posting=True) is None
    assert kiosks.open_visit(token, "", now, posting=True) is None


def test_screen_out_of_use_and_erased_customer_open_nothing() -> None:
    now = timezone.now()
    delivery = queued("a@example.com")
    kiosk = kiosks.make("Desk", UserFactory(), now)
    token = kiosks.token_of(kiosk) or ""
    kiosk = kiosks.show(kiosk.pk, delivery.invitation_id, now)
    kiosks.begin(kiosk, kiosk.visit, now)
    erase("a@example.com", now)
    assert kiosks.open_visit(token, kiosk.visit, now, posting=True) is None
    kiosks.revoke(kiosk.pk, now)
    assert (kiosks.find(token), kiosks.in_use()) == (None, [])
