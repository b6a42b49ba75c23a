"""The division into levels is the one that ruptures finds, or a better one."""

import numpy as np
import pytest

from analytics.columns import FloatArray
from analytics.metrics.changepoint import change_points
from analytics.metrics.partition import breaks
from tests.analytics.metrics import reference


def _cost(series: FloatArray, starts: list[int], penalty: float) -> float:
    parts = np.split(series, starts)
    return sum(float(((part - part.mean()) ** 2).sum()) + penalty for part in parts)


@pytest.mark.parametrize("seed", range(12))
def test_it_costs_no_more_than_the_division_that_pelt_finds(seed: int) -> None:
    """With a least length above 1, ruptures now and then prunes what would have been best."""
    rng = np.random.default_rng(seed)
    levels = rng.normal(0, 2, size=rng.integers(1, 5))
    series = np.concatenate([rng.normal(level, 1, rng.integers(8, 30)) for level in levels])
    for penalty in (0.5, 2 * np.log(len(series)), 40.0):
        for least in (1, 4, 8):
            own = breaks(series, penalty, least)
            other = reference.breaks(series, penalty, least)
            assert _cost(series, own, penalty) <= _cost(series, other, penalty) + 1e-9
            assert least > 1 or own == other


def test_a_steady_series_a_short_one_and_none_have_no_break() -> None:
    assert breaks(np.ones(30), 1.0, 4) == []
    assert breaks([1.0, 9.0, 1.0], 0.1, 4) == []
    assert breaks([], 1.0, 4) == []
    with pytest.raises(ValueError, match="at least one point"):
        breaks([1.0], 1.0, 0)


def test_large_values_lose_no_digits() -> None:
    series = np.array([1e9] * 10 + [1e9 + 5] * 10)
    assert breaks(series, 10.0, 4) == [10]


def test_change_points_of_a_jump_date_it() -> None:
    rng = np.random.default_rng(3)
    series = np.concatenate([rng.normal(0.3, 0.05, 30), rng.normal(0.6, 0.05, 20)])
    assert [segment.start for segment in change_points(series)] == [0, 30]
