"""The deliverability page: every mail in one line, what waits, and why a case got none."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from analytics.reports.deliverability import deliverability
from surveys.models import Case, Delivery, Heartbeat, Invitation, Suppression, User
from surveys.services import openings
from surveys.services.openings import Opening
from tests.factories import (
    NOW,
    CaseFactory,
    DeliveryFactory,
    InvitationFactory,
    ResolutionFactory,
    ResponseFactory,
)
from tests.surveys.staff import client_of

pytestmark = pytest.mark.django_db
PAGE = "/deliverability/"


@pytest.fixture(autouse=True)
def on_the_day() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin() -> Client:
    return client_of(User.Role.ADMIN)


def words(client: Client, query: str = "") -> str:
    page = client.get(PAGE + query)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def mailed(address: str = "ada@example.com", **fields: Any) -> Invitation:
    invitation: Invitation = InvitationFactory(
        resolution__case__customer__email=address,
        **{"status": "sent", "sent_at": NOW - timedelta(hours=3)} | fields,
    )
    return invitation


def answered(invitation: Invitation) -> None:
    ResponseFactory(invitation=invitation, completed_at=NOW)


def test_page_of_an_empty_installation_says_so(admin: Client) -> None:
    said = words(admin)
    assert "No invitation was mailed since" in said
    assert "nothing waits longer than it should" in said
    assert "The background jobs have not been seen yet" in said
    assert "None" not in said
    assert "nan" not in said.lower()


def test_every_mail_is_in_one_column_of_its_domain(admin: Client) -> None:
    mailed("a@one.example")
    answered(mailed("B@ONE.example", status="expired"))
    mailed("c@one.example", bounced_at=NOW)
    mailed("d@one.example", status="failed", sent_at=None, due_at=NOW - timedelta(hours=1))
    mailed("e@two.example", status="unknown", sent_at=None, due_at=NOW - timedelta(hours=1))
    mailed("f@two.example", sent_at=NOW - timedelta(days=40))  # long ago
    mailed("g@two.example", status="scheduled", sent_at=None)  # not yet
    report = deliverability(NOW - timedelta(days=28), NOW, "UTC")
    assert [
        (line.domain, line.sent, line.delivered, line.bounced, line.refused, line.unknown)
        for line in report.domains
    ] == [("one.example", 4, 2, 1, 1, 0), ("two.example", 1, 0, 0, 0, 1)]
    assert (report.totals.sent, report.totals.completed) == (5, 1)
    assert "one.example 4 2 1 1 0 25" in words(admin)


@given(st.lists(st.integers(0, 60), max_size=35))
@settings(max_examples=5)
def test_lines_of_domains_add_up_to_the_totals(domains: list[int]) -> None:
    with transaction.atomic():
        for number, domain in enumerate(domains):
            mailed(f"c{number}@d{domain}.example", bounced_at=NOW if domain % 3 == 0 else None)
        report = deliverability(NOW - timedelta(days=7), NOW, "UTC")
        transaction.set_rollback(True)
    assert sum(line.sent for line in report.domains) == report.totals.sent == len(domains)
    assert sum(line.bounced for line in report.domains) == report.totals.bounced
    assert sum(line.n_domains for line in report.domains) == len(set(domains))
    for line in report.domains:
        assert line.sent == line.delivered + line.bounced + line.refused + line.unknown
    assert len(report.domains) <= 26


def test_hours_are_those_of_the_customers_clock() -> None:
    at = NOW.replace(hour=10)
    invitation = mailed(sent_at=at, arm="fix_first")
    mailed("b@example.com", sent_at=at, arm="cause_first")
    answered(invitation)
    assert invitation.customer is not None
    invitation.customer.timezone = "Asia/Tokyo"
    invitation.customer.save()
    report = deliverability(NOW - timedelta(days=7), NOW, "Europe/Berlin")
    found = {line.hour: line for line in report.hours}
    assert sorted(found) == [11, 19]
    assert (found[19].fix_first.hits, found[19].fix_first.n, found[19].cause_first.n) == (1, 1, 0)
    assert (found[11].cause_first.n, found[11].all.share) == (1, 0.0)


def test_links_opened_by_machines_are_counted_by_mail(admin: Client) -> None:
    invitation, other = mailed("a@gate.example"), mailed("b@gate.example")
    openings.keep(
        [
            Opening(bytes(invitation.token_hash), NOW, "hidden", "hidden"),
            Opening(bytes(invitation.token_hash), NOW, "F1=1", "agent"),
            Opening(bytes(other.token_hash), NOW, "F1=1"),
        ]
    )
    report = deliverability(NOW - timedelta(days=7), NOW + timedelta(seconds=1), "UTC")
    assert report.domains[0].by_machines == 1


def test_who_wants_no_more_is_counted_by_the_day_they_said_so(admin: Client) -> None:
    for number, (reason, days) in enumerate(
        [("unsubscribed", 1), ("unsubscribed", 50), ("complained", 2), ("manual", 1)]
    ):
        Suppression.objects.create(
            email_hash=f"{number}", reason=reason, created_at=NOW - timedelta(days=days)
        )
    report = deliverability(NOW - timedelta(days=28), NOW, "UTC")
    assert (report.complaints, report.unsubscribed) == (1, 1)
    assert deliverability(NOW - timedelta(days=90), NOW, "UTC").unsubscribed == 2


def test_queue_says_what_is_due_since_when_and_why_it_stands(
    admin: Client, settings: Settings
) -> None:
    settings.MAIL_LIMITS = {"": 0.5, "slow.example": 20 / 3600}
    settings.MESSAGE_LIMITS = {"sms": 1.0}
    DeliveryFactory(due_at=NOW - timedelta(minutes=90), status="queued")
    DeliveryFactory(
        due_at=NOW + timedelta(days=1), status="queued", n_attempts=2, last_error="421 go away"
    )
    DeliveryFactory(due_at=NOW + timedelta(hours=2), status="queued", is_paced=True)
    DeliveryFactory(due_at=NOW, status="sending")
    said = words(admin)
    oldest = timezone.localtime(NOW - timedelta(minutes=90))
    assert f"Due 1 the oldest since {oldest.day} {oldest:%b %Y, %H:%M}" in said
    assert "Planned 2 the next" in said
    assert "Being sent 1" in said
    assert "The last refusal: 421 go away" in said
    limits = "At most 30 a minute by mail, 20 an hour to slow.example, 1 a second by SMS"
    assert f"{limits}; 1 message waits for its turn." in said
    Heartbeat.objects.create(name="beat", seen_at=NOW)
    assert "Nothing is being sent" not in words(admin)


def test_unknown_mail_is_sent_again_by_a_press_and_once(admin: Client) -> None:
    delivery = DeliveryFactory(
        status="unknown", in_flight_at=NOW, last_error="lost", invitation__status="unknown"
    )
    number = delivery.invitation.resolution.case.external_id
    assert "1 mail of unknown outcome" in words(admin)
    assert number in words(admin)

    address = f"{PAGE}unknown/{delivery.pk}/resend/"
    assert admin.get(address).status_code == 405
    assert admin.post(address).status_code == 302
    assert Delivery.objects.get().status == "queued"
    assert "sent again within a minute" in words(admin)
    admin.post(address)
    assert "Only a mail whose outcome is unknown" in words(admin)


def test_all_unknown_mails_are_sent_again_by_one_press(admin: Client) -> None:
    DeliveryFactory.create_batch(
        2, status="unknown", in_flight_at=NOW, invitation__status="unknown"
    )
    address = f"{PAGE}unknown/resend/"
    assert "Send 2 mails again" in words(admin)
    assert admin.get(address).status_code == 405
    assert admin.post(address).status_code == 302
    assert set(Delivery.objects.values_list("status", flat=True)) == {"queued"}
    assert "2 mails are sent again within a minute." in words(admin)
    admin.post(address)
    assert "The others were answered, closed or sent again meanwhile." in words(admin)


def test_unknown_mail_that_was_answered_did_arrive(admin: Client) -> None:
    delivery = DeliveryFactory(status="unknown", in_flight_at=NOW, invitation__status="unknown")
    answered(delivery.invitation)
    page = admin.get(PAGE).content.decode()
    assert "answered: it arrived" in page
    assert "resend" not in page
    admin.post(f"{PAGE}unknown/{delivery.pk}/resend/")
    assert Delivery.objects.get().status == "unknown"


def test_search_tells_why_a_case_was_not_surveyed(admin: Client) -> None:
    invitation = mailed(
        status="skipped", sent_at=None, reason="Asked on 3 November", reason_code="cooldown"
    )
    case = invitation.resolution.case
    said = words(admin, f"?q={case.external_id}")
    assert "Not surveyed" in said
    assert "Asked on 3 November" in said
    unresolved = CaseFactory(status=Case.Status.OPEN)
    assert "Not resolved yet" in words(admin, f"?q={unresolved.external_id}")
    assert "It has not arrived here" in words(admin, "?q=no-such-case")


def test_reasons_are_told_in_words_and_counted(admin: Client) -> None:
    for code in ("cooldown", "cooldown", "sampled_out", "a_new_one"):
        InvitationFactory(
            status="skipped",
            reason_code=code,
            resolution=ResolutionFactory(resolved_at=NOW - timedelta(days=1)),
        )
    said = words(admin)
    assert "The customer was asked lately, or is about to be 2" in said
    assert "a_new_one 1" in said


@pytest.mark.parametrize(
    "query", ["?days=0", "?days=x", "?days=999999999999", "?q=%00", "?q=" + "x" * 999]
)
def test_rubbish_in_the_address_shows_the_usual_page(admin: Client, query: str) -> None:
    words(admin, query)


def test_statements_do_not_grow_with_what_is_shown(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    counts = Counter[int]()
    for n in (1, 4):
        for _ in range(n):
            DeliveryFactory(status="unknown", in_flight_at=NOW, invitation__status="unknown")
        with django_assert_max_num_queries(25) as captured:
            words(admin)
        counts[len(captured)] += 1
    assert len(counts) == 1
