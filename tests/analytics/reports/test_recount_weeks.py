"""Every cell of a cause's chart and of the alarms, from the raw answers by slow arithmetic."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from analytics import reports, simulation
from analytics.filters import Filters
from analytics.reports.charted import Alarm, ChartSeries
from surveys.models import Cause
from surveys.services.access import API_REPORTS
from tests.analytics.reports import slow, slow_weeks
from tests.analytics.reports.cells import Shown, near
from tests.analytics.reports.plain import recount

WEEKS, CAUSES = 44, 5
#: A Sunday: the weeks are whole.
LAST_DAY = dt.date(2026, 11, 15)
TODAY = LAST_DAY + dt.timedelta(days=1)
MONDAYS = [LAST_DAY - dt.timedelta(days=6, weeks=WEEKS - 1 - k) for k in range(WEEKS)]
POINT = (
    "value", "low", "high", "signal", "together", "level", "level_low", "level_high",
    "level_signal", "is_baseline",
)  # fmt: skip
Told = tuple[Any, ...]
_RESOLVED = """
SELECT date_trunc('week', r.resolved_at AT TIME ZONE 'UTC')::date, c.code, count(*)
  FROM surveys_resolution r JOIN surveys_cause c ON c.id = r.cause_id GROUP BY 1, 2
"""


def _by_week() -> dict[str, tuple[tuple[list[int], list[int]], tuple[list[int], list[int]]]]:
    """Per cause: dismayed of answers, and cases of all cases, by week."""
    said = recount(
        "SELECT date_trunc('week', answered)::date, cause, count(c1),"
        " count(*) FILTER (WHERE c1 >= 4) FROM asked GROUP BY 1, 2",
        Filters(),
    )
    with connection.cursor() as cursor:
        cursor.execute(_RESOLVED)
        resolved = cursor.fetchall()
    answers = {(week, code): (hits, n) for week, code, n, hits in said}
    cases = {(week, code): n for week, code, n in resolved}
    codes = sorted({code for _, code in cases})
    whole = [sum(cases.get((week, code), 0) for code in codes) for week in MONDAYS]
    found = {}
    for code in codes:
        pairs = [answers.get((week, code), (0, 0)) for week in MONDAYS]
        dismay = [hits for hits, _ in pairs], [n for _, n in pairs]
        found[code] = dismay, ([cases.get((week, code), 0) for week in MONDAYS], whole)
    return found


def _series(found: ChartSeries, x: list[int], n: list[int], per: int) -> slow_weeks.Series:
    expected = slow_weeks.chart(x, n)
    assert [point.week for point in found.points] == MONDAYS
    rests_on = n if found.series == "dismay" else x
    assert [point.n for point in found.points] == rests_on
    centre = None if expected.centre is None else per * expected.centre
    near(found, ("ready", "centre", "sigma"), (expected.ready, centre, expected.sigma))
    # The chances are averaged over nine places of the baseline's share.
    assert found.false_a_year == pytest.approx(expected.false_a_year, rel=0.01)
    scaled = {"value", "low", "high", "level", "level_low", "level_high"}
    for point, week in zip(found.points, expected.weeks, strict=True):
        cells: list[Shown] = []
        for name in POINT:
            cell = getattr(week, name)
            cells.append(per * cell if name in scaled and cell is not None else cell)
        near(point, POINT, tuple(cells), by=per * 1e-5)
    values = [
        week.value if found.series == "cases" or size >= 5 else None
        for week, size in zip(expected.weeks, n, strict=True)
    ]
    assert found.shifts == tuple(MONDAYS[place] for place in slow_weeks.levels(values))
    return expected


def _alarms(
    expected: slow_weeks.Series, series: str, per: int, since: int
) -> list[tuple[Any, ...]]:
    """Weeks in which an alarm begins that lasts to `since` or later, with its chart."""
    up = [week.up for week in expected.weeks]
    found = []
    for place, week in enumerate(expected.weeks):
        if not week.up or (place and up[place - 1]):
            continue
        end = place
        while end + 1 < len(up) and up[end + 1]:
            end += 1
        if end >= since:
            chart = "two_weeks" if week.together else "smoothed"
            chart = "week" if week.signal > 0 else chart
            value = None if week.value is None else round(per * week.value, 6)
            found.append((MONDAYS[place], series, chart, value, end == len(up) - 1))
    return found


def _told(alarm: Alarm) -> Told:
    value = None if alarm.value is None else round(alarm.value, 6)
    return alarm.week, alarm.series, alarm.chart, value, alarm.is_on


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_every_cell_of_the_weeks_is_that_of_a_slow_recount(seed: int) -> None:
    cache.clear()
    flaw = simulation.Flaw(cause=_that_can_double(seed), day=7 * 33)
    simulation.simulate(
        4_000, seed=seed, last_day=LAST_DAY, agents=4, causes=CAUSES, days=7 * WEEKS,
        response_rate=0.7, flaw=flaw,
    )  # fmt: skip
    alarms: dict[str, list[Told]] = {}
    watched, false = 0, 0.0
    for code, counts in _by_week().items():
        report = reports.cause_chart(Filters(), API_REPORTS, code, TODAY)
        everything, lately = [], []
        for found, (x, n), per in zip(
            (report.dismay, report.cases), counts, (1, 1000), strict=True
        ):
            expected = _series(found, x, n, per)
            watched += expected.ready
            false += expected.false_a_year or 0.0
            everything += _alarms(expected, found.series, per, 0)
            lately += _alarms(expected, found.series, per, WEEKS - 13)
        assert sorted(map(_told, report.alarms)) == sorted(everything)
        alarms[code] = lately
        _places(code, report)
        _story(code)
    of_all = reports.alarms(Filters(), API_REPORTS, TODAY)
    told = {
        code: [_told(one) for one in of_all.results if one.cause.code == code] for code in alarms
    }
    assert {code: sorted(one) for code, one in told.items()} == {
        code: sorted(one) for code, one in alarms.items()
    }
    assert any(alarms.values())
    assert (of_all.first, of_all.last) == (MONDAYS[-13], MONDAYS[-1])
    assert (of_all.n_causes, of_all.n_watched) == (len(alarms), watched)
    assert of_all.false_a_year == pytest.approx(false, rel=0.01)


def _that_can_double(seed: int) -> int:
    """The most frequent cause at which less than half of the customers are dismayed."""
    truth = simulation.world(seed, 4, CAUSES)
    return max(
        (k for k in range(CAUSES) if truth.dismayed()[k] < 0.47), key=lambda k: truth.weight[k]
    )


def _places(code: str, report: Any) -> None:
    """The cause in each product and channel."""
    asked = Filters(cause=(code,))
    for name, parts in (("product", report.products), ("channel", report.channels)):
        counted = recount(
            f"SELECT COALESCE({name}, ''), count(c1), count(*) FILTER (WHERE c1 >= 4)"  # noqa: S608
            " FROM asked WHERE c1 > 0 GROUP BY 1",
            asked,
        )
        assert {part.name: part.n for part in parts} == {
            value or "none told": n for value, n, _ in counted
        }
        hits = {value or "none told": (x, n) for value, n, x in counted}
        for part in parts:
            x, n = hits[part.name]
            shown = (x / n, *slow.wilson(x, n)) if n >= 5 else (None,) * 3
            near(part, ("dismayed", "dismayed_low", "dismayed_high"), shown)


_MET = """
SELECT k.customer_id, max((r.resolved_at AT TIME ZONE 'UTC')::date),
       min((k.opened_at AT TIME ZONE 'UTC')::date), k.id
  FROM surveys_resolution r JOIN surveys_case k ON k.id = r.case_id
  JOIN surveys_cause c ON c.id = r.cause_id WHERE c.code = %s AND k.customer_id IS NOT NULL
 GROUP BY k.id
"""


def _story(code: str) -> None:
    """Who comes back with the same cause: each case watched to the customer's next one."""
    with connection.cursor() as cursor:
        cursor.execute(_MET, [code])
        cases = cursor.fetchall()
    watched = []
    for customer, resolved, opened, case in cases:
        # Of two on the same days either is the first.
        later = sorted(
            (begins, ends, other) for who, ends, begins, other in cases
            if who == customer and (begins, ends, other) > (opened, resolved, case)
        )  # fmt: skip
        until = later[0][0] if later else TODAY
        watched.append((max(0, (until - resolved).days), bool(later)))
    found = reports.cause_story(API_REPORTS, Cause.objects.get(code=code).pk, TODAY).recurrence
    came = sum(happened and days <= 90 for days, happened in watched)
    near(found, ("n", "watched", "came"), (len(cases), sum(d >= 90 for d, _ in watched), came))
    chance = slow.comes_back(watched)
    assert chance is not None
    near(found, ("chance", "low", "high"), (chance[0], *chance[1]))
