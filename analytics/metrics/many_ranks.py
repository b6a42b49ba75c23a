"""How sure a rank is, among so many units that drawing every posterior would take seconds.

Public function
    rank_intervals(a, b, confidence=.90) -> (low, high, p_top_quarter, p_bottom_quarter)

Given its own share, a unit's rank is one plus the number of others above it: a sum of independent
yes-or-no's, which for hundreds of units is as good as normal. Mean and variance of that sum are
smooth functions of the share, so they are worked out on one grid for everyone; what is left is an
average over the unit's own posterior.
"""

from collections.abc import Callable

import numpy as np

from analytics.columns import FloatArray, IntArray
from analytics.metrics import rank_limits, special

#: Places on the scale of logits at which the number of units above is worked out.
_GRID = 192
#: Points of each unit's own posterior, evenly over −4 … 4 standard deviations.
_NODES = np.linspace(-4.0, 4.0, 65)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
#: Parameters from which three terms of Cornish and Fisher are off by no more than .001.
_NORMAL_FROM = 8.0
#: Cells of the grid held at once: few enough for a processor's own cache.
_CELLS = 32_000


def rank_intervals(
    a: FloatArray, b: FloatArray, confidence: float = 0.90
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Interval of each unit's rank, and its chance to stand in the top or bottom quarter.

    Shape: arrays over units; `a`, `b` as `shrinkage.posterior` gives them, at least two units.
    Units: ranks from 1 (highest share), probabilities 0–1.
    Source: Goldstein & Spiegelhalter 1996, JRSS A 159:385; the rank's distribution as the normal
    approximation to Poisson's binomial, Hodges & Le Cam 1960.
    """
    units = len(a)
    posteriors = _Logits(a, b)
    places = posteriors.at(_NODES)
    above, spread = _others(posteriors, places)
    reached, everyone = _reached(above, spread), np.arange(units)
    first = _Crossing(above, spread, reached)
    low, high = rank_limits.nearest(reached, units, confidence, first)
    quarter = np.full(units, -(-units // 4))
    top, bottom = reached(quarter, everyone), 1 - reached(units - quarter, everyone)
    return low, high, top, bottom


def _reached(
    above: FloatArray, spread: FloatArray
) -> Callable[[FloatArray | IntArray, IntArray], FloatArray]:
    """Chance of each of the units named to have the rank given for it or a better one."""
    chunk = _CELLS // len(_NODES)

    def reached(rank: FloatArray | IntArray, of: IntArray) -> FloatArray:
        chances = np.empty(len(of))
        for start in range(0, len(of), chunk):
            some = slice(start, start + chunk)
            away = (rank[some, None] - 0.5 - above[of[some]]) / spread[of[some]]
            chances[some] = special.normal_cdf(away) @ _WEIGHTS
        return chances

    return reached


def _others(posteriors: "_Logits", places: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Per unit and node: how many others are expected above, and the deviation of that number."""
    grid = np.unique(np.quantile(places[:, ::4], np.linspace(0, 1, _GRID)))
    higher = posteriors.above(grid)
    mean, variance = higher.sum(axis=1), (higher * (1 - higher)).sum(axis=1)
    # The unit itself is not among those above it.
    own = special.normal_cdf(-_NODES)
    expected = np.interp(places, grid, mean) - own
    uncertain = np.interp(places, grid, variance) - own * (1 - own)
    return expected, np.sqrt(np.maximum(uncertain, 1e-9))


class _Crossing:
    """The first rank that a unit reaches with a chance, without halving all ranks for it.

    Where the number of others above falls in z by m a deviation, and is uncertain by s, a straight
    line makes the rank normal with the deviation √(m² + s²): the wanted rank is near the number
    above at z·√(1 + s²/m²), and one step of Newton's from there is exact to a part of a rank.
    Taken where the line is steep against its own uncertainty, and away from the ends.
    """

    #: Greatest s/m, and ranks that keep away from either end.
    _BLUR, _END = 0.4, 16

    def __init__(
        self,
        above: FloatArray,
        spread: FloatArray,
        reached: Callable[[FloatArray, IntArray], FloatArray],
    ) -> None:
        self._above, self._reached = above, reached
        self._fall = -np.gradient(above, _NODES[1] - _NODES[0], axis=1)
        self._blur = spread / np.maximum(self._fall, 1e-9)

    def __call__(self, chance: float) -> IntArray:
        """Shape: (units,), 0 for whom a search has to tell."""
        score = float(special.normal_score(1 - chance))
        blur = _between(self._blur, np.full(len(self._above), score))
        usable = blur < self._BLUR
        wide = np.sqrt(1 + np.where(usable, blur, 0.0) ** 2)
        z = score * wide
        rank, fall = _between(self._above, z) + 0.5, _between(self._fall, z)
        usable &= (rank > self._END) & (rank < len(rank) - self._END) & (fall > 0)
        of = np.flatnonzero(usable)
        density = np.exp(-(score**2) / 2) / np.sqrt(2 * np.pi) / (wide * fall)[of]
        exact = rank[of] - (self._reached(rank[of], of) - chance) / density
        found = np.zeros(len(rank), np.int64)
        found[of] = np.clip(np.ceil(exact), 1, len(rank)).astype(np.int64)
        return found


def _between(values: FloatArray, z: FloatArray) -> FloatArray:
    """Each unit's row of `values` over _NODES at its own z, on straight lines."""
    place = np.clip((z - _NODES[0]) / (_NODES[1] - _NODES[0]), 0, len(_NODES) - 1.001)
    left = place.astype(np.int64)
    rows, part = np.arange(len(values)), place - left
    return np.asarray(values[rows, left] * (1 - part) + values[rows, left + 1] * part)


class _Logits:
    """Posteriors on the scale of logits, by their first four cumulants; those of few answers by the
    beta itself.

    Source: Cornish & Fisher 1938; Johnson, Kotz & Balakrishnan 1994, section 12.5.
    """

    def __init__(self, a: FloatArray, b: FloatArray) -> None:
        self._a, self._b = a, b
        self._few = np.flatnonzero(np.minimum(a, b) < _NORMAL_FROM)
        self._mean, variance, third, fourth = special.logit_beta_cumulants(a, b)
        self._spread = np.sqrt(variance)
        self._skew, self._excess = third / variance**1.5, fourth / variance**2

    def at(self, z: FloatArray) -> FloatArray:
        """The logit of each unit that a normal `z` corresponds to. Shape: (units, len(z))."""
        skew, excess = self._skew[:, None], self._excess[:, None]
        away = (
            z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * excess / 24
            - (2 * z**3 - 5 * z) * skew**2 / 36
        )  # fmt: skip
        found = np.asarray(self._mean[:, None] + self._spread[:, None] * away, dtype=np.float64)
        if len(self._few):
            found[self._few] += self._beyond(z, found[self._few])
        return found

    def _beyond(self, z: FloatArray, near: FloatArray) -> FloatArray:
        """By how much the beta of few answers is off the three terms: worked out at every fourth
        place, and on straight lines between, for it is small and smooth."""
        some = np.unique(np.append(np.arange(0, len(z), 4), len(z) - 1))
        share = special.beta_quantile(
            self._a[self._few, None], self._b[self._few, None], special.normal_cdf(z[some])
        )
        inside = np.clip(share, 1e-300, 1 - 1e-16)
        off = np.log(inside) - np.log1p(-inside) - near[:, some]
        left = np.clip(np.searchsorted(some, np.arange(len(z)), side="right") - 1, 0, len(some) - 2)
        part = (z - z[some[left]]) / (z[some[left + 1]] - z[some[left]])
        return np.asarray(off[:, left] * (1 - part) + off[:, left + 1] * part)

    def above(self, logit: FloatArray) -> FloatArray:
        """Chance of each unit to lie above. Shape: (len(logit), units)."""
        chance = np.empty((len(logit), len(self._mean)))
        chunk = max(1, _CELLS // len(self._mean))
        for start in range(0, len(logit), chunk):
            some = slice(start, start + chunk)
            chance[some] = special.normal_cdf(-self._score(logit[some]))
        if len(self._few):
            # By the places of their own quantiles the other way round.
            rows = np.maximum.accumulate(self.at(_NODES)[self._few], axis=1)
            z = [np.interp(logit, row, _NODES, left=-8.0, right=8.0) for row in rows]
            chance[:, self._few] = special.normal_cdf(-np.asarray(z)).T
        return chance

    def _score(self, logit: FloatArray) -> FloatArray:
        """Cornish and Fisher the other way round; beyond four deviations only the side counts. By
        powers of w, which are products: `**` would take ten times as long."""
        w = np.clip((logit[:, None] - self._mean) / self._spread, -8.0, 8.0)
        near = np.clip(w, -4.0, 4.0)
        square = near * near
        third, fourth = self._skew / 6, self._excess / 24
        bent = self._skew**2 / 36
        z = w + third + square * -third
        z += near * (square * (4 * bent - fourth) + (3 * fourth - 7 * bent))
        return np.asarray(z)
