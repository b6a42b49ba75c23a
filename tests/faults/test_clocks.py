"""Clocks that jump, and the hours that daylight saving takes and gives back: nothing is lost,
nothing doubled, and what is due comes when that hour comes."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from analytics import aggregates
from analytics import tasks as counting
from analytics.models import FixDay
from surveys import tasks
from surveys.models import Case, CaseEvent, Delivery, Invitation, Policy, Response
from surveys.respondent.base import LIMITER
from surveys.services import delivery, keys
from surveys.services.delivery_claims import LEASE
from surveys.services.expiry import waiting_silently
from surveys.services.publishing import ensure_defaults
from surveys.services.tokens import token_of
from tests.analytics.answered import answer, invitations
from tests.factories import NOW, InvitationFactory
from tests.faults.conftest import Note
from tests.smtp_server import SmtpServer
from tests.surveys.services.outbox import queued, story
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
JUMPS = "the clock jumps"
DST = "daylight saving begins and ends"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    LIMITER.clear()
    monkeypatch.setattr(tasks, "_paused_until", 0.0)


def work_at(moment: dt.datetime) -> None:
    """A worker's tasks, by this clock."""
    with time_machine.travel(moment):
        tasks.dispatch_due()
        tasks.expire_due()
        counting.aggregate()


def test_mails_are_sent_once_whatever_way_the_clock_jumps(smtp: SmtpServer, note: Note) -> None:
    mails = [queued(f"customer{k}@example.com", due_at=NOW + k * DAY) for k in range(3)]
    for moment in (NOW, NOW - DAY, NOW + DAY, NOW - 30 * DAY, NOW, NOW + DAY, NOW + 2 * DAY):
        work_at(moment)
    assert Counter(smtp.recipients) == {f"customer{k}@example.com": 1 for k in range(3)}
    assert [story(mail) for mail in mails] == [("sent", "sent")] * 3
    note(JUMPS, "dispatch", len(mails))


def test_worker_whose_clock_is_ahead_takes_a_mail_away_but_never_sends_it_again(
    smtp: SmtpServer, note: Note
) -> None:
    """To it every lease has run out; the mail is just being sent, so nobody knows."""
    mail = queued()

    def ahead(verb: str) -> None:
        if verb == "DOT":
            smtp.watch = None
            at_once(lambda: delivery.dispatch_all(clock=lambda: NOW + LEASE + DAY))

    smtp.watch = ahead
    delivery.dispatch_all(clock=lambda: NOW)
    for moment in (NOW, NOW + DAY, NOW + 2 * DAY):
        delivery.dispatch_all(clock=lambda at=moment: at)  # type: ignore[misc]
    assert smtp.recipients == ["ada@example.com"]
    assert story(mail) == ("unknown", "unknown")
    note(JUMPS, "dispatch", 1, unknown=1)


def test_reminders_and_ends_come_once_whatever_way_the_clock_jumps(
    smtp: SmtpServer, note: Note
) -> None:
    mail = queued()
    Policy.objects.update(reminder_days=4, close_days=14)
    for days in (0, -2, 3, 5, 4, -1, 13, 5):
        work_at(NOW + days * DAY)
    assert smtp.recipients == ["ada@example.com"] * 2  # the invitation, and its reminder
    assert story(mail) == ("sent", "sent")
    for days in (15, 0, 15, 30):
        work_at(NOW + days * DAY)
    assert story(mail) == ("sent", "expired")
    assert len(smtp.received) == 2
    assert list(waiting_silently(NOW + 30 * DAY)) == []
    note(JUMPS, "reminder, expiry", 2)


def test_cases_told_again_by_another_clock_are_the_same_cases(note: Note) -> None:
    ensure_defaults()
    _, secret = keys.create("helpdesk", ["cases:write"])
    cases = [
        {
            "external_id": str(number),
            "status": status,
            "occurred_at": (NOW - timedelta(hours=number)).isoformat(),
            "resolved_at": (NOW - timedelta(hours=number)).isoformat(),
            "customer": {"email": f"customer{number}@example.com"},
        }
        for number in (1, 2, 3)
        for status in ("open", "resolved")
    ]
    headers = {"Authorization": f"Bearer {secret}", "Host": "localhost"}
    for jump in (timedelta(0), -timedelta(hours=20), 3 * DAY, -timedelta(hours=2)):
        with time_machine.travel(NOW + jump):
            answered = Client().post(
                "/api/v1/cases/",
                json.dumps({"cases": cases}),
                content_type="application/json",
                headers=headers,
            )
        assert answered.status_code in (200, 201)
        assert b"rejected" not in answered.content
    assert (Case.objects.count(), CaseEvent.objects.count()) == (3, 6)
    assert Invitation.objects.count() == 3
    note(JUMPS, "intake", len(cases))


def test_answers_sent_while_the_clock_goes_back_are_kept_in_the_order_sent(note: Note) -> None:
    invitation = InvitationFactory()
    path = f"/s/{token_of(invitation.nonce)}/"
    jumps = (timedelta(hours=3), timedelta(0), timedelta(hours=1), -timedelta(hours=5))
    for given, jump in enumerate(jumps, start=1):
        with time_machine.travel(NOW + jump):
            body = urlencode({"page": "fix", "F1": str(given)}).encode()
            kind = "application/x-www-form-urlencoded"
            sent = Client(headers={"Host": "localhost"}).post(path, body, content_type=kind)
            assert sent.status_code == 303
            aggregates.apply_changes()
    stored = Response.objects.get()
    assert (stored.f1, stored.n_revisions) == (4, 4)
    assert [one.answers["F1"] for one in stored.revisions.order_by("number")] == [1, 2, 3, 4]
    assert aggregates.verify() == []
    assert FixDay.objects.filter(scope="all", basis="a").aggregate(n=Sum("h4"))["n"] == 1
    note(JUMPS, "answer", 4)
    note(JUMPS, "aggregate", 1)


@pytest.mark.parametrize(
    ("night", "zone"),
    [
        ("2026-03-29", "Europe/Berlin"),
        ("2026-10-25", "Europe/Berlin"),
        ("2026-04-05", "Australia/Lord_Howe"),
    ],
)
def test_days_add_up_to_the_total_over_the_hour_that_is_missing_or_comes_twice(
    night: str, zone: str, note: Note
) -> None:
    """An answer every two hours for two days; the database counts in a zone of its own."""
    midnight = dt.datetime.fromisoformat(night).replace(tzinfo=dt.UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('timezone', %s, FALSE)", [zone])
    try:
        asked = invitations(24)
        for k, one in enumerate(asked):
            answer(one, at=midnight + timedelta(hours=2 * k - 24, minutes=30), f1=1 + k % 5, c1=2)
            aggregates.apply_changes()
        assert aggregates.verify() == []
        cells = [f"h{rating}" for rating in range(1, 6)]
        counted = FixDay.objects.filter(scope="all", basis="a").aggregate(*map(Sum, cells))
        assert sum(counted.values()) == len(asked) == Response.objects.count()
    finally:
        connection.close()
    note(DST, "aggregate", len(asked))


@pytest.mark.parametrize(
    ("resolved", "due"),
    [
        # Two o'clock is followed by three: eight in the morning comes an hour sooner.
        ("2026-03-28T18:00+00:00", "2026-03-29T06:00+00:00"),
        # Three o'clock is followed by two: it comes an hour later.
        ("2026-10-24T18:00+00:00", "2026-10-25T07:00+00:00"),
    ],
)
def test_mail_held_over_the_night_of_the_change_leaves_at_eight_by_the_customers_clock(
    smtp: SmtpServer, note: Note, resolved: str, due: str
) -> None:
    moment = dt.datetime.fromisoformat(due)
    mail = queued(
        due_at=dt.datetime.fromisoformat(resolved),
        invitation__resolution__case__customer__timezone="Europe/Berlin",
    )
    Policy.objects.update(quiet_hours={"start": "20:00", "end": "08:00"}, reminder_days=None)
    hours_before = (10, 7, 6.5, 6, 5.5, 5, 1, 1 / 60)  # each hour that comes twice, too
    for hours in hours_before:
        work_at(moment - timedelta(hours=hours))
        assert smtp.received == []
    for hours in (0.0, 0.5, 1.0, 24.0):
        work_at(moment + timedelta(hours=hours))
        assert smtp.recipients == ["ada@example.com"]
    assert story(mail) == ("sent", "sent")
    assert Delivery.objects.get().sent_at - moment < timedelta(minutes=1)  # type: ignore[operator]
    note(DST, "dispatch", 1)


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_survey_that_ends_in_the_night_of_the_change_ends_once_and_in_time(
    day: dt.date, note: Note
) -> None:
    end = dt.datetime.combine(day, dt.time(1), tzinfo=dt.UTC)  # when the clocks are changed
    invitation = InvitationFactory(sent_at=end - 14 * DAY, expires_at=end)
    for minutes, status in ((-60, "sent"), (-1, "sent"), (0, "expired"), (-30, "expired")):
        work_at(end + timedelta(minutes=minutes, seconds=1 if minutes == 0 else 0))
        invitation.refresh_from_db()
        assert invitation.status == status, timezone.localtime(end)
    note(DST, "reminder, expiry", 1)
