"""Reports that arrive at the same moment as each other, an answer, a send or a wish."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from surveys.models import Delivery, DeliveryReport, Invitation, Response, Suppression
from surveys.services import bounces
from surveys.services.delivery import dispatch_round
from surveys.services.expiry import expire_due
from surveys.services.suppressions import suppress
from tests.factories import NOW, ResponseFactory
from tests.smtp_server import SmtpServer
from tests.surveys.mail.reports import corpus
from tests.surveys.services.came_back import ADDRESS, HARD, about, bounce, complaint, sent, take
from tests.surveys.services.outbox import queued, story
from tests.threads import PATIENCE, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ADDRESS


def test_same_report_by_both_doors_at_once_is_one() -> None:
    for n in range(5):
        mail = sent(f"ada{n}@example.com")
        raw = bounce(mail, *HARD)
        done = at_once(*[lambda raw=raw: take(raw)] * 3)
        assert sorted(done) == ["duplicate", "duplicate", "recorded"]
        assert DeliveryReport.objects.filter(delivery=mail).count() == 1


def test_reports_of_one_person_at_once_do_not_get_in_each_others_way() -> None:
    first = sent("ada@example.com")
    person = first.invitation.customer
    mails = [first, *(sent(customer=person) for _ in range(3))]
    at_once(
        *[lambda mail=mail: take(bounce(mail, *HARD)) for mail in mails],
        lambda: take(complaint(mails[0])),
        lambda: suppress("ada@example.com", "unsubscribed", now=NOW),
    )
    assert Suppression.objects.get().reason == "unsubscribed"
    assert DeliveryReport.objects.count() == 5
    assert {story(mail) for mail in mails} == {("failed", "failed")}


def test_bounce_beside_an_answer_leaves_one_of_two_whole_ends() -> None:
    for n in range(8):
        mail = sent(f"ada{n}@example.com")
        raw = bounce(mail, *HARD)
        at_once(lambda: take(raw), lambda: ResponseFactory(invitation=mail.invitation))  # noqa: B023
        report = DeliveryReport.objects.get(delivery=mail)
        is_suppressed = Suppression.objects.filter(email=f"ada{n}@example.com").exists()
        invitation = Invitation.objects.get(pk=mail.invitation_id)
        assert Response.objects.filter(invitation=invitation).count() == 1
        came_back = report.effect == "suppressed"
        assert is_suppressed is came_back
        assert (invitation.bounced_at is not None) is came_back


def test_bounce_that_overtakes_the_end_of_its_send_is_put_off(smtp: SmtpServer) -> None:
    delivery = queued("ada@example.com")
    seen: list[str] = []

    def report(verb: str) -> None:
        """The server reports, over another session, before it has said 250."""
        if verb == "DOT":
            try:
                raw = about(delivery, corpus.dsn(corpus.recipient("failed", *HARD)))
                at_once(lambda: take(raw))
            except bounces.NotSettled:
                seen.append("put off")

    smtp.watch = report
    assert dispatch_round(NOW).sent == 1
    assert (seen, story(delivery)) == (["put off"], ("sent", "sent"))
    take(bounce(delivery, *HARD))
    assert story(delivery) == ("failed", "failed")
    assert list(Delivery.objects.values_list("kind", "status").order_by("pk")) == [
        ("invitation", "failed"),
        ("reminder", "cancelled"),
    ]


def test_bounce_waits_for_the_survey_that_is_being_closed() -> None:
    mail = sent("ada@example.com")
    raw = bounce(mail, *HARD)
    is_closed, is_asked = Event(), Event()

    def close() -> None:
        with transaction.atomic():
            assert expire_due(NOW + timedelta(days=14)) == 1
            is_closed.set()
            is_asked.wait(PATIENCE)
            time.sleep(0.2)  # the report is on its way, or waits

    def report() -> None:
        is_closed.wait(PATIENCE)
        is_asked.set()
        take(raw, NOW + timedelta(days=14))

    at_once(close, report)
    # What was committed before is not overwritten by what was read before.
    assert story(mail) == ("failed", "expired")
    assert Invitation.objects.get(pk=mail.invitation_id).bounced_at is not None
