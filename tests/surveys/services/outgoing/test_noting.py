"""What is noted, where: in the transaction of what happened, and of nobody who was erased."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from surveys.mail.reports import Fate, Kind
from surveys.models import (
    OutgoingEvent,
    ReportTally,
    WebhookAttempt,
    WebhookDelivery,
)
from surveys.services import answering, bounces, in_person, privacy
from surveys.services.delivery import dispatch_all
from surveys.services.delivery_claims import MAX_ATTEMPTS
from surveys.services.outgoing import queue, sending
from surveys.services.outgoing.addresses import look_up
from surveys.services.outgoing.sending import send_due
from surveys.services.outgoing.sorting import sort
from surveys.services.suppressions import suppress
from surveys.services.tokens import token_of
from tests.factories import InvitationFactory
from tests.smtp_server import SmtpServer
from tests.surveys.services.conftest import smtp
from tests.surveys.services.outbox import queued
from tests.surveys.services.outgoing.conftest import Subscribe, answer
from tests.webhook_receiver import Receiver

__all__ = ["smtp"]

pytestmark = pytest.mark.django_db


def noted() -> list[tuple[str, int | None]]:
    return list(OutgoingEvent.objects.order_by("pk").values_list("type", "invitation_id"))


def test_mails_that_left_are_told_and_those_refused_for_good(
    receiver: Receiver, subscribe: Subscribe, smtp: SmtpServer
) -> None:
    subscribe()
    mails = [queued(f"customer{n}@example.com") for n in range(3)]
    smtp.on("RCPT", "550 5.1.1 no such user", recipient="customer1@example.com")
    queued("sample@example.com", invitation__is_sample=True)
    dispatch_all(clock=timezone.now)
    events = ["invitation.sent", "invitation.failed", "invitation.sent"]
    expected = {(event, mail.invitation_id) for event, mail in zip(events, mails, strict=True)}
    assert set(noted()) == expected
    send_due(0.2)
    told = [each.body for each in receiver.received]
    assert {(body["type"], body["data"]["invitation"]["id"]) for body in told} == expected
    statuses = {body["type"]: body["data"]["invitation"]["status"] for body in told}
    assert statuses == {"invitation.sent": "sent", "invitation.failed": "failed"}
    assert not any(b"customer" in each.raw for each in receiver.received)


def test_mail_that_is_given_up_is_told_and_one_withdrawn_is_not(
    receiver: Receiver, subscribe: Subscribe, smtp: SmtpServer
) -> None:
    subscribe()
    mail = queued(n_attempts=MAX_ATTEMPTS)
    suppress("bob@example.com", "unsubscribed", now=timezone.now())
    queued("bob@example.com")
    dispatch_all(clock=timezone.now)
    assert smtp.received == []
    assert noted() == [("invitation.failed", mail.invitation_id)]


def test_no_note_of_mails_where_nobody_asked(smtp: SmtpServer) -> None:
    queued()
    dispatch_all(clock=timezone.now)
    assert len(smtp.received) == 1
    assert noted() == []


def test_link_handed_over_is_sent_and_one_that_came_back_bounced(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    mail = queued(due_at=timezone.now() + dt.timedelta(days=1))
    in_person.hand_out(mail.invitation_id, timezone.now())
    assert noted() == [("invitation.sent", mail.invitation_id)]
    with transaction.atomic():
        fate = Fate(Kind.HARD, "5.1.1", "no such user")
        told = [bounces.take_told(mail.pk, fate, "x", timezone.now()) for _ in range(2)]
    assert told == [ReportTally.Outcome.RECORDED, ReportTally.Outcome.DUPLICATE]
    assert noted()[1:] == [("invitation.bounced", mail.invitation_id)]


def test_completed_once_then_changed_and_nothing_before_it_is_complete(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    invitation = answer(F1=4)
    assert noted() == []
    answer(invitation, C1=2)
    answer(invitation, C1=2)
    answer(invitation, C1=3)
    assert [event for event, _ in noted()] == ["response.completed", "response.changed"]
    answer(InvitationFactory(expires_at=None, is_sample=True))
    assert len(noted()) == 2


def test_note_falls_with_the_transaction_of_what_happened(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    with transaction.atomic():
        answer()
        assert len(noted()) == 1
        transaction.set_rollback(True)
    assert noted() == []


def test_answer_stays_one_statement(
    receiver: Receiver,
    subscribe: Subscribe,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    subscribe()
    invitation = InvitationFactory(expires_at=None)
    now = timezone.now()
    asked = answering.find(token_of(invitation.nonce), now)
    assert asked is not None
    with django_assert_num_queries(1):
        answering.store_answers(asked, {"F1": 5, "C1": 1}, language="en", now=now)
    assert len(noted()) == 1


@pytest.mark.parametrize("when", ["noted", "queued", "delivered", "being sent"])
def test_erasure_reaches_what_is_to_be_told_and_the_log(
    receiver: Receiver, subscribe: Subscribe, when: str
) -> None:
    subscribe(with_personal_data=True)
    invitation = answer(F1=1, C1=5, fix_comment="I am Ada")
    email = invitation.customer.email
    receiver.says = f"welcome, {email}".encode()
    if when == "queued":
        sort(timezone.now())
    if when == "delivered":
        assert send_due(0.1).delivered == 1
        assert email in WebhookAttempt.objects.get().answer
    if when == "being sent":
        _erased_while_it_is_sent(receiver, email)
    else:
        privacy.erase(email, timezone.now())
    assert (noted(), WebhookDelivery.objects.count(), WebhookAttempt.objects.count()) == ([], 0, 0)
    receiver.received.clear()
    assert send_due(0.1).delivered == 0
    assert receiver.received == []


def _erased_while_it_is_sent(receiver: Receiver, email: str) -> None:
    sort(timezone.now())
    (claimed,) = queue.claim(timezone.now(), 5)
    request = sending._request(claimed, timezone.now())
    assert request is not None
    sent = sending._send(request, look_up)
    privacy.erase(email, timezone.now())
    assert queue.end(claimed, sent.answer, sent.started_at, timezone.now()) is False
