"""Digests: due when the calendar says, and planned once."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from analytics.kept import DigestMail, DigestSubscription
from analytics.sharing.digests import planning
from analytics.sharing.digests.planning import Cadence, next_due
from surveys.models import User
from tests.analytics.sharing.conftest import MONDAY
from tests.analytics.sharing.digesting import reader, send, subscribed
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db
Role = User.Role
Status = DigestMail.Status


@pytest.mark.parametrize(
    ("cadence", "zone", "after", "due"),
    [
        ("daily", "UTC", "2026-11-22T07:59", "2026-11-22T08:00"),
        ("daily", "UTC", "2026-11-22T08:00", "2026-11-23T08:00"),
        ("weekly", "Europe/Berlin", "2026-11-22T12:00", "2026-11-23T07:00"),
        ("weekly", "Pacific/Auckland", "2026-11-22T12:00", "2026-11-22T19:00"),
        ("monthly", "America/New_York", "2026-01-31T23:00", "2026-02-01T13:00"),
        # An hour of winter's and of summer's time: always eight o'clock there.
        ("daily", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T06:00"),
        ("daily", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T07:00"),
    ],
)
def test_a_digest_is_due_at_its_hour_where_the_reader_is(
    cadence: str, zone: str, after: str, due: str
) -> None:
    moment = dt.datetime.fromisoformat(f"{after}+00:00")
    found = next_due(Cadence(cadence), 8, ZoneInfo(zone), moment)
    assert found == dt.datetime.fromisoformat(f"{due}+00:00")


def test_an_hour_that_the_clock_skips_or_repeats_comes_once() -> None:
    berlin, spring = ZoneInfo("Europe/Berlin"), dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    skipped = next_due(Cadence.DAILY, 2, berlin, spring)
    assert skipped == dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)
    repeated = next_due(Cadence.DAILY, 2, berlin, dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC))
    assert next_due(Cadence.DAILY, 2, berlin, repeated) - repeated == dt.timedelta(hours=25)


def test_what_was_missed_is_not_made_up_for_but_the_newest(smtp: SmtpServer) -> None:
    subscribed(reader(Role.MANAGER), "daily", due_at=MONDAY - dt.timedelta(days=9))
    assert send().planned == 1
    mail = DigestMail.objects.get()
    assert (mail.from_date, mail.to_date) == (dt.date(2026, 11, 22), dt.date(2026, 11, 22))
    assert DigestSubscription.objects.get().next_due_at > MONDAY


def test_planning_twice_plans_once() -> None:
    subscription = subscribed(reader(Role.MANAGER))
    assert planning.plan(MONDAY) == 1
    DigestSubscription.objects.filter(pk=subscription.pk).update(next_due_at=MONDAY)
    assert planning.plan(MONDAY) == 0
    mail = DigestMail.objects.get()
    assert (mail.from_date, mail.to_date) == (dt.date(2026, 11, 16), dt.date(2026, 11, 22))


def test_subscribing_again_changes_the_hour_and_no_second_one() -> None:
    user = reader(Role.MANAGER)
    first = planning.subscribe(user, "weekly", 8, MONDAY)
    again = planning.subscribe(user, "weekly", 17, MONDAY)
    assert (again.pk, again.hour) == (first.pk, 17)
    with pytest.raises(planning.DigestError):
        planning.subscribe(user, "hourly", 8, MONDAY)
    with pytest.raises(planning.DigestError):
        planning.subscribe(user, "daily", 24, MONDAY)
