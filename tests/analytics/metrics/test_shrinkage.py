import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics.shrinkage import (
    DEFAULT_STRENGTH,
    Pool,
    fit,
    fit_moments,
    james_stein,
    pool_for,
    posterior,
    shrink,
)

# Tumours among female rats of 71 control groups: Tarone 1982, Biometrics 38:215; Gelman et al.,
# Bayesian Data Analysis, table 5.1. The last group is the current experiment.
RATS = """
0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19
1/19 1/18 1/18 2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49
7/47 3/20 3/20 2/13 9/48 10/50 4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46
12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20 16/52 15/47 15/46 9/24 4/14
"""
TUMOURS, GROUPS = np.array([pair.split("/") for pair in RATS.split()], dtype=int).T

#: Hits of 18 batters in their first 45 at bats of 1970: Efron & Morris 1975, JASA 70:311, table 1.
BATTERS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])


def test_james_stein_gives_the_published_batting_averages() -> None:
    mean = BATTERS.mean() / 45
    found = james_stein(BATTERS / 45, mean * (1 - mean) / 45)
    assert round(mean, 4) == 0.2654
    assert (round(float(found[0]), 3), round(float(found[-1]), 3)) == (0.294, 0.242)
    assert round(float((found[0] - mean) / (18 / 45 - mean)), 3) == 0.212


def test_james_stein_pulls_wholly_together_what_differs_by_chance() -> None:
    assert np.allclose(james_stein([1, 2, 3, 4.0], 50), 2.5)
    assert james_stein([1, 9, 5.0], 50).tolist() == [1, 9, 5]
    assert james_stein([4, 4, 4, 4], 1).tolist() == [4, 4, 4, 4]
    with pytest.raises(ValueError, match="below 0"):
        james_stein([1, 2, 3, 4], -1)


def test_fit_moments_of_the_rat_tumours_gives_the_published_pool() -> None:
    rates = TUMOURS[:70] / GROUPS[:70]
    assert (round(rates.mean(), 3), round(rates.std(ddof=1), 3)) == (0.136, 0.103)
    pool = fit_moments(rates)
    assert (round(pool.alpha, 1), round(pool.beta, 1), pool.n_units) == (1.4, 8.6, 70)
    assert round(float(shrink(pool, 4, 14).value), 3) == 0.223


def test_fit_of_the_rat_tumours_gives_the_maximum_likelihood() -> None:
    pool = fit(TUMOURS, GROUPS)
    assert (round(pool.alpha, 4), round(pool.beta, 4), pool.n_units) == (2.3416, 14.1148, 71)


def test_fit_leaves_units_without_answers_out() -> None:
    with_empty = fit([*TUMOURS, 0, 0], [*GROUPS, 0, 0])
    assert with_empty == fit(TUMOURS, GROUPS)


def test_fit_of_equal_units_is_as_strong_as_its_answers() -> None:
    pool = fit([5] * 20, [10] * 20)
    assert (round(pool.mean, 12), round(pool.strength, 6)) == (0.5, 200)


@pytest.mark.parametrize(("x", "mean"), [(0, 0.5 / 201), (10, 200.5 / 201)])
def test_fit_of_units_all_at_the_edge_stays_off_it(x: int, mean: float) -> None:
    pool = fit([x] * 20, [10] * 20)
    assert round(pool.mean, 12) == round(mean, 12)
    assert round(pool.strength, 6) == 200


def test_fit_of_one_unit_has_its_share() -> None:
    pool = fit([30], [40])
    assert (round(pool.mean, 6), round(pool.strength, 6)) == (round(30.5 / 41, 6), 40)


@pytest.mark.parametrize("units", [([], []), ([0, 0], [0, 0])])
def test_fit_of_no_answers_is_jeffreys_prior(units: tuple[list[int], list[int]]) -> None:
    assert fit(*units) == Pool(0.5, 0.5, 0, "likelihood")


def test_fit_of_units_at_opposite_edges_is_weak_and_finite() -> None:
    pool = fit([0, 20] * 10, [20] * 20)
    assert round(pool.mean, 6) == 0.5
    assert 0.05 <= pool.strength < 0.5


def test_fit_recovers_the_pool_units_were_drawn_from() -> None:
    random = np.random.default_rng(11)
    n = random.integers(30, 300, size=2_000)
    pool = fit(random.binomial(n, random.beta(24, 6, size=2_000)), n)
    assert abs(pool.mean - 0.8) < 0.005
    assert abs(pool.strength - 30) < 2.5


units = st.lists(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=40,
)


@given(units)
def test_fit_is_not_beaten_nearby_and_ignores_order(pairs: list[tuple[int, int]]) -> None:
    x, n = np.array(pairs).T
    pool = fit(x, n)
    assert 0 < pool.mean < 1
    assert np.isfinite(pool.strength)
    assert fit(x[::-1], n[::-1]) == pool
    if x.sum() in (0, n.sum()):
        return
    best = _log_likelihood(pool.alpha, pool.beta, x, n)
    strongest = n.sum()
    for mean_shift in (-0.05, 0.0, 0.05):
        for factor in (0.9, 1.0, 1.1):
            mean = 1 / (1 + np.exp(-np.log(pool.mean / (1 - pool.mean)) - mean_shift))
            strength = min(max(pool.strength * factor, 0.05), strongest)
            near = _log_likelihood(mean * strength, (1 - mean) * strength, x, n)
            assert near <= best + 1e-7 * abs(best)


def _log_likelihood(alpha: float, beta: float, x: np.ndarray, n: np.ndarray) -> float:
    from scipy.special import betaln

    return float((betaln(x + alpha, n - x + beta) - betaln(alpha, beta)).sum())


@given(units, st.integers(0, 50), st.integers(0, 50))
def test_shrink_lies_between_pool_and_share_within_its_interval(
    pairs: list[tuple[int, int]], x: int, more: int
) -> None:
    pool = fit(*np.array(pairs).T)
    n = x + more
    value, low, high = (float(part) for part in shrink(pool, x, n))
    assert 0 <= low <= value <= high <= 1
    ends = sorted((pool.mean, x / n if n else pool.mean))
    assert ends[0] - 1e-12 <= value <= ends[1] + 1e-12


def test_shrink_gives_the_equal_tailed_interval_of_the_posterior() -> None:
    # Beta(1, 1) after 0 of 1 is Beta(1, 2): quantile 1 − √(1 − p).
    value, low, high = shrink(Pool(1, 1, 10, "likelihood"), 0, 1)
    assert np.allclose([value, low, high], [1 / 3, 1 - 0.95**0.5, 1 - 0.05**0.5])


def test_pool_for_enough_units_is_their_own() -> None:
    assert pool_for(TUMOURS, GROUPS, wider=([1] * 20, [2] * 20)) == fit(TUMOURS, GROUPS)


def test_pool_for_few_units_is_the_wider_pool() -> None:
    assert pool_for([3, 4], [10, 10], wider=(TUMOURS, GROUPS)) == fit(TUMOURS, GROUPS)


def test_pool_for_few_units_everywhere_is_the_pooled_share_of_default_strength() -> None:
    pool = pool_for([3, 4], [10, 10], wider=([3, 4, 8], [10, 10, 10]))
    assert pool.method == "pooled"
    assert round(pool.mean, 12) == round(15.5 / 31, 12)
    assert round(pool.strength, 12) == DEFAULT_STRENGTH


def test_pool_for_no_units_is_finite() -> None:
    pool = pool_for([], [])
    assert (pool.mean, pool.strength, pool.n_units) == (0.5, DEFAULT_STRENGTH, 0)


def test_a_pool_of_few_units_leaves_their_means_and_widens_their_intervals() -> None:
    random = np.random.default_rng(12)
    n = random.integers(5, 40, 12)
    x = random.binomial(n, random.beta(8, 4, 12))
    pool = fit(x, n)
    plain = Pool(pool.alpha, pool.beta, pool.n_units, pool.method)
    wide, narrow = shrink(pool, x, n), shrink(plain, x, n)
    assert wide.value.tolist() == pytest.approx(narrow.value.tolist(), abs=1e-12)
    assert (wide.high - wide.low > narrow.high - narrow.low).all()


def test_where_the_pool_lies_is_no_doubt_about_the_order_of_units() -> None:
    """Ten units of a hundred answers say little of a pool whose units hardly differ: the whole
    interval tells so, and how two units lie to each other is as sure as their own answers make
    it."""
    n = np.full(10, 100)
    x = np.array([78, 81, 80, 83, 79, 80, 82, 77, 80, 80])
    pool = fit(x, n)
    assert pool.doubt is not None
    (a, b), (whole_a, whole_b) = posterior(pool, x, n, order=True), posterior(pool, x, n)
    assert (a / (a + b)).tolist() == pytest.approx((whole_a / (whole_a + whole_b)).tolist())
    assert (a + b > whole_a + whole_b).all()
    # Never surer than a unit of the strongest pool in doubt would be.
    assert (a + b < n + pool.doubt.strength.max()).all()
    known = Pool(pool.alpha, pool.beta, pool.n_units, pool.method)
    for one, other in zip(posterior(known, x, n, order=True), posterior(known, x, n), strict=True):
        assert one.tolist() == other.tolist()


def test_a_pool_of_a_hundred_units_is_known() -> None:
    n = np.full(100, 20)
    x = np.random.default_rng(13).binomial(n, 0.6)
    assert fit(x, n).doubt is None
    assert fit(x[:99], n[:99]).doubt is not None
