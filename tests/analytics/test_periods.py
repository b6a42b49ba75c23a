"""A relative period is what a calendar says it is, and stays relative in the address."""

from __future__ import annotations

import datetime as dt

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from analytics import periods
from analytics.filters import FilterError, Filters

D = dt.date
TODAY = D(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        ("7d", TODAY, D(2026, 11, 16), TODAY),
        ("28d", TODAY, D(2026, 10, 26), TODAY),
        ("365d", D(2024, 3, 1), D(2023, 3, 3), D(2024, 3, 1)),
        ("yesterday", D(2027, 1, 1), D(2026, 12, 31), D(2026, 12, 31)),
        ("this_week", TODAY, D(2026, 11, 16), TODAY),
        ("this_week", D(2026, 11, 16), D(2026, 11, 16), D(2026, 11, 16)),
        ("last_week", TODAY, D(2026, 11, 9), D(2026, 11, 15)),
        ("this_month", TODAY, D(2026, 11, 1), TODAY),
        ("last_month", D(2026, 3, 31), D(2026, 2, 1), D(2026, 2, 28)),
        ("last_month", D(2028, 3, 1), D(2028, 2, 1), D(2028, 2, 29)),
        ("this_quarter", TODAY, D(2026, 10, 1), TODAY),
        ("last_quarter", D(2026, 2, 10), D(2025, 10, 1), D(2025, 12, 31)),
        ("this_year", TODAY, D(2026, 1, 1), TODAY),
        ("last_year", TODAY, D(2025, 1, 1), D(2025, 12, 31)),
    ],
)
def test_a_period_is_what_the_calendar_says(
    name: str, today: dt.date, first: dt.date, last: dt.date
) -> None:
    assert periods.resolve(name, today) == (first, last)


@given(st.sampled_from(sorted(periods.NAMES)), st.dates(D(1971, 1, 1), D(9998, 1, 1)))
def test_no_period_is_empty_or_reaches_into_the_future(name: str, today: dt.date) -> None:
    first, last = periods.resolve(name, today)
    assert first <= last <= today


@given(st.sampled_from(sorted(periods.NAMES)))
def test_a_relative_period_comes_back_from_its_own_address(name: str) -> None:
    filters = Filters.parse(QueryDict(f"period={name}&team=A"), today=lambda: TODAY)
    assert (filters.from_, filters.to) == periods.resolve(name, TODAY)
    assert filters.to_query() == f"period={name}&team=A"
    assert Filters.parse(QueryDict(filters.to_query()), today=lambda: TODAY) == filters


def test_other_dates_end_a_relative_period() -> None:
    filters = Filters.parse(QueryDict("period=7d"), today=lambda: TODAY)
    assert filters.with_(team=("A",)).to_query() == "period=7d&team=A"
    assert filters.with_(from_=D(2026, 1, 1)).to_query() == "from=2026-01-01&to=2026-11-22"
    assert filters.frozen.to_query() == "from=2026-11-16&to=2026-11-22"


@pytest.mark.parametrize(
    "query",
    ["period=3d", "period=7d&from=2026-01-01", "period=7d&to=2026-01-01", "period=7d&period=28d"],
)
def test_a_wrong_period_is_refused_by_name(query: str) -> None:
    with pytest.raises(FilterError) as refused:
        Filters.parse(QueryDict(query), today=lambda: TODAY)
    assert refused.value.parameter == "period"
