"""Dispatch against everything that may happen at the same moment, on committed data."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from surveys.models import Delivery, Invitation, Resolution, Suppression
from surveys.services import delivery_lanes
from surveys.services.delivery import BATCH, Counts, dispatch_all, dispatch_round
from surveys.services.delivery_claims import LEASE, Scope, claim
from surveys.services.delivery_lanes import FIRST_LANES, LANES, dispatch_backlog
from surveys.services.suppressions import suppress
from tests.factories import NOW
from tests.smtp_server import SmtpServer
from tests.surveys.services.outbox import queued, story
from tests.threads import PATIENCE, at_once

pytestmark = pytest.mark.django_db(transaction=True)

Forbid = Callable[[Delivery], None]


def unsubscribe(delivery: Delivery) -> None:
    customer = delivery.invitation.customer
    assert customer is not None
    suppress(customer.email, Suppression.Reason.UNSUBSCRIBED, now=NOW)


def reopen(delivery: Delivery) -> None:
    Resolution.objects.filter(pk=delivery.invitation.resolution_id).update(reopened_at=NOW)


def erase(delivery: Delivery) -> None:
    customer = delivery.invitation.customer
    assert customer is not None
    customer.erased_at, customer.key = NOW, f"erased:{customer.pk}"
    customer.save(update_fields=["erased_at", "key"])


FORBIDDEN: list[tuple[Forbid, str]] = [
    (unsubscribe, "suppressed"),
    (reopen, "reopened"),
    (erase, "erased"),
]


def test_what_one_worker_looks_at_no_other_claims() -> None:
    """One stands still between finding what is due and looking closer."""
    for number in range(3):
        queued(f"customer{number}@example.com")
    others: list[int] = []

    def claim_as_another() -> None:
        others.extend(mail.delivery_id for mail in claim(Scope(NOW), BATCH).mails)

    class StandsStill:
        is_first = True

        def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            found = execute(sql, params, many, context)
            if self.is_first:
                self.is_first = False
                at_once(claim_as_another)
            return found

    with connection.execute_wrapper(StandsStill()):
        own = [mail.delivery_id for mail in claim(Scope(NOW), BATCH).mails]

    assert sorted(own + others) == sorted(set(own + others))
    assert len(own + others) == 3


def test_five_rounds_at_once_send_each_mail_once(smtp: SmtpServer) -> None:
    mails = [queued(f"customer{number}@example.com") for number in range(30)]

    work = partial(dispatch_all, clock=lambda: NOW)
    results = at_once(*[work] * 5)

    assert sum(counts.sent for counts in results) == 30
    assert Counter(smtp.recipients) == {f"customer{number}@example.com": 1 for number in range(30)}
    assert {story(mail) for mail in mails} == {("sent", "sent")}


def test_two_workers_ask_one_customer_once(smtp: SmtpServer) -> None:
    first = queued()
    customer = first.invitation.customer
    for _ in range(3):
        queued(invitation__customer=customer, invitation__resolution__case__customer=customer)

    at_once(*[partial(dispatch_all, clock=lambda: NOW)] * 2)
    dispatch_all(clock=lambda: NOW)

    assert len(smtp.received) == 1
    assert Counter(Invitation.objects.values_list("status", flat=True)) == {"sent": 1, "skipped": 3}


@pytest.mark.parametrize(("forbid", "code"), FORBIDDEN)
def test_claim_passes_over_what_is_just_being_forbidden(
    smtp: SmtpServer, forbid: Forbid, code: str
) -> None:
    delivery = queued()
    begun, may_commit = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                forbid(delivery)
                begun.set()
                may_commit.wait(PATIENCE)
        finally:
            connection.close()

    other = Thread(target=hold)
    other.start()
    assert begun.wait(PATIENCE)
    assert dispatch_round(NOW) == Counts()
    may_commit.set()
    other.join(PATIENCE)

    dispatch_round(NOW)
    assert story(delivery) == ("cancelled", "cancelled")
    assert Invitation.objects.get().reason_code == code
    assert smtp.received == []


@pytest.mark.parametrize(("forbid", "code"), FORBIDDEN)
def test_mail_forbidden_after_its_claim_does_not_leave(
    smtp: SmtpServer, forbid: Forbid, code: str
) -> None:
    """The worker has the mail and has offered it to the server when the other side commits."""
    delivery = queued()

    def forbid_now(verb: str) -> None:
        if verb == "RCPT":
            try:
                forbid(delivery)
            finally:
                connection.close()

    smtp.watch = forbid_now
    assert dispatch_round(NOW) == Counts(skipped=1)
    assert story(delivery) == ("cancelled", "cancelled")
    assert Invitation.objects.get().reason_code == code
    assert smtp.received == []


@pytest.mark.parametrize("forbid", [forbid for forbid, _ in FORBIDDEN])
def test_mail_and_prohibition_at_the_same_moment_agree(smtp: SmtpServer, forbid: Forbid) -> None:
    """Whoever wins: a mail that left is marked as sent, any other is cancelled, none waits."""
    for number in range(8):
        delivery = queued(f"customer{number}@example.com")
        smtp.received.clear()
        at_once(partial(dispatch_round, NOW), partial(forbid, delivery))
        dispatch_round(NOW)
        assert (story(delivery), len(smtp.received)) in [
            (("sent", "sent"), 1),
            (("cancelled", "cancelled"), 0),
        ]


def test_worker_that_lost_its_lease_neither_sends_nor_marks(smtp: SmtpServer) -> None:
    delivery, other = queued(), uuid4()

    def take_over(verb: str) -> None:
        if verb == "RCPT":
            Delivery.objects.update(lease=other)
            connection.close()

    smtp.watch = take_over
    assert dispatch_round(NOW) == Counts()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.lease, delivery.in_flight_at) == ("sending", other, None)
    assert smtp.received == []


def test_mail_taken_back_while_in_flight_stays_unknown(smtp: SmtpServer) -> None:
    """The server is so slow that another worker has already found the lease run out."""
    delivery = queued()

    def take_back(verb: str) -> None:
        if verb == "DOT":
            try:
                dispatch_round(NOW + LEASE * 2)
            finally:
                connection.close()

    smtp.watch = take_back
    assert dispatch_round(NOW) == Counts(unknown=1)
    assert story(delivery) == ("unknown", "unknown")
    assert len(smtp.received) == 1


def test_backlog_goes_on_in_the_lanes_that_the_server_takes(smtp: SmtpServer) -> None:
    for number in range(BATCH):
        queued(f"customer{number}@example.com")
    smtp.on("CONNECT", "421 4.7.0 too many connections from you", times=1)

    assert dispatch_backlog(clock=lambda: NOW) == Counts(sent=BATCH)
    assert smtp.verbs.count("CONNECT") == 2
    assert Counter(smtp.recipients) == {f"customer{n}@example.com": 1 for n in range(BATCH)}


def test_backlog_stops_where_no_lane_is_taken(smtp: SmtpServer) -> None:
    for number in range(BATCH):
        queued(f"customer{number}@example.com")
    smtp.close()

    counts = dispatch_backlog(clock=lambda: NOW)
    assert (counts.sent, counts.stopped.startswith("the mail server")) == (0, True)
    assert set(Delivery.objects.values_list("status", "n_attempts")) == {("queued", 0)}


@pytest.mark.parametrize(("patience", "n_sessions"), [(60.0, FIRST_LANES), (0.01, LANES)])
def test_more_lanes_join_in_only_where_the_mail_server_takes_its_time(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch, patience: float, n_sessions: int
) -> None:
    n_mails = LANES * BATCH
    for number in range(n_mails):
        queued(f"customer{number}@example.com")
    monkeypatch.setattr(delivery_lanes, "PATIENCE", patience)
    smtp.watch = lambda verb: time.sleep(0.002) if verb == "DOT" else None

    assert dispatch_backlog(clock=lambda: NOW) == Counts(sent=n_mails)
    assert smtp.verbs.count("CONNECT") == n_sessions
    assert len(set(smtp.recipients)) == len(smtp.recipients) == n_mails
