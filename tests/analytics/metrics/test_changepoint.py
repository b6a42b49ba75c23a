import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.datasets import nile

from analytics.metrics.changepoint import Segment, change_points, robust_sigma


def test_nile_breaks_where_the_dam_was_begun() -> None:
    flows = nile.load_pandas().data["volume"].to_numpy()  # Cobb 1978, Biometrika 65:243
    found = change_points(flows)
    assert [(one.start, one.end, round(one.mean, 2)) for one in found] == [
        (0, 28, 1097.75),
        (28, 100, 849.97),
    ]


def test_sigma_sees_neither_level_nor_jumps() -> None:
    noise = np.random.default_rng(1).normal(0, 2, 4_000)
    assert robust_sigma(noise) == pytest.approx(2, rel=0.05)
    assert robust_sigma(noise + np.repeat([0, 50, 10, 80], 1_000)) == pytest.approx(2, rel=0.05)
    assert robust_sigma([5]) == robust_sigma([5, 5, 5]) == 0


def test_series_without_a_change_is_one_segment() -> None:
    assert change_points([3.0] * 20) == (Segment(0, 20, 3.0),)
    assert change_points([1.0, 7.0, 1.0]) == (Segment(0, 3, 3.0),)
    assert change_points([]) == change_points([np.nan] * 9) == ()


def test_jump_in_an_almost_constant_series_is_found() -> None:
    found = change_points([2.0] * 12 + [7.0] * 12)
    assert [(one.start, one.end, one.mean) for one in found] == [(0, 12, 2), (12, 24, 7)]


def test_weeks_without_values_keep_their_place() -> None:
    values = np.r_[np.tile([1.0, 1.2], 10), np.tile([5.0, 5.2], 10)]
    values[[3, 7, 19, 20, 30]] = np.nan
    assert [(one.start, one.end) for one in change_points(values)] == [(0, 21), (21, 40)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3) | st.just(np.nan), max_size=60), st.floats(-100, 100))
def test_segments_cover_the_series_and_move_with_it(values: list[float], shift: float) -> None:
    found = change_points(values)
    if found:
        assert [0, *(one.end for one in found)] == [*(one.start for one in found), len(values)]
        known = np.asarray(values)
        for one in found:
            assert np.isclose(one.mean, np.nanmean(known[one.start : one.end]))
    mirrored = change_points([-value for value in values])
    assert [one.start for one in mirrored] == [one.start for one in found]
