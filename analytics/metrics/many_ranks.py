"""How sure a rank is, among so many units that drawing every posterior would take seconds.

Public function
    rank_intervals(a, b, confidence=.90) -> (low, high, p_top_quarter, p_bottom_quarter)

Given its own share, a unit's rank is one plus the number of others above it: a sum of independent
yes-or-no's, which for hundreds of units is as good as normal. Mean and variance of that sum are
smooth functions of the share, so they are worked out on one grid for everyone; what is left is an
average over the unit's own posterior.
"""

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
    chunk = _CELLS // len(_NODES)
    everyone = np.arange(units)

    def reached(rank: IntArray, of: IntArray) -> FloatArray:
        """Chance of each of the units to have this rank or a better one."""
        chances = np.empty(len(of))
        for start in range(0, len(of), chunk):
            some = slice(start, start + chunk)
            away = (rank[some, None] - 0.5 - above[of[some]]) / spread[of[some]]
            chances[some] = special.normal_cdf(away) @ _WEIGHTS
        return chances

    low, high = rank_limits.nearest(reached, units, confidence)
    quarter = np.full(units, -(-units // 4))
    top, bottom = reached(quarter, everyone), 1 - reached(units - quarter, everyone)
    return low, high, top, bottom


def _others(posteriors: "_Logits", places: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Per unit and node: how many others are expected above, and the deviation of that number."""
    grid = np.unique(np.quantile(places, np.linspace(0, 1, _GRID)))
    mean, variance = np.zeros(len(grid)), np.zeros(len(grid))
    chunk = max(1, _CELLS // len(places))
    for start in range(0, len(grid), chunk):
        higher = posteriors.above(grid[start : start + chunk])
        mean[start : start + chunk] = higher.sum(axis=1)
        variance[start : start + chunk] = (higher * (1 - higher)).sum(axis=1)
    # The unit itself is not among those above it.
    own = special.normal_cdf(-_NODES)
    expected = np.interp(places, grid, mean) - own
    uncertain = np.interp(places, grid, variance) - own * (1 - own)
    return expected, np.sqrt(np.maximum(uncertain, 1e-9))


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
        found = self._mean[:, None] + self._spread[:, None] * away
        if len(self._few):
            share = special.beta_quantile(
                self._a[self._few, None], self._b[self._few, None], special.normal_cdf(z)
            )
            inside = np.clip(share, 1e-300, 1 - 1e-16)
            found[self._few] = np.log(inside) - np.log1p(-inside)
        return np.asarray(found, dtype=np.float64)

    def above(self, logit: FloatArray) -> FloatArray:
        """Chance of each unit to lie above. Shape: (len(logit), units)."""
        w = np.clip((logit[:, None] - self._mean) / self._spread, -8.0, 8.0)
        # Cornish and Fisher the other way round; beyond four deviations only the side counts.
        near = np.clip(w, -4.0, 4.0)
        z = (
            w - (near**2 - 1) * (self._skew / 6) - (near**3 - 3 * near) * (self._excess / 24)
            + (4 * near**3 - 7 * near) * (self._skew**2 / 36)
        )  # fmt: skip
        chance = special.normal_cdf(-z)
        if len(self._few):
            share = 1 / (1 + np.exp(-logit))
            chance[:, self._few] = special.beta_cdf(
                self._b[self._few], self._a[self._few], (1 - share)[:, None]
            )
        return chance
