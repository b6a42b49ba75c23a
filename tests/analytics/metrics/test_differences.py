import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics.differences import (
    matched_before,
    order_effect,
    top_difference,
    welch_difference,
)

histograms = st.lists(st.integers(0, 40), min_size=5, max_size=5)


def test_welch_equals_the_formula_by_hand() -> None:
    # 4,4,5,5: mean 4.5, s²/n = (1/3)/4; 1,2,3: mean 2, s²/n = 1/3. Freedom
    # (25/144)/((1/144)/3 + (1/9)/2) = 3; t(3; .975) = 3.182446
    found = welch_difference([0, 0, 0, 2, 2], [1, 1, 1, 0, 0])
    half = (float(found.high) - float(found.low)) / 2
    assert float(found.value) == 2.5
    assert half == pytest.approx(3.182446 * (5 / 12) ** 0.5, abs=1e-6)


def test_top_difference_is_newcombes_published_one() -> None:
    found = top_difference([14, 0, 0, 6, 50], [30, 2, 0, 48, 0])
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (0.0524, 0.3339)


def test_order_effect_compares_each_headline_of_the_arms() -> None:
    one, two = np.zeros((5, 5), int), np.zeros((5, 5), int)
    one[4, 0], one[0, 4] = 80, 20
    two[4, 4], two[0, 0] = 50, 50
    found = order_effect(one, two)
    assert (found.n_fix_first, found.n_cause_first) == (100, 100)
    assert float(found.fix_share.value) == pytest.approx(0.3)
    assert float(found.cause_share.value) == pytest.approx(-0.3)
    assert float(found.fix_mean.value) == pytest.approx(1.2)
    assert found.fix_mean.low > 0
    assert found.cause_mean.high < 0


def test_difference_from_nobody_is_nan() -> None:
    for method in (welch_difference, top_difference):
        found = method([0] * 5, [1, 2, 3, 4, 5])
        assert np.isnan([found.value, found.low, found.high]).all()
    assert np.isnan(welch_difference([0, 0, 0, 0, 1], [1, 2, 3, 4, 5]).low)
    same = welch_difference([0, 0, 0, 0, 9], [0, 7, 0, 0, 0])
    assert (float(same.low), float(same.value), float(same.high)) == (3, 3, 3)


@pytest.mark.parametrize(("days", "back"), [(1, 7), (7, 7), (8, 14), (28, 28), (30, 35)])
def test_period_before_has_the_same_weekdays(days: int, back: int) -> None:
    first = dt.date(2026, 3, 30)
    last = first + dt.timedelta(days=days - 1)
    start, end = matched_before(first, last)
    assert (first - start, last - end) == (dt.timedelta(days=back),) * 2
    assert start.weekday() == first.weekday()
    assert end < first
    with pytest.raises(ValueError, match="is before"):
        matched_before(last + dt.timedelta(days=1), last)


@given(histograms, histograms)
def test_differences_are_antisymmetric_and_enclosed(first: list[int], other: list[int]) -> None:
    for method in (welch_difference, top_difference):
        there, back = method(first, other), method(other, first)
        if np.isnan(there.low):
            assert np.isnan(back.low)
            continue
        assert np.isclose(there.low, -back.high, atol=1e-12)
        assert there.low - 1e-12 <= there.value <= there.high + 1e-12
