"""Published values, and what must hold for every input."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.metrics.intervals import (
    fisher_interval,
    jeffreys,
    mean_interval,
    newcombe_difference,
    normal_quantile,
    score_interval,
    wilson,
)

pairs = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
histograms = st.lists(st.integers(0, 60), min_size=5, max_size=5)


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombes_published_limits(x: int, n: int, low: float, high: float) -> None:
    interval = wilson(x, n)
    assert (round(float(interval.low), 4), round(float(interval.high), 4)) == (low, high)


@given(st.integers(2, 5_000), st.integers(1, 4_999))
def test_a_share_known_as_well_as_a_count_has_wilsons_interval(n: int, x: int) -> None:
    x = min(x, n - 1)
    share = x / n
    found, counted = score_interval(share, 1 / np.sqrt(n * share * (1 - share))), wilson(x, n)
    assert float(found.low) == pytest.approx(float(counted.low), rel=1e-9)
    assert float(found.high) == pytest.approx(float(counted.high), rel=1e-9)


def test_the_interval_of_a_calculated_share_holds_the_truth_as_often_as_it_promises() -> None:
    """Of forty answers, over true shares of .6 to .95; half an answer moved where all are alike."""
    n, x = 40, np.arange(41)
    seen = np.clip(x, 0.5, n - 0.5) / n
    error = 1 / np.sqrt(n * seen * (1 - seen))
    low, high = score_interval(seen, error)
    plain = [1 / (1 + (1 - seen) / seen * np.exp(side * 1.959964 * error)) for side in (1, -1)]
    held, too_often = [], []
    for share in np.linspace(0.6, 0.95, 200):
        chance = stats.binom.pmf(x, n, share)
        held.append(chance[(low <= share) & (share <= high)].sum())
        too_often.append(chance[(plain[0] <= share) & (share <= plain[1])].sum())
    assert np.mean(held) == pytest.approx(0.95, abs=0.005)
    assert np.mean(too_often) > 0.96


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        (81, 263, 0.2545, 0.3656),
        (15, 148, 0.0604, 0.1576),
        (0, 20, 0, 0.1166),
        (1, 29, 0.0037, 0.1501),
    ],
)
def test_jeffreys_gives_recomputed_limits(x: int, n: int, low: float, high: float) -> None:
    interval = jeffreys(x, n)
    assert (round(float(interval.low), 4), round(float(interval.high), 4)) == (low, high)


def test_newcombe_difference_gives_published_limits() -> None:
    estimate = newcombe_difference(56, 70, 48, 80)
    assert round(float(estimate.value), 4) == 0.2
    assert (round(float(estimate.low), 4), round(float(estimate.high), 4)) == (0.0524, 0.3339)


def test_fisher_interval_equals_the_formula_by_hand() -> None:
    # artanh(.5) = .549306; ±1.959964/√25 = ±.391993; tanh → .15603, .73582
    interval = fisher_interval(0.5, 28)
    assert (round(float(interval.low), 5), round(float(interval.high), 5)) == (0.15603, 0.73582)


def test_fisher_interval_needs_four_pairs() -> None:
    interval = fisher_interval([0.5, 0.5, np.nan, 1.0], [3, 4, 50, 50])
    assert np.isnan(interval.low).tolist() == [True, False, True, False]
    assert (float(interval.low[3]), float(interval.high[3])) == (1.0, 1.0)


def test_normal_quantile_refuses_what_is_no_confidence() -> None:
    assert round(normal_quantile(0.95), 6) == 1.959964
    with pytest.raises(ValueError, match="between 0 and 1"):
        normal_quantile(95)


@pytest.mark.parametrize("method", [wilson, jeffreys])
def test_share_interval_of_no_answers_is_nan(method: type) -> None:
    interval = method([0, 3], [0, 4])
    assert np.isnan(interval.low).tolist() == [True, False]
    assert np.isnan(interval.high).tolist() == [True, False]


@pytest.mark.parametrize("method", [wilson, jeffreys])
def test_share_interval_refuses_more_hits_than_answers(method: type) -> None:
    with pytest.raises(ValueError, match="between 0 and its n"):
        method(5, 4)


@given(pairs, st.floats(0.5, 0.999))
def test_share_intervals_contain_the_share_within_0_and_1(
    pair: tuple[int, int], confidence: float
) -> None:
    x, n = pair
    low, high = wilson(x, n, confidence)
    assert 0 <= low <= x / n <= high <= 1
    low, high = jeffreys(x, n, confidence)
    # Equal tails: at x = 1 and low confidence Jeffreys' interval may pass the share by.
    assert 0 <= low < high <= 1


@given(pairs, pairs)
def test_newcombe_contains_the_difference_and_is_antisymmetric(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    there, back = newcombe_difference(*first, *second), newcombe_difference(*second, *first)
    assert -1 <= there.low <= there.value <= there.high <= 1
    assert np.isclose(there.low, -back.high, atol=1e-12)


@given(st.floats(-1, 1), st.integers(4, 10_000))
def test_fisher_interval_contains_r(r: float, n: int) -> None:
    low, high = fisher_interval(r, n)
    assert -1 <= low <= r <= high <= 1


def test_mean_interval_from_thirty_is_students_t() -> None:
    # 15 × 4 and 15 × 5: mean 4.5, s = √(7.5/29) = .508548, t(29; .975) = 2.045230
    estimate = mean_interval([0, 0, 0, 15, 15])
    half = 2.0452296 * 0.5085476 / np.sqrt(30)
    assert float(estimate.value) == 4.5
    assert np.allclose([estimate.low, estimate.high], [4.5 - half, 4.5 + half], atol=1e-6)


def test_mean_interval_below_thirty_is_near_the_exact_bootstrap() -> None:
    # One 1 and one 5: the bootstrap mean is 1, 3 or 5 with chances ¼, ½, ¼.
    estimate = mean_interval([1, 0, 0, 0, 1])
    assert (float(estimate.value), float(estimate.low), float(estimate.high)) == (3, 1, 5)


def test_mean_interval_of_no_answers_is_nan_and_shape_is_kept() -> None:
    estimate = mean_interval(np.zeros((2, 3, 5), int))
    assert estimate.value.shape == (2, 3)
    assert np.isnan(estimate.value).all()
    assert np.isnan(estimate.low).all()


@given(st.lists(histograms, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_mean_interval_contains_the_mean_and_ignores_other_rows(
    rows: list[list[int]], random: Random
) -> None:
    estimate = mean_interval(rows)
    some = np.sum(rows, axis=1) > 0
    assert (estimate.low[some] <= estimate.value[some]).all()
    assert (estimate.value[some] <= estimate.high[some]).all()
    assert (estimate.low[some] >= 1).all()
    assert (estimate.high[some] <= 5).all()
    order = list(range(len(rows)))
    random.shuffle(order)
    again = mean_interval([rows[place] for place in order])
    assert np.array_equal(again.low, estimate.low[order], equal_nan=True)
    assert np.array_equal(again.high, estimate.high[order], equal_nan=True)


def test_ten_equal_ratings_do_not_make_the_mean_certain() -> None:
    found = mean_interval([0, 0, 0, 0, 10])
    assert (float(found.value), float(found.high)) == (5.0, 5.0)
    assert 4 < float(found.low) < 5


@pytest.mark.parametrize("n", [29, 30, 400])
def test_no_number_of_equal_ratings_makes_the_mean_certain(n: int) -> None:
    found = mean_interval([0, 0, 0, 0, n])
    assert (float(found.value), float(found.high)) == (5.0, 5.0)
    assert 5 - 6 / n < float(found.low) < 5
