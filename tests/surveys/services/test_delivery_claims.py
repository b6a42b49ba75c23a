"""Who is still written to when a mail comes due, and what becomes of a dead worker's mails."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from typing import Any
from uuid import uuid4

import pytest

from surveys.models import Delivery, Invitation, Suppression
from surveys.services.delivery import (
    CannotResend,
    Counts,
    dispatch_all,
    dispatch_round,
    resend_all_unknown,
    resend_unknown,
)
from surveys.services.delivery_claims import MAX_ATTEMPTS
from surveys.services.suppressions import suppress
from tests.factories import NOW, CustomerFactory, InvitationFactory, ResponseFactory
from tests.smtp_server import ACCEPT_AND_DROP, SmtpServer
from tests.surveys.services.outbox import queued, queued_reminder, story

pytestmark = pytest.mark.django_db


def test_suppressed_address_is_not_written_to(smtp: SmtpServer) -> None:
    delivery = queued()
    suppress("Ada@Example.com ", Suppression.Reason.UNSUBSCRIBED, now=NOW)

    assert story(delivery) == ("cancelled", "cancelled")
    assert dispatch_round(NOW) == Counts()
    invitation = Invitation.objects.get()
    assert (invitation.reason, invitation.reason_code) == (
        "Customer unsubscribed on 20 November 2026",
        "suppressed",
    )


def test_claim_finds_a_suppression_that_cancelled_nothing(smtp: SmtpServer) -> None:
    suppress("ada@example.com", Suppression.Reason.MANUAL, now=NOW)
    delivery = queued("ada@example.com")

    assert dispatch_round(NOW) == Counts(skipped=1)
    assert story(delivery) == ("cancelled", "cancelled")
    assert smtp.received == []


def test_reopened_case_is_not_asked_about(smtp: SmtpServer) -> None:
    delivery = queued()
    resolution = delivery.invitation.resolution
    resolution.reopened_at = NOW
    resolution.save()

    assert dispatch_round(NOW) == Counts(skipped=1)
    assert story(delivery) == ("cancelled", "cancelled")
    assert Invitation.objects.get().reason_code == "reopened"


def test_erased_customer_and_missing_address_are_not_written_to(smtp: SmtpServer) -> None:
    erased, nameless = queued("a@example.com"), queued("b@example.com")
    customer = erased.invitation.customer
    assert customer is not None
    customer.erased_at = NOW
    customer.save()
    Invitation.objects.filter(pk=nameless.invitation_id).update(customer=None)

    assert dispatch_round(NOW) == Counts(skipped=2)
    codes = dict(Invitation.objects.values_list("pk", "reason_code"))
    assert codes == {erased.invitation_id: "erased", nameless.invitation_id: "no_address"}


@pytest.mark.parametrize("status", ["answered", "expired", "cancelled"])
def test_reminder_that_lost_its_point_is_not_sent(smtp: SmtpServer, status: str) -> None:
    reminder = queued_reminder()
    if status == "answered":
        ResponseFactory(invitation=reminder.invitation)
    else:
        Invitation.objects.update(status=status)

    assert dispatch_round(NOW) == Counts(skipped=1)
    assert story(reminder) == ("cancelled", "sent" if status == "answered" else status)
    assert smtp.received == []


def test_reminder_is_not_sent_once_the_survey_is_over_though_nobody_closed_it_yet(
    smtp: SmtpServer,
) -> None:
    reminder = queued_reminder()
    Invitation.objects.update(expires_at=NOW)

    assert dispatch_round(NOW) == Counts(skipped=1)
    assert story(reminder) == ("cancelled", "sent")
    assert smtp.received == []


def test_customer_asked_lately_is_skipped(smtp: SmtpServer) -> None:
    delivery = queued()
    InvitationFactory(
        customer=delivery.invitation.customer, status="expired", sent_at=NOW - timedelta(days=29)
    )

    assert dispatch_round(NOW) == Counts(skipped=1)
    assert story(delivery) == ("cancelled", "skipped")
    assert Invitation.objects.get(pk=delivery.invitation_id).reason_code == "cooldown"


def test_customer_is_asked_once_however_many_are_due(smtp: SmtpServer) -> None:
    customer = CustomerFactory(email="ada@example.com")
    for _ in range(3):
        queued(invitation__customer=customer, invitation__resolution__case__customer=customer)

    assert dispatch_all(clock=lambda: NOW) == Counts(sent=1, skipped=2)
    assert smtp.recipients == ["ada@example.com"]


def test_second_survey_waits_while_the_first_is_being_sent(smtp: SmtpServer) -> None:
    delivery = queued()
    InvitationFactory(
        customer=delivery.invitation.customer, status="sending", sent_at=None, due_at=NOW
    )

    assert dispatch_round(NOW) == Counts()
    assert story(delivery) == ("queued", "scheduled")


# --- leases ---------------------------------------------------------------------------------------


def leased(**fields: Any) -> Delivery:
    return queued(
        status="sending",
        invitation__status="sending",
        lease=uuid4(),
        lease_until=NOW - timedelta(seconds=1),
        n_attempts=1,
        **fields,
    )


def test_mail_of_a_dead_worker_is_sent_by_another(smtp: SmtpServer) -> None:
    delivery = leased()

    assert dispatch_round(NOW) == Counts(returned=1, sent=1)
    assert story(delivery) == ("sent", "sent")


def test_mail_in_flight_when_its_worker_died_is_unknown(smtp: SmtpServer) -> None:
    delivery = leased(in_flight_at=NOW - timedelta(minutes=2))

    assert dispatch_round(NOW) == Counts(unknown=1)
    assert story(delivery) == ("unknown", "unknown")
    invitation = Invitation.objects.get()
    assert invitation.expires_at == NOW - timedelta(minutes=2) + timedelta(days=14)
    assert smtp.verbs == []


def test_lease_that_runs_is_left_alone(smtp: SmtpServer) -> None:
    delivery = leased()
    Delivery.objects.update(lease_until=NOW + timedelta(seconds=1))

    assert dispatch_round(NOW) == Counts()
    assert story(delivery) == ("sending", "sending")


def test_mail_that_kills_its_workers_is_given_up(smtp: SmtpServer) -> None:
    delivery = leased()
    Delivery.objects.update(n_attempts=MAX_ATTEMPTS)

    assert dispatch_round(NOW) == Counts(returned=1, skipped=1)
    assert story(delivery) == ("failed", "failed")


# --- an operator's resend -------------------------------------------------------------------------


def test_unknown_mail_is_sent_again_on_request(smtp: SmtpServer) -> None:
    delivery = queued()
    smtp.on("DOT", ACCEPT_AND_DROP, times=1)
    dispatch_round(NOW)

    resend_unknown(delivery.pk, now=NOW)
    assert story(delivery) == ("queued", "scheduled")
    assert dispatch_round(NOW) == Counts(sent=1)

    ids = {message_from_bytes(mail.content)["Message-ID"] for mail in smtp.received}
    assert (len(smtp.received), len(ids)) == (2, 1)


def test_all_unknown_mails_are_sent_again_but_those_answered(smtp: SmtpServer) -> None:
    mails = [queued(f"c{number}@example.com") for number in range(4)]
    sent, answered, *lost = mails
    dispatch_round(NOW)
    ResponseFactory(invitation=answered.invitation)
    Delivery.objects.exclude(pk=sent.pk).filter(kind="invitation").update(status="unknown")
    Invitation.objects.exclude(pk=sent.invitation_id).update(status="unknown")

    assert resend_all_unknown(1, now=NOW) == (1, 0)
    assert resend_all_unknown(10, now=NOW) == (1, 0)
    assert [story(mail) for mail in lost] == [("queued", "scheduled")] * 2
    assert story(answered) == ("unknown", "unknown")
    assert story(sent) == ("sent", "sent")
    assert resend_all_unknown(10, now=NOW) == (0, 0)


def test_only_unknown_and_unanswered_mails_are_sent_again(smtp: SmtpServer) -> None:
    sent = queued()
    dispatch_round(NOW)
    with pytest.raises(CannotResend, match="Only a mail whose outcome is unknown"):
        resend_unknown(sent.pk, now=NOW)

    ResponseFactory(invitation=sent.invitation)
    Delivery.objects.filter(pk=sent.pk).update(status="unknown")
    with pytest.raises(CannotResend, match="has been answered"):
        resend_unknown(sent.pk, now=NOW)
