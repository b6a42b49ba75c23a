"""Causes by the week: whole weeks, alarms that say when and what, and nothing of too little."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache

from analytics import reports
from analytics.aggregates import apply_all
from analytics.filters import FilterError, Filters
from analytics.metrics.control import p_chart
from analytics.reports import NotVisible, weekly
from analytics.reports.figures import CauseName
from analytics.sharing.alarm_words import in_words
from surveys.models import Case, Cause, Resolution, User
from surveys.services.access import API_REPORTS, EVERYTHING, scope_for
from tests.factories import (
    AnswerChangeFactory,
    CaseFactory,
    CauseFactory,
    CustomerFactory,
    InvitationFactory,
    ResolutionFactory,
    ResponseFactory,
    UserFactory,
)

MONDAY = dt.date(2026, 5, 4)
NAME = CauseName("plan", "Plan change")


def _weeks(number: int) -> list[dt.date]:
    return [MONDAY + dt.timedelta(weeks=place) for place in range(number)]


def _dismay(shares: list[float], n: int = 40) -> weekly.Charts:
    x = np.array([[round(share * n) for share in shares]])
    size = np.full_like(x, n)
    return weekly.charts(weekly.Counted("dismay", _weeks(len(shares)), x, size))


STEADY = [0.3, 0.32, 0.28, 0.3, 0.31, 0.29] * 5


def test_only_whole_weeks_are_charted_and_at_most_a_baseline_and_a_year() -> None:
    sunday = dt.date(2026, 11, 15)
    found = weekly.complete_weeks(sunday, MONDAY)
    assert found[-1] == dt.date(2026, 11, 9)
    assert weekly.complete_weeks(sunday - dt.timedelta(days=1), MONDAY)[-1] == dt.date(2026, 11, 2)
    assert found[0] == MONDAY
    assert all(day.weekday() == 0 for day in found)
    assert len(weekly.complete_weeks(sunday, dt.date(2020, 1, 1))) == weekly.WEEKS
    assert weekly.complete_weeks(sunday, None) == []
    assert weekly.complete_weeks(dt.date(2026, 5, 6), MONDAY) == []


def test_a_chart_says_what_the_metric_says() -> None:
    found = _dismay([*STEADY, 0.9])
    series = weekly.series_of(found, 0)
    plain = p_chart(found.counted.x, found.counted.n, arl=1_400, together=False)
    assert series.ready
    assert series.centre == float(plain.centre[0])
    last = series.points[-1]
    assert (last.low, last.high) == (float(plain.low[0, -1]), float(plain.high[0, -1]))
    assert (last.n, last.value, last.signal, last.is_baseline) == (40, 0.9, 1, False)


def test_an_alarm_has_its_week_and_weeks_in_a_row_are_one() -> None:
    found = _dismay([*STEADY, 0.9, 0.9, 0.9, 0.9, 0.9])
    [alarm] = weekly.alarms_of(found, 0, NAME, MONDAY)
    assert alarm.week == MONDAY + dt.timedelta(weeks=30)
    assert (alarm.series, alarm.chart, alarm.is_on, alarm.n) == ("dismay", "week", True, 40)
    assert alarm.value == 0.9
    assert alarm.since == alarm.week


def test_two_weeks_that_are_too_high_together_are_an_alarm_that_says_so() -> None:
    found = _dismay([*STEADY, 0.525, 0.55])
    [alarm] = weekly.alarms_of(found, 0, NAME, MONDAY)
    assert (alarm.chart, alarm.week) == ("two_weeks", MONDAY + dt.timedelta(weeks=31))
    points = weekly.series_of(found, 0).points[-2:]
    assert [(point.signal, point.together) for point in points] == [(0, False), (0, True)]
    assert in_words(alarm) == (
        "In the week of 7 December 2026 55\u202f% were dismayed (40 answers); usual is 30\u202f%. "
        "With the week before, that is more than chance explains."
    )


def test_a_fall_is_no_alarm_and_old_ones_are_not_told() -> None:
    assert weekly.alarms_of(_dismay([*STEADY, 0.0, 0.0]), 0, NAME, MONDAY) == []
    found = _dismay([*STEADY, 0.95, *STEADY[:20]])
    [alarm] = weekly.alarms_of(found, 0, NAME, MONDAY)
    assert not alarm.is_on
    assert weekly.alarms_of(found, 0, NAME, alarm.week + dt.timedelta(weeks=15)) == []


@pytest.mark.parametrize(("whole", "part"), [(300, 0.02), (300, 0.4)])
def test_cases_are_told_as_often_as_promised_whatever_part_of_all_they_are(
    whole: int, part: float
) -> None:
    random, series = np.random.default_rng(3), 1_500
    n = np.maximum(random.poisson(whole, (series, weekly.WEEKS)), 1)
    counted = weekly.Counted("cases", _weeks(weekly.WEEKS), random.binomial(n, part), n)
    found = weekly.charts(counted, limits=False).up[:, 24:]
    seen = int((found[:, 1:] & ~found[:, :-1]).sum())
    promised = series * (weekly.WEEKS - 25) / 1_000
    # Fifteen per cent, and three standard errors of so many.
    assert seen / promised == pytest.approx(1, abs=0.15 + 3 / promised**0.5)


def test_a_cause_that_is_all_there_is_never_alarms() -> None:
    n = np.random.default_rng(4).poisson(50, (1, 40))
    found = weekly.charts(weekly.Counted("cases", _weeks(40), n, n))
    assert not found.up.any()
    assert weekly.series_of(found, 0).points[-1].value == 1000


def test_without_twenty_weeks_there_is_neither_limit_nor_alarm() -> None:
    found = _dismay([0.2, 0.9, 0.9, 0.9])
    series = weekly.series_of(found, 0)
    assert not series.ready
    assert {(point.low, point.high, point.signal) for point in series.points} == {(None, None, 0)}
    assert weekly.alarms_of(found, 0, NAME, MONDAY) == []


def test_weeks_of_few_answers_are_dated_as_no_change() -> None:
    """One answer a week is 0 or 1."""
    found = _dismay([0.0] * 15 + [1.0] * 15, n=1)
    assert weekly.shifts_of(found, 0) == []
    assert len(weekly.shifts_of(_dismay([0.1] * 14 + [0.8] * 15 + [0.75]), 0)) == 1


@pytest.fixture
def flawed() -> Cause:
    """Ten cases a week of a cause, then forty for the last three weeks; sixty of another."""
    cache.clear()
    cause, other = CauseFactory(code="plan", name="Plan change"), CauseFactory(code="bill")
    resolved = [
        Resolution(cause=kind, resolved_at=dt.datetime.combine(week, dt.time(12), tzinfo=dt.UTC))
        for place, week in enumerate(_weeks(28))
        for kind, number in ((cause, 40 if place >= 25 else 10), (other, 60))
        for _ in range(number)
    ]
    customer = CustomerFactory()
    cases = Case.objects.bulk_create(CaseFactory.build(customer=customer) for _ in resolved)
    for resolution, case in zip(resolved, cases, strict=True):
        resolution.case, resolution.n_agents, resolution.human_handled = case, 1, True
    Resolution.objects.bulk_create(resolved)
    for place, week in enumerate(_weeks(28)):
        at = dt.datetime.combine(week, dt.time(13), tzinfo=dt.UTC)
        resolution = ResolutionFactory(cause=cause, resolved_at=at)
        response = ResponseFactory(
            invitation=InvitationFactory(resolution=resolution), f1=4, c1=2 + place % 3,
            answered_at=at, changed_at=at,
        )  # fmt: skip
        AnswerChangeFactory(response_id=response.pk)
    apply_all()
    return cause


TODAY = MONDAY + dt.timedelta(weeks=28)


@pytest.mark.django_db
def test_a_wave_of_cases_is_told_with_its_week_and_its_cause(flawed: Cause) -> None:
    report = reports.alarms(Filters(), EVERYTHING, TODAY)
    [alarm] = report.results
    assert (alarm.cause.code, alarm.series, alarm.is_on) == ("plan", "cases", True)
    assert alarm.week == MONDAY + dt.timedelta(weeks=25)
    assert alarm.n == 41
    assert alarm.value == pytest.approx(41 / 101 * 1000)
    assert report.n_causes == 2
    # One or two answers a week are never a surprise: that chart is the smoothed one alone.
    assert 0 < report.false_a_year < report.n_watched * 52 / 1000
    assert reports.alarms(Filters(cause=("bill",)), EVERYTHING, TODAY).results == ()
    before = Filters(to=MONDAY + dt.timedelta(weeks=20))
    assert reports.alarms(before, EVERYTHING, TODAY).results == ()
    chart = reports.cause_chart(Filters(), EVERYTHING, "plan", TODAY)
    assert [one.week for one in chart.alarms if one.series == "cases"] == [alarm.week]
    assert [point.n for point in chart.cases.points] == [11] * 25 + [41] * 3
    cases = np.array([[point.n for point in chart.cases.points]])
    limits = p_chart(cases, cases + 60, arl=1_400, together=False)
    assert chart.cases.points[-1].high == 1000 * float(limits.high[0, -1])
    assert sum(point.n for point in chart.dismay.points) == 28
    for parts in (chart.products, chart.channels):
        assert sum(part.n for part in parts or ()) == 28


@pytest.mark.django_db
def test_an_owner_sees_alarms_of_their_causes_alone_and_no_parts(flawed: Cause) -> None:
    owner: Any = UserFactory(role=User.Role.CAUSE_OWNER)
    scope = scope_for(owner)
    assert reports.alarms(Filters(), scope, TODAY).results == ()
    with pytest.raises(NotVisible):
        reports.cause_chart(Filters(), scope, "plan", TODAY)
    flawed.owner = owner
    flawed.save(update_fields=["owner"])
    scope = scope_for(owner)
    [alarm] = reports.alarms(Filters(), scope, TODAY).results
    assert alarm.cause.code == "plan"
    chart = reports.cause_chart(Filters(), scope, "plan", TODAY)
    assert (chart.products, chart.channels) == (None, None)
    story = reports.cause_story(scope, flawed.pk, TODAY)
    assert story.terms is None


@pytest.mark.django_db
def test_nothing_counted_and_causes_that_do_not_exist_are_plain_answers() -> None:
    cache.clear()
    report = reports.alarms(Filters(), API_REPORTS, TODAY)
    assert (report.results, report.first, report.n_watched) == ((), None, 0)
    with pytest.raises(NotVisible):
        reports.cause_chart(Filters(), API_REPORTS, "nothing", TODAY)
    with pytest.raises(FilterError):
        reports.alarms(Filters(cause=("nothing",)), API_REPORTS, TODAY)
    cause: Any = CauseFactory(code="new")
    chart = reports.cause_chart(Filters(), API_REPORTS, "new", TODAY)
    assert (chart.dismay.points, chart.cases.ready, chart.alarms) == ((), False, ())
    story = reports.cause_story(API_REPORTS, cause.pk, TODAY)
    assert (story.recurrence.chance, story.terms) == (None, ())


def test_rise_that_the_limits_hide_is_told_with_both_levels() -> None:
    """A flaw in the fourth of six months: too early for a clean half-year before it."""
    found = _dismay([0.1, 0.15, 0.05] * 4 + [0.7, 0.75, 0.65] * 4)
    assert not found.up.any()
    [alarm] = weekly.alarms_of(found, 0, NAME, MONDAY)
    assert (alarm.chart, alarm.week, alarm.is_on, alarm.high) == (
        "early", MONDAY + dt.timedelta(weeks=12), True, None,
    )  # fmt: skip
    assert [alarm.centre, alarm.value, alarm.n] == pytest.approx([0.1, 0.7, 480])
    assert in_words(alarm) == (
        "Since the week of 27 July 2026 70\u202f% were dismayed (480 answers); before it were "
        "10\u202f%. The limits are made from weeks at both levels and are too wide to show it."
    )


def test_rise_that_a_chart_tells_is_told_once() -> None:
    shares = [0.1, 0.15, 0.05] * 4 + [0.5, 0.55, 0.45] * 4 + [0.95] * 4
    found = _dismay(shares)
    assert found.rose[0] == 12
    assert found.up[0, -4:].any()
    assert {one.chart for one in weekly.alarms_of(found, 0, NAME, MONDAY)} == {"week"}


def test_rise_of_long_ago_that_is_over_is_told_no_more() -> None:
    shares = [0.1, 0.15, 0.05] * 4 + [0.7, 0.75, 0.65] * 4 + [0.1, 0.12, 0.14, 0.1] * 4
    found = _dismay(shares)
    lately = MONDAY + dt.timedelta(weeks=30)
    assert found.rose[0] == 12
    assert weekly.alarms_of(found, 0, NAME, lately) == []
    assert [one.is_on for one in weekly.alarms_of(found, 0, NAME, MONDAY)] == [False]
