"""How sure a rank is: ranks over draws from each unit's posterior.

Public functions
    rank_intervals(a, b, confidence=.90, draws=10_000, seed=SEED) -> Ranks

a, b: parameters of each unit's beta posterior (`shrinkage.posterior`). Rank 1 is the highest share.
Ranks(low, high, p_top_quarter, p_bottom_quarter): int64 ranks 1..units and probabilities 0–1.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray, IntArray
from analytics.metrics import many_ranks, rank_limits, special
from analytics.metrics.intervals import SEED

DRAWS = 10_000
#: Draws held at once, whatever the number of units: few enough for a processor's own cache.
_CELLS = 100_000
#: Parameters of a beta posterior from which on its logit is close enough to the normal.
_NORMAL_FROM = 16.0
#: Above so many units nothing is drawn: it would take a second per thousand units, and `many_ranks`
#: is closer than 10,000 draws are.
_MOST_DRAWN = 50


class Ranks(NamedTuple):
    """Rank interval and chance of the outer quarters, arrays over units."""

    low: IntArray
    high: IntArray
    p_top_quarter: FloatArray
    p_bottom_quarter: FloatArray


def rank_intervals(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    confidence: float = 0.90,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Ranks:
    """Each unit's rank interval (`rank_limits`), and its chance of the top or bottom quarter.

    A quarter is ⌈units / 4⌉ places; a single unit is its own rank 1 with NaN chances. By draws up
    to 50 units, above by `many_ranks`, which needs no chance.

    Source: Goldstein & Spiegelhalter 1996, JRSS A 159:385 (ranks from posterior draws).
    """
    alphas, betas = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    units = len(alphas)
    if units < 2:
        nothing = np.full(units, np.nan)
        return Ranks(np.ones(units, np.int64), np.ones(units, np.int64), nothing, nothing.copy())
    if units > _MOST_DRAWN:
        return Ranks(*many_ranks.rank_intervals(alphas, betas, confidence))
    tally, top, bottom = _tally(alphas, betas, draws, seed)
    reached = tally.cumsum(axis=1) / draws
    low, high = rank_limits.nearest(lambda rank, of: reached[of, rank - 1], units, confidence)
    return Ranks(low, high, top / draws, bottom / draws)


def _tally(
    alphas: FloatArray, betas: FloatArray, draws: int, seed: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Draws per (unit, rank), and per unit in the top and in the bottom quarter."""
    units = len(alphas)
    posteriors = _Posteriors(alphas, betas)
    random = np.random.default_rng(seed)
    quarter = -(-units // 4)
    place = np.arange(units)
    tally = np.zeros(units * units, np.int64)
    top, bottom = np.zeros(units, np.int64), np.zeros(units, np.int64)
    chunk = max(1, _CELLS // units)
    for start in range(0, draws, chunk):
        order = _order(posteriors.draw(random, min(chunk, draws - start)))
        tally += np.bincount((order * units + place).ravel(), minlength=units * units)
        top += np.bincount(order[:, :quarter].ravel(), minlength=units)
        bottom += np.bincount(order[:, units - quarter :].ravel(), minlength=units)
    return tally.reshape(units, units), top, bottom


def _order(logits: npt.NDArray[np.float32]) -> IntArray:
    """Per row, the units from the highest logit to the lowest; equal ones by place.

    Logit and unit make one integer, which sorts in a third of the time of `argsort`.
    """
    keys = (-logits).view(np.int32).astype(np.int64)
    keys ^= (keys >> 31) & 0x7FFF_FFFF  # floats below 0 have their bits the other way round
    keys <<= 32
    keys |= np.arange(logits.shape[1])
    keys.sort(axis=1)
    keys &= 0xFFFF_FFFF
    return keys


class _Posteriors:
    """Beta posteriors, ready to be drawn from by the million.

    Only the order of the draws counts, so they are logits. The logit of a beta is the difference of
    two log gammas: its cumulants are polygammas, and three terms of Cornish and Fisher turn a
    normal draw into one of it, in an eighth of the time of `Generator.beta`. Where both parameters
    are _NORMAL_FROM or more, no probability is off by more than .0003, a tenth of the error that
    10,000 draws have themselves; the rest is drawn as it is.

    Source: Cornish & Fisher 1938; Johnson, Kotz & Balakrishnan 1994, sections 12.5 and 22.8.
    """

    def __init__(self, alphas: FloatArray, betas: FloatArray) -> None:
        self._alphas, self._betas = alphas, betas
        self._few = np.flatnonzero(np.minimum(alphas, betas) < _NORMAL_FROM)
        mean, variance, third, fourth = special.logit_beta_cumulants(alphas, betas)
        spread = np.sqrt(variance)
        skew, excess = third / variance**1.5, fourth / variance**2
        self._terms = np.asarray(
            [
                mean - spread * skew / 6,
                spread * (1 - excess / 8 + 5 * skew**2 / 36),
                spread * skew / 6,
                spread * (excess / 24 - skew**2 / 18),
            ],
            dtype=np.float32,
        )

    def draw(self, random: np.random.Generator, size: int) -> npt.NDArray[np.float32]:
        """Shape: (size, units)."""
        normal = random.standard_normal((size, len(self._alphas)), dtype=np.float32)
        logits: npt.NDArray[np.float32] = self._terms[3] * normal
        for term in self._terms[2:0:-1]:
            logits += term
            logits *= normal
        logits += self._terms[0]
        if len(self._few):
            few = random.beta(
                self._alphas[self._few], self._betas[self._few], size=(size, len(self._few))
            )
            with np.errstate(divide="ignore"):  # shares of exactly 0 or 1 are the ends
                logits[:, self._few] = np.log(few) - np.log1p(-few)
        return logits
