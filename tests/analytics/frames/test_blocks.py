"""Blocks of packed answers: what is added and taken off again is not there."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.aggregates.columnar import by_day, runs
from analytics.frames.blocks import Block, merge, pack, tally, unpack

DAY = dt.date(2026, 3, 29)
number = st.one_of(st.none(), st.integers(1, 2**40))
rating = st.one_of(st.none(), st.integers(1, 5))


@st.composite
def rows(draw: Any) -> tuple[Any, ...]:
    """One row of `frames.answers`, answered on DAY."""
    agents = draw(st.lists(st.integers(1, 2**40), max_size=3, unique=True).map(sorted))
    return (
        draw(st.integers(1, 2**40)), DAY, DAY - dt.timedelta(days=draw(st.integers(-2, 400))),
        draw(number), agents, len(agents), draw(number), draw(number),
        draw(st.sampled_from(("phone", "chat", "Fernsprecher ☎"))), draw(st.sampled_from("ab")),
        draw(st.integers(0, 3)), draw(st.sampled_from(("fix_first", "cause_first"))),
        draw(rating), draw(rating), draw(rating), draw(rating),
        draw(st.one_of(st.none(), st.integers(1, 4))), draw(rating),
    )  # fmt: skip


many = st.lists(rows(), max_size=12)


@settings(max_examples=60, deadline=None)
@given(one=many, two=many, gone=many)
def test_the_parts_of_a_day_add_up_however_they_are_merged(
    one: list[Any], two: list[Any], gone: list[Any]
) -> None:
    apart = [unpack(pack(one, gone)), unpack(pack(two))]
    together = merge(apart)
    whole = tally([unpack(together)] if together else [])
    assert whole == tally(apart)
    expected = tally([unpack(pack([*one, *two]))]) if one or two else Counter()
    expected.subtract(tally([unpack(pack(gone))]) if gone else {})
    assert whole == {key: n for key, n in expected.items() if n}


@settings(max_examples=40, deadline=None)
@given(found=many)
def test_added_and_then_erased_is_as_if_it_had_never_been(found: list[Any]) -> None:
    assert merge([unpack(pack(found)), unpack(pack([], found))]) is None


@settings(max_examples=40, deadline=None)
@given(found=st.lists(rows(), min_size=1, max_size=12))
def test_days_come_apart_again(found: list[Any]) -> None:
    block = unpack(pack(found))
    days = np.array([DAY.toordinal() + place % 3 for place in range(len(found))])
    parts = [(day, unpack(data)) for day, _, data in by_day(days, block)]
    assert tally(part for _, part in parts) == tally([block])
    assert [day.toordinal() for day, _ in parts] == sorted(set(days.tolist()))


def test_no_answers_have_no_cells() -> None:
    empty = unpack(pack([]))
    assert isinstance(empty, Block)
    assert all(len(run.days) == 0 for run in runs(np.zeros(0, np.int64), empty))
