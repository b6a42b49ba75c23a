from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.metrics.funnel import (
    as_counts,
    as_sure_as,
    between_variance,
    dispersion,
    false_discoveries,
    funnel,
    limits,
    winsorised,
    worth,
    z_of_ratio,
)
from analytics.metrics.intervals import score_interval, wilson

OBSERVED = [100, 150, 180, 80, 120, 225]
EXPECTED = [108, 112, 165, 95, 100, 220]
PUBLISHED_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    0.6528, 0.7590, 1,
]  # fmt: skip
units = st.lists(
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=30,
)


def test_dispersion_gives_funnelplotrs_published_value() -> None:
    assert round(dispersion(z_of_ratio(OBSERVED, EXPECTED), part=0), 6) == 2.948033


def test_between_variance_equals_the_method_of_moments_by_hand() -> None:
    # w = 1/s² = 4, 1: Σw − Σw²/Σw = 5 − 17/5 = 1.6; (2·3 − 1)/1.6 = 3.125
    assert between_variance(3, [0.5, 1]) == pytest.approx(3.125)
    assert between_variance(0.4, [0.5, 1]) == 0
    assert between_variance(3, [0.5]) == 0


def test_false_discoveries_rejects_the_four_of_1995() -> None:
    flagged, q = false_discoveries(PUBLISHED_1995)
    assert flagged.tolist() == [True] * 4 + [False] * 11
    assert sum(p <= 0.05 / 15 for p in PUBLISHED_1995) == 3  # Bonferroni
    assert (np.diff(q) >= 0).all()


def test_false_discoveries_counts_no_missing_test() -> None:
    flagged, q = false_discoveries([0.04, np.nan])
    assert (flagged.tolist(), np.isnan(q).tolist()) == ([True, False], [False, True])
    with pytest.raises(ValueError, match="between 0 and 1"):
        false_discoveries([1.2])


def test_limits_hold_the_wanted_probability_of_the_binomial() -> None:
    interval = limits(50, 0.8)
    # P(X ≤ 33) = .0144, P(X ≤ 34) = .0308; P(X ≥ 45) = .0480, P(X ≥ 46) = .0185 of B(50, .8)
    assert 33 < float(interval.low) * 50 < 34
    assert 45 < float(interval.high) * 50 < 46


@given(st.integers(1, 400), st.floats(0.02, 0.98))
def test_limits_mirror_and_leave_no_more_outside_than_they_say(n: int, target: float) -> None:
    interval, mirrored = limits(n, target), limits(n, 1 - target)
    assert float(interval.high) == pytest.approx(1 - float(mirrored.low))
    counts = np.arange(n + 1)
    chances = stats.binom.pmf(counts, n, target)
    assert chances[counts / n > interval.high + 1e-9].sum() <= 0.025 + 1e-9
    assert chances[counts / n < interval.low - 1e-9].sum() <= 0.025 + 1e-9


def test_all_satisfied_of_thirty_is_within_the_limits_of_a_company_that_nearly_is() -> None:
    assert float(limits(30, 0.98).high) == 1


def test_limits_of_large_n_near_the_normal_ones() -> None:
    half = 1.959964 * np.sqrt(0.7 * 0.3 / 100_000)
    assert np.allclose(limits(100_000, 0.7), [0.7 - half, 0.7 + half], atol=2e-5)
    wide = limits(100_000, 0.7, tau2=0.01)
    assert np.allclose(np.diff(wide), 2 * 1.959964 * np.sqrt(0.21 / 1e5 + 0.01), atol=1e-5)


def test_funnel_flags_the_one_who_differs_and_nobody_where_all_differ() -> None:
    x, n = np.full(40, 80), np.full(40, 100)
    x[::2] -= 2
    x[1::2] += 2
    x[7] = 50
    found = funnel(x, n)
    assert np.flatnonzero(found.flagged).tolist() == [7]
    assert not found.overdispersed
    spread = funnel(np.linspace(400, 900, 40).astype(int), np.full(40, 1000))
    assert spread.overdispersed
    assert not spread.flagged.any()
    assert spread.limits(1000).low < 0.65 - 1.96 * 0.1


def test_winsorised_pulls_in_the_ends_only() -> None:
    pulled = winsorised(np.arange(11.0))
    assert pulled.tolist() == [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]
    with pytest.raises(ValueError, match="between 0 and ½"):
        winsorised([1.0], 0.5)


@pytest.mark.parametrize("counts", [([], []), ([0], [0]), ([5, 7], [5, 7]), ([0, 0], [3, 9])])
def test_funnel_of_nothing_to_compare_flags_nobody(counts: tuple[list[int], list[int]]) -> None:
    found = funnel(*counts)
    assert not found.flagged.any()
    assert np.isnan(found.p).all()


def test_funnel_leaves_out_who_has_no_answers() -> None:
    found = funnel([30, 0, 20], [50, 0, 50])
    assert found.target == 0.5
    assert np.isnan(found.z).tolist() == [False, True, False]
    assert np.isnan(found.limits([50, 0]).low).tolist() == [False, True]


@given(units, st.randoms(use_true_random=False))
def test_funnel_does_not_depend_on_order_and_mirrors(
    pairs: list[tuple[int, int]], random: Random
) -> None:
    x, n = np.transpose(pairs)
    found = funnel(x, n)
    assert found.tau2 >= 0
    order = list(range(len(x)))
    random.shuffle(order)
    again = funnel(x[order], n[order])
    assert np.allclose(again.q, found.q[order], equal_nan=True)
    mirrored = funnel(n - x, n)
    assert np.allclose(mirrored.z, -found.z, equal_nan=True, atol=1e-9)
    assert np.allclose(mirrored.p, found.p, equal_nan=True, atol=1e-9)


@given(st.integers(1, 3000), st.floats(0.01, 0.99), st.floats(0, 0.2))
def test_limits_contain_each_other_and_the_target_of_enough_answers(
    n: int, target: float, tau2: float
) -> None:
    warning, action = (limits(n, target, tau2, coverage) for coverage in (0.95, 0.998))
    assert 0 <= action.low <= warning.low <= warning.high <= action.high <= 1
    if n * target * (1 - target) > 5:
        assert warning.low < target < warning.high


@given(st.integers(5, 5_000), st.floats(0.05, 0.95))
def test_a_counted_share_is_worth_its_answers_and_one_with_twice_the_error_a_quarter(
    n: int, share: float
) -> None:
    for left in (n, n / 4):
        low, high = wilson(share * left, left)
        assert float(worth(share, low, high, n)) == pytest.approx(left, rel=1e-5)


def test_a_share_may_be_as_sure_as_one_of_more_answers_than_were_given() -> None:
    # 100 answers about a share of one half, averaged to nine tenths: 100 · ½·½ / (.9 · .1).
    low, high = score_interval(0.9, 1 / np.sqrt(100 * 0.25))
    assert float(as_sure_as(0.9, low, high)) == pytest.approx(25 / 0.09, rel=1e-5)
    assert float(worth(0.9, low, high, 100)) == 100
    assert np.isnan(as_sure_as([1.0, 0.5], [0.9, 0.5], [1.0, 0.5])).all()


def test_a_share_is_never_worth_more_than_its_answers() -> None:
    assert worth([0.5, 1.0, 0.5], [0.49, 0.9, 0.0], [0.51, 1.0, 0.9], 40).tolist() == [40] * 3
    hits, n = as_counts([0.5, np.nan, 0.9], [0.4, np.nan, 0.0], [0.6, np.nan, 1.0], [10, 9, 7])
    assert (hits.tolist(), n.tolist()) == ([5, 0, 6], [10, 0, 7])
