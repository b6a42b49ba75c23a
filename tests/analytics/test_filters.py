"""Filters survive the way into a URL and back; what is wrong is refused by name."""

from __future__ import annotations

import datetime as dt

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from analytics.filters import DIMENSIONS, MAX_VALUES, FilterError, Filters

names = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]),
    min_size=1,
    max_size=20,
)
values = st.lists(names, max_size=3).map(lambda found: tuple(sorted(set(found))))
dates = st.one_of(st.none(), st.dates(dt.date(1970, 1, 1), dt.date(9998, 12, 31)))


@given(
    days=st.tuples(dates, dates),
    by=st.sampled_from(["answered", "resolved"]),
    dimensions=st.fixed_dictionaries(dict.fromkeys(DIMENSIONS, values)),
)
def test_filters_come_back_from_their_own_address(
    days: tuple[dt.date | None, dt.date | None], by: str, dimensions: dict[str, tuple[str, ...]]
) -> None:
    from_, to = days
    if from_ and to and to < from_:
        from_, to = to, from_
    filters = Filters(from_=from_, to=to, by=by, **dimensions)  # type: ignore[arg-type]
    assert Filters.parse(QueryDict(filters.to_query())) == filters
    assert filters.is_filtered is any(dimensions.values())


def test_no_filter_is_an_empty_address() -> None:
    assert Filters().to_query() == ""
    assert Filters.parse(QueryDict("")) == Filters()


def test_repeated_values_count_once_and_empty_ones_not_at_all() -> None:
    assert Filters.parse(QueryDict("team=B&team=A&team=B&team=&from=")) == Filters(team=("A", "B"))


def test_parameters_of_others_are_left_to_them() -> None:
    assert Filters.parse(QueryDict("page=2"), other=("page",)) == Filters()
    with pytest.raises(FilterError) as refused:
        Filters.parse(QueryDict("page=2"))
    assert refused.value.parameter == "page"


def test_too_many_values_are_refused() -> None:
    query = "&".join(f"agent=a{k}" for k in range(MAX_VALUES + 1))
    with pytest.raises(FilterError, match="at most 200 values"):
        Filters.parse(QueryDict(query))
