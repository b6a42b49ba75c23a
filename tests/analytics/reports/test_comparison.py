"""Two groups side by side: the period before, and any two selections."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from analytics import reports, simulation
from analytics.filters import Filters
from analytics.frames.selection import Selection
from analytics.metrics.intervals import newcombe_difference
from analytics.reports.comparison import are_apart, difference_of
from surveys.services.access import EVERYTHING

TODAY = dt.date(2026, 11, 22)


def _days(first: str, last: str) -> Filters:
    return Filters(from_=dt.date.fromisoformat(first), to=dt.date.fromisoformat(last))


@pytest.mark.parametrize("n_days", [1, 6, 7, 8, 28, 30, 90, 365])
def test_the_period_before_has_the_same_weekdays_and_shares_no_day(n_days: int) -> None:
    first = dt.date(2026, 3, 4)
    asked = Filters(from_=first, to=first + dt.timedelta(days=n_days - 1), team=("Mobile",))
    before = reports.previous(asked, TODAY)
    assert before is not None
    assert before.from_
    assert before.to
    assert asked.to
    assert (before.to - before.from_) == (asked.to - first)
    assert before.from_.weekday() == first.weekday()
    assert before.to < first
    # The nearest such period: a week later the two would share days.
    assert before.to + dt.timedelta(weeks=1) >= first
    assert before.team == ("Mobile",)


def test_all_of_time_has_none_before_it_and_a_period_without_end_ends_today() -> None:
    assert reports.previous(Filters(), TODAY) is None
    assert reports.previous(Filters(to=TODAY), TODAY) is None
    since = reports.previous(Filters(from_=dt.date(2026, 11, 16)), TODAY)
    assert since == _days("2026-11-09", "2026-11-15")
    assert reports.previous(_days("1970-01-01", "9998-12-31"), TODAY) is None
    future = reports.previous(Filters(from_=dt.date(2027, 1, 4)), TODAY)
    assert future == _days("2026-12-28", "2026-12-28")


def test_a_difference_is_newcombes_published_one() -> None:
    """Newcombe 1998, table II: 56/70 − 48/80."""
    found = difference_of(56 / 70, 70, 48 / 80, 80, apart=True)
    assert found.difference == pytest.approx(0.2)
    assert found.difference_low == pytest.approx(0.0524, abs=5e-5)
    assert found.difference_high == pytest.approx(0.3339, abs=5e-5)


def test_every_count_is_found_again_from_its_share() -> None:
    for n in (1, 2, 3, 7, 29, 1_000, 10_000_019):
        for hits in {0, 1, n // 3, n - 1, n}:
            found = difference_of(hits / n, n, 1 / 2, 2, apart=True)
            assert found.difference_low == float(newcombe_difference(hits, n, 1, 2).low)


def test_nothing_to_compare_is_told_as_nothing() -> None:
    found = difference_of(None, 3, 0.5, 10, apart=True)
    assert (found.difference, found.difference_low, found.difference_high) == (None,) * 3
    assert (found.low, found.high) == (None, None)
    assert found.other_share == 0.5


def test_groups_that_may_share_a_customer_get_no_interval() -> None:
    first, last, after = (dt.date(2026, month, day) for month, day in ((3, 1), (3, 31), (4, 1)))
    march, april = Selection(from_=first, to=last), Selection(from_=after)
    assert are_apart(march, april)
    assert are_apart(april, march)
    assert not are_apart(march, Selection(from_=last))
    assert not are_apart(march, replace(april, basis="r"))
    assert are_apart(Selection(team=(1,)), Selection(team=(2, 3)))
    assert not are_apart(Selection(team=(1, 2)), Selection(team=(2,)))
    assert not are_apart(Selection(team=(1,)), Selection())
    # Two agents may have handled the same case.
    assert not are_apart(Selection(agent=(1,)), Selection(agent=(2,)))
    found = difference_of(0.5, 10, 0.25, 8, apart=False)
    assert (found.difference, found.difference_low) == (0.25, None)


@pytest.mark.django_db
def test_a_comparison_stands_on_the_figures_of_both_overviews() -> None:
    simulation.simulate(
        400, seed=3, last_day=dt.date(2026, 11, 20), agents=5, causes=4, days=60, response_rate=0.9
    )
    now = _days("2026-10-24", "2026-11-20")
    before = reports.previous(now, TODAY)
    assert before == _days("2026-09-26", "2026-10-23")
    found = reports.comparison(now, before, EVERYTHING)
    this, that = reports.overview(now, EVERYTHING), reports.overview(before, EVERYTHING)
    assert this.fix
    assert that.fix
    assert found.fix
    assert found.cause
    assert this.cause
    assert (found.fix.n, found.fix.share) == (this.fix.n, this.fix.top2)
    assert (found.fix.other_n, found.fix.other_share) == (that.fix.n, that.fix.top2)
    assert (found.fix.low, found.fix.high) == (this.fix.top2_low, this.fix.top2_high)
    assert found.cause.share == this.cause.dismayed
    assert found.answered.share == this.response_rate
    assert not found.may_overlap
