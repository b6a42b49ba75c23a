"""Draws for ranks: of the right distribution, in the right order, the same for the same seed."""

import numpy as np
import pytest
from scipy.special import betainc, ndtr

from analytics.columns import FloatArray
from analytics.metrics import many_ranks, rank_limits, ranks, special
from analytics.metrics.ranks import rank_intervals

#: Parameters from which the normal draw is used: the least, lopsided ones, many answers.
LARGE = [(16.0, 16.0), (16.0, 1_000.0), (5_000.0, 16.0), (40.0, 12_000.0), (700.0, 300.0)]


def _held(found: ranks.Ranks, a: FloatArray, b: FloatArray, draws: int) -> FloatArray:
    """How much of each unit's ranks its interval holds, by sorting draws of the beta itself."""
    shares = np.random.default_rng(11).beta(a, b, size=(draws, len(a)))
    drawn = (-shares).argsort(axis=1).argsort(axis=1) + 1
    inside = (found.low <= drawn) & (drawn <= found.high)
    return np.asarray(inside.mean(axis=0), dtype=np.float64)


@pytest.mark.parametrize(("a", "b"), LARGE)
def test_a_normal_draw_becomes_a_draw_of_the_posterior(a: float, b: float) -> None:
    terms = ranks._Posteriors(np.array([a]), np.array([b]))._terms[:, 0].astype(float)
    normal = np.linspace(-4, 4, 801)
    logits = np.polynomial.polynomial.polyval(normal, terms)
    assert (np.diff(logits) > 0).all()
    off = betainc(a, b, 1 / (1 + np.exp(-logits))) - ndtr(normal)
    assert float(np.abs(off).max()) < 3e-4


def test_few_answers_are_drawn_from_the_posterior_itself() -> None:
    a, b = np.array([0.5, 3.0, 15.9, 400.0]), np.array([9.0, 2.0, 300.0, 200.0])
    logits = ranks._Posteriors(a, b).draw(np.random.default_rng(3), 40_000).astype(float)
    shares = 1 / (1 + np.exp(-logits))
    for place in range(4):
        for probability in (0.05, 0.5, 0.95):
            share = special.beta_quantile(a[place], b[place], probability)
            below = float((shares[:, place] < share).mean())
            assert below == pytest.approx(probability, abs=0.006)  # four standard errors


def test_cumulants_of_the_logit_are_those_of_many_draws() -> None:
    mean, variance, third, fourth = special.logit_beta_cumulants(20.0, 5.0)
    shares = np.random.default_rng(4).beta(20.0, 5.0, size=2_000_000)
    logits = np.log(shares) - np.log1p(-shares)
    away = logits - logits.mean()
    spread = float(away.var())
    assert float(mean) == pytest.approx(float(logits.mean()), abs=2e-3)
    assert float(variance) == pytest.approx(spread, rel=1e-2)
    assert float(third) == pytest.approx(float((away**3).mean()), rel=5e-2)
    assert float(fourth) == pytest.approx(float((away**4).mean()) - 3 * spread**2, rel=1e-1)


def test_units_are_ordered_from_the_highest_logit_and_equal_ones_by_place() -> None:
    infinite = float("inf")
    rows = np.array(
        [[0.5, -1.5, 0.5, -infinite, 3.0, -0.25], [-2.0, infinite, -2.0, -1.0, -3.0, 0.0]],
        dtype=np.float32,
    )
    assert ranks._order(rows).tolist() == [[4, 0, 2, 5, 1, 3], [1, 5, 3, 0, 2, 4]]
    drawn = np.random.default_rng(5).standard_normal((50, 1_500), dtype=np.float32)
    assert (ranks._order(drawn) == np.argsort(-drawn, axis=1, kind="stable")).all()


def test_intervals_are_those_of_sorted_beta_draws() -> None:
    random = np.random.default_rng(6)
    n = random.integers(10, 900, size=120)
    x = random.binomial(n, random.beta(24, 8, size=120))
    a = (x + 24).astype(np.float64)
    b = (n - x + 8).astype(np.float64)  # few and many, drawn both ways
    found = rank_intervals(a, b)
    held = _held(found, a, b, 20_000)
    assert np.abs(held - 0.9).max() < 0.06  # the best has every tenth chance of one rank
    assert float(held.mean()) == pytest.approx(0.9, abs=0.005)


def test_ranks_of_many_units_are_those_of_sorted_beta_draws() -> None:
    random = np.random.default_rng(8)
    n = random.integers(10, 400, size=300)
    x = random.binomial(n, random.beta(24, 8, size=300))
    a, b = (x + 4).astype(np.float64), (n - x + 2).astype(np.float64)  # few answers among them
    found = rank_intervals(a, b)
    held = _held(found, a, b, 10_000)
    assert np.abs(held - 0.9).max() < 0.06
    assert float(held.mean()) == pytest.approx(0.9, abs=0.005)
    assert float(found.p_top_quarter.sum()) == pytest.approx(75, abs=0.5)
    assert float(found.p_bottom_quarter.sum()) == pytest.approx(75, abs=0.5)


def test_ranks_of_many_units_that_are_not_searched_for_are_those_that_are() -> None:
    random = np.random.default_rng(12)
    n = random.integers(20, 4_000, size=700)
    x = random.binomial(n, random.beta(24, 8, size=700))
    a, b = (x + 12).astype(np.float64), (n - x + 4).astype(np.float64)
    posteriors = many_ranks._Logits(a, b)
    places = posteriors.at(many_ranks._NODES)
    above, spread = many_ranks._others(posteriors, places)
    reached = many_ranks._reached(above, spread)
    for chance in (0.05, 0.5, 0.95):
        found = many_ranks._Crossing(above, spread, reached)(chance)
        known = np.flatnonzero(found)
        assert len(known) > 500
        searched = rank_limits._first(reached, chance, 700, known)
        assert int(np.abs(found[known] - searched).max()) <= 2
        beside = np.abs(reached(found[known], known) - reached(searched, known))
        assert float(beside.max()) < 0.01


@pytest.mark.parametrize(("a", "b"), [(8.0, 8.0), (8.0, 2_000.0), (20.0, 10.0), (3.0, 9.0)])
def test_chances_to_lie_above_are_those_of_the_beta(a: float, b: float) -> None:
    posterior = many_ranks._Logits(np.array([a]), np.array([b]))
    normal = np.linspace(-4, 4, 161)
    logits = posterior.at(normal)[0]
    below = betainc(a, b, 1 / (1 + np.exp(-logits)))
    assert float(np.abs(below - ndtr(normal)).max()) < 1e-3
    assert float(np.abs(posterior.above(logits)[:, 0] - (1 - below)).max()) < 1e-3


def test_chances_add_up_to_the_places_there_are() -> None:
    a = np.linspace(20, 90, 33)
    found = rank_intervals(a, 110 - a, draws=500)
    assert float(found.p_top_quarter.sum()) == pytest.approx(9, abs=1e-9)
    assert float(found.p_bottom_quarter.sum()) == pytest.approx(9, abs=1e-9)


def test_the_same_seed_gives_the_same_ranks_however_the_draws_are_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a = np.linspace(20, 90, 33)
    whole = rank_intervals(a, 110 - a, draws=1_000, seed=7)
    monkeypatch.setattr(ranks, "_CELLS", 33 * 70)
    cut = rank_intervals(a, 110 - a, draws=1_000, seed=7)
    for one, other in zip(whole, cut, strict=True):
        assert one.tolist() == other.tolist()
    assert rank_intervals(a, 110 - a, draws=1_000, seed=8).low.tolist() != whole.low.tolist()


def test_the_best_and_the_last_have_the_whole_chance_on_one_side() -> None:
    # Ten units, each surely above the next but for its neighbours.
    a = np.linspace(900.0, 100.0, 10)
    found = rank_intervals(a, 1_000 - a)
    assert (found.low[0], found.high[-1]) == (1, 10)
    assert (_held(found, a, 1_000 - a, 5_000) > 0.85).all()


def test_units_alike_have_one_interval_between_them() -> None:
    chance = np.arange(1, 21) / 20
    found = rank_limits.nearest(lambda rank, of: chance[rank - 1], 20)
    assert set((found[1] - found[0]).tolist()) == {17}  # 18 of 20 ranks are 90 %
