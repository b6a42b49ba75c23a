"""Digests: what left the limits of chance is told once, to its readers, with the way to it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from analytics import reports
from analytics.aggregates import apply_all, pack_days
from analytics.filters import Filters
from analytics.kept import DigestMail
from analytics.sharing.alarm_words import in_words
from surveys.models import Cause, User
from surveys.services.access import EVERYTHING
from tests.analytics.answered import answer, resolved
from tests.analytics.sharing.conftest import MONDAY
from tests.analytics.sharing.digesting import body, opened, reader, send, subscribed, the_mail
from tests.factories import AgentFactory, CauseFactory, InvitationFactory, TeamFactory
from tests.smtp_server import SmtpServer
from tests.surveys.staff import BACKEND

pytestmark = pytest.mark.django_db
Role = User.Role
WEEKS = 26
#: Cases of the calm and the other cause in a usual week, and of the other one in the last.
CALM, USUAL, FLOOD = 20, 5, 40
LAST = MONDAY - dt.timedelta(days=7)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def flooded() -> Cause:
    """Half a year of calm, then a week in which one cause came eight times as often."""
    calm, cause = CauseFactory(code="calm"), CauseFactory(code="plan/b", name="Plan <b> & co")
    for back in range(WEEKS, 0, -1):
        at = MONDAY - dt.timedelta(weeks=back) + dt.timedelta(days=2)
        found = resolved(calm, at, CALM)
        resolved(cause, at, FLOOD if back == 1 else USUAL + back % 3)
        if back in (1, WEEKS):
            for one in found[:6]:
                asked = InvitationFactory(resolution=one, sent_at=at)
                answer(asked, at=at, f1=4, c1=2)
    apply_all()
    pack_days(at_once=True)
    return cause


def test_a_weekly_digest_tells_its_alarms_with_the_page_of_exactly_these_days(
    smtp: SmtpServer, flooded: Cause
) -> None:
    user = reader(Role.MANAGER)
    subscribed(user)
    assert send().sent == 1
    message = the_mail(smtp)
    days = Filters(from_=LAST.date(), to=LAST.date() + dt.timedelta(days=6))
    [alarm] = reports.alarms(days, EVERYTHING, MONDAY.date()).results
    assert (alarm.cause.code, alarm.series, alarm.week) == ("plan/b", "cases", LAST.date())
    assert message["Subject"].endswith(": 1 new alarm")
    assert in_words(alarm) in body(message, "plain")
    assert "Plan <b> & co (new)." in body(message, "plain")
    html = body(message, "html")
    assert "Plan &lt;b&gt; &amp; co</a> (new)" in html
    path = "/causes/plan/b/?from=2026-11-16&to=2026-11-22#by-week"
    assert f"https://survey.northline.example{path}" in body(message, "plain")
    assert path.replace("&", "&amp;") in html
    client = Client()
    with time_machine.travel(MONDAY):
        client.force_login(user, BACKEND)
        page = client.get(path.partition("#")[0]).content.decode()
    assert in_words(alarm) in page
    assert 'aria-labelledby="by-week"' in page


@pytest.mark.parametrize(
    ("cadence", "due", "told"),
    [
        ("daily", MONDAY, "new"),
        ("daily", MONDAY + dt.timedelta(days=1), ""),
        ("weekly", MONDAY + dt.timedelta(days=7), ""),
        ("monthly", dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC), "new"),
    ],
)
def test_an_alarm_is_told_when_its_week_is_over_and_not_again(
    smtp: SmtpServer, flooded: Cause, cadence: str, due: dt.datetime, told: str
) -> None:
    # The week after is as usual again, so the alarm is over.
    resolved(flooded, MONDAY + dt.timedelta(days=2), USUAL)
    calm = resolved(Cause.objects.get(code="calm"), MONDAY + dt.timedelta(hours=2), CALM)
    for day in (-1, 0, 1, 6):
        at = MONDAY + dt.timedelta(days=day)
        answer(InvitationFactory(resolution=calm.pop(), sent_at=at), at=at, f1=4, c1=2)
    apply_all()
    pack_days(at_once=True)
    subscribed(reader(Role.MANAGER), cadence, due_at=due)
    assert send(due).sent == 1
    said = body(the_mail(smtp), "plain")
    assert bool(re.search(r"\(new\)", said)) is bool(told)


def test_an_alarm_alone_is_worth_a_mail(smtp: SmtpServer, flooded: Cause) -> None:
    """Too many calls from one flaw, and nobody has answered yet: that is when the owner asks."""
    owner = reader(Role.CAUSE_OWNER)
    Cause.objects.filter(pk=flooded.pk).update(owner=owner)
    subscribed(owner, "daily")
    subscribed(reader(Role.MANAGER), "daily")
    assert send().sent == 2
    assert all(b"new alarm" in mail.content for mail in smtp.received)


def test_only_readers_of_causes_are_told_of_alarms(smtp: SmtpServer, flooded: Cause) -> None:
    owner = reader(Role.CAUSE_OWNER)
    Cause.objects.filter(code="calm").update(owner=owner)
    team = TeamFactory()
    for user in (owner, reader(Role.TEAM_LEAD, team=team),
                 reader(Role.AGENT, agent=AgentFactory(team=team))):  # fmt: skip
        subscribed(user)
    send()
    said = [body(message, "plain") for message in map(opened, smtp.received)]
    assert not [text for text in said if "alarm" in text.lower()]
    assert DigestMail.objects.count() == 3
