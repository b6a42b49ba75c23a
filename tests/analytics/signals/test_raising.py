"""An alarm in the data is kept and told once, whoever looks how often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from analytics import reports, tasks
from analytics.aggregates import apply_all, pack_days
from analytics.filters import Filters
from analytics.models import Signal
from analytics.sharing.alarm_words import in_words
from analytics.signals import raise_signals, raising, told
from surveys.models import (
    AnswerChange,
    Cause,
    OutgoingEvent,
    Resolution,
    User,
    WebhookDelivery,
)
from surveys.services import causes
from surveys.services.access import EVERYTHING
from surveys.services.outgoing import endpoints
from surveys.services.outgoing.endpoints import Wish
from surveys.services.outgoing.sending import send_due
from tests.analytics.answered import answer, resolved
from tests.factories import CauseFactory, InvitationFactory, UserFactory
from tests.surveys.staff import BACKEND, NO_PASSWORD, client_of
from tests.webhook_receiver import Receiver

pytestmark = pytest.mark.django_db
Role = User.Role
MONDAY = dt.datetime(2026, 11, 16, 0, 10, tzinfo=dt.UTC)
LAST = MONDAY.date() - dt.timedelta(days=7)
WEEKS = 22
CALM, USUAL, FLOOD = 20, 5, 40


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver() as found:
        endpoints.add(Wish("CRM", found.url, ["signal.raised"]), timezone.now())
        yield found


@pytest.fixture
def flooded() -> Cause:
    """Half a year of calm, then a week in which one cause came eight times as often."""
    owner = UserFactory(role=Role.CAUSE_OWNER, name="Olu Adeyemi", password=NO_PASSWORD)
    calm, cause = CauseFactory(code="calm"), CauseFactory(code="plan/b", name="Plan B", owner=owner)
    for back in range(WEEKS, 0, -1):
        at = MONDAY - dt.timedelta(weeks=back) + dt.timedelta(days=2)
        found = resolved(calm, at, CALM)
        resolved(cause, at, FLOOD if back == 1 else USUAL + back % 3)
        if back in (1, WEEKS):
            for one in found[:2]:
                answer(InvitationFactory(resolution=one, sent_at=at), at=at, f1=4, c1=2)
    _count()
    return cause


def _count() -> None:
    apply_all()
    pack_days(at_once=True)
    cache.clear()


def _did(now: dt.datetime = MONDAY) -> tuple[int, int, int, int]:
    counts = raise_signals(now)
    return counts.raised, counts.told, counts.withdrawn, counts.again


def test_an_alarm_is_delivered_once_and_a_second_round_says_nothing(
    receiver: Receiver, flooded: Cause, settings: Settings
) -> None:
    other = connection.copy()
    other.cursor().execute("SELECT pg_advisory_lock(%s)", [raising.LOCK])
    assert _did() == (0, 0, 0, 0)  # another worker is at it
    other.close()
    waits = AnswerChange.objects.create(response_id=1, created_at=MONDAY - dt.timedelta(minutes=2))
    assert _did() == (0, 0, 0, 0)  # charts would tell of a part of the answers
    waits.delete()
    with time_machine.travel(MONDAY):
        assert tasks.raise_signals() == {"raised": 1, "told": 1}
    assert _did(MONDAY + dt.timedelta(minutes=15)) == (0, 0, 0, 0)
    assert send_due(1).delivered == 1
    assert send_due(1).delivered == 0
    (got,) = receiver.received
    assert (got.body["type"], got.body["timestamp"]) == ("signal.raised", "2026-11-16T00:10:00Z")
    [alarm] = reports.alarms(Filters(), EVERYTHING, MONDAY.date()).results
    data = got.body["data"]
    assert data["cause"] == {
        "code": "plan/b",
        "name": "Plan B",
        "owner": "Olu Adeyemi",
        "url": f"{settings.SITE_URL}/causes/plan/b/#by-week",
    }
    assert (data["series"], data["week"], data["n"]) == ("cases", LAST.isoformat(), FLOOD)
    assert data["sentence"].startswith(in_words(alarm))
    assert data["value"] == pytest.approx(alarm.value, rel=1e-5)
    assert data["limit"] == pytest.approx(alarm.high, rel=1e-5)


def test_what_was_old_when_it_was_first_seen_is_recorded_and_not_told(
    receiver: Receiver, flooded: Cause
) -> None:
    at = MONDAY + dt.timedelta(weeks=3)
    assert _did(at)[:2] == (1, 0)
    signal = Signal.objects.get(week=LAST)
    assert (signal.is_news, signal.is_on, signal.withdrawn_at) == (False, False, None)
    assert OutgoingEvent.objects.count() == 0


def test_what_the_charts_take_back_is_marked_and_a_merge_is_followed_without_a_word(
    receiver: Receiver, flooded: Cause
) -> None:
    _did()
    flood = Resolution.objects.filter(cause=flooded, resolved_at__date__gte=LAST)
    moved = list(flood.values_list("pk", flat=True)[USUAL:])
    Resolution.objects.filter(pk__in=moved).update(cause=None)
    _count()
    assert _did() == (0, 0, 1, 0)
    signal = Signal.objects.get()
    assert (signal.withdrawn_at, signal.is_on) == (MONDAY, False)
    assert client_of(Role.MANAGER).get("/api/v1/signals/").json()["results"] == []
    Resolution.objects.filter(pk__in=moved).update(cause=flooded)
    _count()
    assert _did() == (0, 0, 0, 1)
    assert Signal.objects.get().withdrawn_at is None
    CauseFactory(code="plans", name="Plans")
    causes.merge(flooded.code, "plans", now=MONDAY)
    _count()
    assert _did() == (0, 0, 0, 0)
    (row,) = client_of(Role.MANAGER).get("/api/v1/signals/?cause=plan/b").json()["results"]
    assert row["cause"]["code"] == "plans"
    assert WebhookDelivery.objects.count() == 1


def test_dismay_of_few_is_told_without_its_figures() -> None:
    signal = Signal(
        cause=CauseFactory(), series="dismay", chart="week", week=LAST, last_week=LAST, n=4,
        value=1.0, centre=0.2, high=0.9, is_on=True, is_news=True, raised_at=MONDAY,
    )  # fmt: skip
    veiled = told(signal, 5)
    assert [veiled[name] for name in ("value", "centre", "limit", "n")] == [None] * 4
    assert "100" not in veiled["sentence"]
    assert told(signal, 0)["n"] == 4


def test_the_list_is_narrowed_by_days_cause_series_and_what_a_role_may_see(flooded: Cause) -> None:
    _did()
    client = client_of(Role.ANALYST)
    for query, n in (
        ("", 1), ("?series=cases", 1), ("?series=dismay", 0), ("?cause=plan/b", 1),
        ("?cause=calm", 0), (f"?from={LAST + dt.timedelta(days=6)}", 1),
        (f"?from={LAST + dt.timedelta(days=7)}", 0), (f"?to={LAST}", 1),
        (f"?to={LAST - dt.timedelta(days=1)}", 0), ("?page_size=1", 1),
    ):  # fmt: skip
        found = client.get(f"/api/v1/signals/{query}").json()
        assert len(found["results"]) == n, query
    for query in ("team=x", "series=x", "withdrawn=x", "cause=nowhere", "by=resolved"):
        faults = client.get(f"/api/v1/signals/?{query}").json()["errors"]
        assert [fault["field"] for fault in faults] == [query.partition("=")[0]]
    file = client.get("/api/v1/signals/?format=csv").getvalue().decode("utf-8-sig").splitlines()
    assert (len(file), "plan/b" in file[1]) == (2, True)
    noted = client.get("/api/v1/signals/?format=csv&notes=1&series=cases&from=2026-01-01")
    assert "Alarms of causes as they were raised" in noted.getvalue().decode()
    assert client_of(Role.CAUSE_OWNER).get("/api/v1/signals/").json()["results"] == []
    owner = Client()
    assert flooded.owner is not None
    owner.force_login(flooded.owner, BACKEND)
    assert len(owner.get("/api/v1/signals/").json()["results"]) == 1
    assert client_of(Role.TEAM_LEAD).get("/api/v1/signals/").status_code == 404
