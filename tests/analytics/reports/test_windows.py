"""The standard windows are worked out by the job, and say what counting live says."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics import reports, tasks
from analytics.aggregates import apply_all
from analytics.filters import Filters
from analytics.reports import windows
from analytics.reports.cached import version_now, working_ahead
from surveys.models import Response, User
from surveys.services.access import API_REPORTS
from tests.analytics.answered import change
from tests.analytics.reports.conftest import LAST_DAY
from tests.factories import ApiKeyFactory
from tests.surveys.staff import client_of

pytestmark = pytest.mark.usefixtures("company")

NOON = dt.datetime.combine(LAST_DAY, dt.time(12), dt.UTC)
WINDOW = Filters(from_=LAST_DAY - dt.timedelta(days=27), to=LAST_DAY)


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(windows, "FIXED_PERIODS", (7, 28))
    cache.clear()
    yield
    cache.clear()


def _counted(filters: Filters) -> list[str]:
    """The tables of answers that a reader of agents and causes waits for."""
    with CaptureQueriesContext(connection) as captured:
        reports.agents(filters, API_REPORTS)
        reports.causes(filters, API_REPORTS)
    tables = ("analytics_answerblock", "analytics_fixday", "analytics_causeday")
    return [name for name in tables if any(name in query["sql"] for query in captured)]


def test_the_first_reader_after_the_job_counts_nothing() -> None:
    live = reports.agents(WINDOW, API_REPORTS), reports.causes(WINDOW, API_REPORTS)
    cache.clear()
    assert windows.keep(LAST_DAY, None)
    assert _counted(WINDOW) == []
    assert (reports.agents(WINDOW, API_REPORTS), reports.causes(WINDOW, API_REPORTS)) == live


def test_the_job_rests_after_each_report(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr("analytics.reports.windows.time.sleep", rests.append)

    assert windows.keep(LAST_DAY, None, rest=0.001)

    assert rests
    assert all(0 < rest <= 0.001 for rest in rests)


def test_what_is_kept_is_not_worked_out_twice_but_at_midnight() -> None:
    assert windows.keep(LAST_DAY, None)
    assert not windows.keep(LAST_DAY, None)
    tomorrow = LAST_DAY + dt.timedelta(days=1)
    assert windows.keep(tomorrow, None)
    assert _counted(Filters(from_=tomorrow - dt.timedelta(days=27), to=tomorrow)) == []


def test_all_time_is_worked_out_once_somebody_asked() -> None:
    windows.keep(LAST_DAY, None)
    assert _counted(Filters()) != []
    cache.clear()
    windows.note(Filters(), LAST_DAY)
    windows.keep(LAST_DAY, None)
    assert _counted(Filters()) == []


def _others_had_their_turn(share: float) -> None:
    """The windows that nobody watches were just worked out, and a version later it is not their
    turn yet."""
    assert windows.keep(LAST_DAY, None, share=share)
    before = version_now()
    _change_one()
    apply_all()
    assert not windows.keep(LAST_DAY, before, share=share)


def test_what_nobody_watches_takes_no_more_than_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    before = reports.agents(WINDOW, API_REPORTS)
    _others_had_their_turn(share=0.001)
    assert reports.agents(WINDOW, API_REPORTS) != before, "an older figure stood in"
    assert _counted(WINDOW) != []
    much_later = time.time() + 3600
    monkeypatch.setattr("analytics.reports.windows.time.time", lambda: much_later)
    assert windows.keep(LAST_DAY, None, share=0.001)


def test_what_somebody_watches_is_worked_out_each_time() -> None:
    windows.note(WINDOW, LAST_DAY)
    _others_had_their_turn(share=0.001)
    assert _counted(WINDOW) == []


def test_who_stopped_watching_is_served_in_turn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    windows.note(WINDOW, LAST_DAY)
    later = time.time() + windows.WATCHED
    monkeypatch.setattr("analytics.reports.windows.time.time", lambda: later)
    _others_had_their_turn(share=0.001)
    assert _counted(WINDOW) != []


@pytest.mark.parametrize("asked", ["/causes/?", "/api/v1/reports/causes/?"])
def test_a_page_and_the_api_are_watched(asked: str) -> None:
    secret = "sd_" + "w" * 40
    ApiKeyFactory(secret=secret, scopes=["reports:read"])
    client = client_of(User.Role.MANAGER)
    with time_machine.travel(NOON):
        window = f"{asked}from={WINDOW.from_}&to={WINDOW.to}"
        page = client.get(window, headers={"Authorization": f"Bearer {secret}"})
        assert page.status_code == 200
        _others_had_their_turn(share=0.001)
        assert _counted(WINDOW) == []


def _change_one() -> None:
    response = Response.objects.filter(f1=5, answered_at__date=LAST_DAY).first()
    assert response is not None
    change(response.pk, f1=1, f2=1)


def test_a_changed_answer_is_in_the_windows_after_the_job() -> None:
    windows.keep(LAST_DAY, None)
    before = reports.agents(WINDOW, API_REPORTS)
    _change_one()
    with time_machine.travel(NOON):
        assert tasks.aggregate() == 1
    assert _counted(WINDOW) == []
    after = reports.agents(WINDOW, API_REPORTS)
    assert after != before
    cache.clear()
    assert reports.agents(WINDOW, API_REPORTS) == after


def test_while_the_job_works_the_version_before_stands_in_for_a_moment() -> None:
    windows.keep(LAST_DAY, None)
    before, version = reports.agents(WINDOW, API_REPORTS), version_now()
    _change_one()
    apply_all()
    working_ahead(version)
    assert reports.agents(WINDOW, API_REPORTS) == before
    # To the job itself nothing older will do.
    windows.keep(LAST_DAY, version)
    assert reports.agents(WINDOW, API_REPORTS) != before


def test_without_the_job_a_reader_counts_anew_at_once() -> None:
    before = reports.agents(WINDOW, API_REPORTS)
    _change_one()
    apply_all()
    assert reports.agents(WINDOW, API_REPORTS) != before
