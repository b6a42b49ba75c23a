"""Raking to the margins of resolved cases, effective n, shares of a case, and bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics.weighting import (
    bounds,
    case_shares,
    effective_n,
    rake,
    weighted_share,
)


def _expand(table: np.ndarray) -> np.ndarray:
    return np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0)


def test_raking_meets_both_margins() -> None:
    codes = _expand(np.array([[30, 10, 20], [10, 40, 15]]))
    rows, columns = np.array([500, 500]), np.array([300, 450, 250])
    found = rake(codes, [rows, columns])
    assert found.converged
    sums = np.bincount(codes[:, 0], weights=found.weights) / len(codes)
    assert np.allclose(sums, rows / 1000)
    sums = np.bincount(codes[:, 1], weights=found.weights) / len(codes)
    assert np.allclose(sums, columns / 1000)


def test_raking_one_dimension_is_post_stratification() -> None:
    codes = np.repeat([0, 1], [30, 10])[:, None]
    found = rake(codes, [[50, 50]])
    assert np.allclose(found.weights, np.repeat([2 / 3, 2.0], [30, 10]))
    # (20 + 20)² / (30·4/9 + 10·4) = 1600/53.3
    assert found.n_eff == pytest.approx(30)
    assert (found.uncovered, found.cut) == (0, 0)


def test_raking_keeps_odds_ratios() -> None:
    table = np.array([[30, 10], [15, 40]])
    codes = _expand(table)
    weights = rake(codes, [[60, 40], [50, 50]]).weights
    cells = np.bincount(codes[:, 0] * 2 + codes[:, 1], weights=weights)
    assert cells[0] * cells[3] / (cells[1] * cells[2]) == pytest.approx(30 * 40 / (10 * 15))


def test_weights_are_cut_and_keep_their_mean() -> None:
    codes = np.repeat([0, 1], [98, 2])[:, None]
    found = rake(codes, [[50, 50]])
    assert found.weights.max() == pytest.approx(3)
    assert found.weights.mean() == pytest.approx(1)
    assert found.cut == 2


def test_raking_tells_whom_nobody_answered_for() -> None:
    found = rake(np.array([[0, 0], [1, 0]]), [[30, 30, 40], [90, 10]])
    assert found.uncovered == pytest.approx(0.4)
    assert found.weights.tolist() == [1, 1]
    assert rake(np.empty((0, 2)), [[5], [5]]).weights.shape == (0,)


@pytest.mark.parametrize(
    ("codes", "targets", "words"),
    [
        ([[2]], [[1, 1]], "without a target"),
        ([[0]], [[0, 5]], "no case"),
        ([[0, 0]], [[1]], "1 columns"),
    ],
)
def test_raking_refuses_what_cannot_be_weighted(
    codes: list[list[int]], targets: list[list[int]], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        rake(codes, targets)
    with pytest.raises(ValueError, match="enclose 1"):
        rake([[0]], [[1]], lowest=1.5)


def test_raking_mends_a_share_that_non_response_had_bent() -> None:
    random = np.random.default_rng(1)
    group = random.integers(0, 2, 20_000)
    hit = random.random(20_000) < np.where(group, 0.6, 0.2)
    answered = random.random(20_000) < np.where(group, 0.1, 0.4)
    found = rake(group[answered, None], [np.bincount(group)])
    estimate = weighted_share(hit[answered], found.weights)
    assert hit[answered].mean() < 0.32
    assert float(estimate.value) == pytest.approx(0.4, abs=0.02)
    assert estimate.low < hit.mean() < estimate.high


def test_effective_n_is_kishs() -> None:
    assert effective_n([1, 1, 1]) == 3
    assert effective_n([2, 1, 1]) == pytest.approx(16 / 6)
    assert effective_n([[0.5, 0.5], [1.0, 0.0]]).tolist() == [2, 1]
    assert effective_n(np.empty(0)) == 0
    assert np.isnan(weighted_share([], []).value)


def test_shares_of_a_case_sum_to_one() -> None:
    case = ["a", "a", "b", "c", "c", "c"]
    assert np.allclose(case_shares(case), [0.5, 0.5, 1, 1 / 3, 1 / 3, 1 / 3])
    nan = float("nan")
    given_ = [0.7, nan, 0.2, 2.0, 1.0, 1.0]
    assert np.allclose(case_shares(case, given_), [0.7, 0.3, 1, 0.5, 0.25, 0.25])
    assert np.allclose(case_shares(["a", "a"], [0, 0]), [0.5, 0.5])
    with pytest.raises(ValueError, match="below 0"):
        case_shares(["a"], [-1])


def test_bounds_are_the_worst_and_the_best_case() -> None:
    interval = bounds(30, 40, 100)
    assert (float(interval.low), float(interval.high)) == (0.3, 0.9)
    assert np.isnan(bounds(0, 0, 0).low)
    assert [float(limit) for limit in bounds(3, 4, 4)] == [0.75, 0.75]
    with pytest.raises(ValueError, match="does not hold"):
        bounds(3, 5, 4)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=80),
    st.lists(st.integers(1, 500), min_size=4, max_size=4),
    st.lists(st.integers(1, 500), min_size=3, max_size=3),
)
def test_weights_have_mean_one_within_their_limits(
    codes: list[tuple[int, int]], first: list[int], second: list[int]
) -> None:
    found = rake(codes, [first, second])
    assert found.weights.mean() == pytest.approx(1)
    assert found.weights.min() >= 0.3 - 1e-9
    assert found.weights.max() <= 3 + 1e-9
    assert 1 - 1e-9 <= found.n_eff <= len(codes) + 1e-9
    assert 0 <= found.uncovered < 1
    alike = dict(zip(codes, found.weights, strict=True))
    assert np.allclose([alike[code] for code in codes], found.weights)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 200))
def test_bounds_hold_whatever_the_silent_would_have_said(x: int, rest: int, silent: int) -> None:
    n = x + rest
    if n + silent == 0:
        return
    low, high = bounds(x, n, n + silent)
    for hits in (0, silent // 2, silent):
        assert low - 1e-12 <= (x + hits) / (n + silent) <= high + 1e-12


def test_a_counted_row_weighs_as_its_answers_do_one_by_one() -> None:
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 1]])
    counts, hits = np.array([30, 5, 12, 40, 3]), np.array([20, 1, 3, 31, 0])
    targets = [[400, 500, 100], [450, 550]]
    one_by_one = rake(np.repeat(rows, counts, axis=0), targets)
    found = rake(rows, targets, counts=counts)
    assert np.allclose(np.repeat(found.weights, counts), one_by_one.weights)
    assert found.n_eff == pytest.approx(one_by_one.n_eff)
    assert (found.cut, found.converged) == (one_by_one.cut, one_by_one.converged)
    singly = np.concatenate([np.arange(n) < hit for n, hit in zip(counts, hits, strict=True)])
    expected = weighted_share(singly, one_by_one.weights)
    assert np.allclose(weighted_share(hits, found.weights, counts=counts), expected)
    with pytest.raises(ValueError, match="count"):
        rake(rows, targets, counts=counts - 3)
