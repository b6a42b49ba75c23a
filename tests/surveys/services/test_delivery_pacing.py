"""No more mails leave in a second than a limit says, and none waits longer than it makes it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from surveys.channels.base import USUAL
from surveys.models import Delivery
from surveys.services.delivery import Counts, dispatch_round
from surveys.services.delivery_claims import Scope, claim
from surveys.services.delivery_pacing import BURST, EVERYONE, Limit, Waiting, limits_of, pace
from tests.factories import NOW
from tests.smtp_server import SmtpServer
from tests.surveys.services.outbox import queued
from tests.threads import at_once

DOMAINS = ("a.example", "b.example", "c.example")


def fresh(rate: float) -> Limit:
    return Limit(rate, NOW, NOW)


def new_mail(number: int, domain: str) -> Waiting:
    """A mail that has just come."""
    return Waiting(number, limits_of(USUAL, f"ada@{domain}"), queued=False)


def at_most(rate: float, seconds: float) -> float:
    """What the promise allows in a time: rate · (t + BURST), and one."""
    return rate * (seconds + BURST) + 1 + 1e-6


class Played:
    """A queue under limits: mails come, workers look when they like."""

    def __init__(self, rates: dict[str, float]) -> None:
        self.limits = {name: fresh(rate) for name, rate in rates.items()}
        self.waiting: list[tuple[datetime, Waiting]] = []
        self.left: list[tuple[datetime, str]] = []
        self.n_put_off = 0

    def look(self, now: datetime, batch: int = 100) -> None:
        self.waiting.sort(key=lambda due: (due[0], due[1].delivery_id))
        due = [mail for moment, mail in self.waiting if moment <= now][:batch]
        going, later = pace(due, self.limits, now)
        assert going | later.keys() == {mail.delivery_id for mail in due}
        assert all(moment > now for moment in later.values())
        self.n_put_off += len(later)
        kept = [(moment, mail) for moment, mail in self.waiting if mail not in due]
        for mail in due:
            if mail.delivery_id in going:
                self.left.append((now, mail.limits[-1]))
            else:
                again = replace(mail, queued=True)
                kept.append((later[mail.delivery_id], again))
        self.waiting = kept


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30),  # mails that come
            st.sampled_from(DOMAINS),
            st.floats(0, 40),  # seconds until the next look
            st.integers(1, 100),
        ),
        max_size=25,
    ),
    st.dictionaries(st.sampled_from((EVERYONE, *DOMAINS)), st.sampled_from((0.05, 0.5, 3, 20.0))),
)
def test_no_window_holds_more_than_the_limit(
    happened: Sequence[tuple[int, str, float, int]], rates: dict[str, float]
) -> None:
    played, now, n = Played(rates), NOW, 0
    for mails, domain, seconds, batch in happened:
        for _ in range(mails):
            n += 1
            played.waiting.append((now, new_mail(n, domain)))
        played.look(now, batch)
        now += timedelta(seconds=seconds)
    for name, rate in rates.items():
        moments = [at for at, domain in played.left if name in (EVERYONE, domain)]
        for first, since in enumerate(moments):
            for last in range(first, len(moments)):
                seconds = (moments[last] - since).total_seconds()
                assert last - first + 1 <= at_most(rate, seconds), name


@pytest.mark.parametrize("late", [0.0, 600.0])
def test_queue_of_one_domain_is_worked_off_at_its_rate_and_holds_up_no_other(late: float) -> None:
    played = Played({"a.example": 10.0})
    played.waiting = [(NOW, new_mail(k, "a.example")) for k in range(1_000)]
    for _ in range(10):  # in one go, as a worker does while rounds move something
        played.look(NOW)
    assert len(played.left) == 10  # a second's worth
    now = NOW + timedelta(seconds=late)  # all workers may have been away for a while
    played.waiting.append((now, new_mail(5_000, "b.example")))
    for _ in range(11):
        played.look(now)
    assert [domain for _, domain in played.left[10:]].count("b.example") == 1
    for _ in range(1_300):
        now += timedelta(seconds=0.1)
        played.look(now)
    assert not played.waiting
    took = (played.left[-1][0] - NOW).total_seconds() - late
    assert took <= 1_000 / 10 + 1
    if not late:
        assert played.n_put_off == 990  # each once


def test_who_comes_new_stands_behind_the_queue() -> None:
    played = Played({EVERYONE: 1.0})
    played.waiting = [(NOW, new_mail(k, "a.example")) for k in range(5)]
    played.look(NOW)
    played.waiting.append((NOW + timedelta(seconds=2), new_mail(99, "a.example")))
    now, order = NOW, []
    while played.waiting:
        now += timedelta(seconds=0.5)
        before = {mail.delivery_id for _, mail in played.waiting}
        played.look(now)
        order += sorted(before - {mail.delivery_id for _, mail in played.waiting})
    assert order[-1] == 99


def test_who_comes_new_waits_even_where_the_limit_has_recovered() -> None:
    played = Played({EVERYONE: 10.0})
    played.waiting = [(NOW, new_mail(k, "a.example")) for k in range(100)]
    for tenth in range(15):
        played.look(NOW + timedelta(seconds=tenth / 10))
    now = NOW + timedelta(seconds=1.5)
    n_left = len(played.left)
    assert 10 < n_left < 100
    played.waiting = [*played.waiting, (now, new_mail(999, "b.example"))]
    while played.waiting:
        played.look(now)
        now += timedelta(seconds=0.1)
    assert [domain for _, domain in played.left].index("b.example") == 100


def test_long_queue_of_a_domain_does_not_push_back_the_limit_of_all() -> None:
    played = Played({EVERYONE: 2.0, "a.example": 0.01})
    played.waiting = [(NOW, new_mail(k, "a.example")) for k in range(100)]
    played.look(NOW)
    now = NOW + timedelta(seconds=10)
    played.waiting += [(now, new_mail(200 + k, "b.example")) for k in range(20)]
    for _ in range(30):
        played.look(now)
        now += timedelta(seconds=0.5)
    assert [domain for _, domain in played.left].count("b.example") == 20


@pytest.mark.django_db
def test_dispatch_keeps_the_limits_and_gives_the_others_their_moments(
    smtp: SmtpServer, settings: Settings
) -> None:
    settings.MAIL_LIMITS = {"slow.example": 2.0}
    slow = [queued(f"c{k}@SLOW.example") for k in range(5)]
    other = queued("ada@quick.example")

    assert dispatch_round(NOW) == Counts(sent=3, put_off=3)
    assert [mail.recipient for mail in smtp.received].count("ada@quick.example") == 1
    assert Delivery.objects.get(pk=other.pk).status == "sent"
    waiting = Delivery.objects.filter(status="queued", kind="invitation").order_by("due_at")
    assert [mail.due_at - NOW for mail in waiting] == [
        timedelta(seconds=seconds) for seconds in (1.5, 2.0, 2.5)
    ]
    assert all(mail.invitation.due_at == mail.due_at for mail in waiting)

    # An operator who sends what is due now does not send faster either.
    assert dispatch_round(NOW, ignore_delay=True).sent == 0
    assert dispatch_round(NOW + timedelta(seconds=60)) == Counts(sent=2, put_off=1)
    assert dispatch_round(NOW + timedelta(seconds=120)) == Counts(sent=1)
    assert Delivery.objects.filter(pk__in=[mail.pk for mail in slow], status="sent").count() == 5


@pytest.mark.django_db
def test_without_limits_nothing_is_kept(smtp: SmtpServer) -> None:
    queued()
    assert dispatch_round(NOW) == Counts(sent=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM surveys_mailpace")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_workers_take_from_one_limit(settings: Settings) -> None:
    settings.MAIL_LIMITS = {EVERYONE: 7.0}
    for k in range(40):
        queued(f"c{k}@example.com")
    claimed: list[int] = []
    lock = threading.Lock()

    def work() -> None:
        found = claim(Scope(NOW), 10)
        with lock:
            claimed.extend(mail.delivery_id for mail in found.mails)

    at_once(*[work] * 4)
    claim(Scope(NOW), 100)
    assert len(claimed) == len(set(claimed)) <= 7
    assert Delivery.objects.filter(status="sending").count() == 7
