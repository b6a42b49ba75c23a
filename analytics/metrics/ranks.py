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
from analytics.metrics.intervals import SEED

DRAWS = 10_000
#: Shares held at once: 8 MB of draws, whatever the number of units.
_CELLS = 1_000_000
#: Above so many units ranks are kept in classes, so that memory grows with units, not their square.
_CLASSES = 1_024


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
    """Central interval of each unit's rank, and its chance to stand in the top or bottom quarter.

    A quarter is ⌈units / 4⌉ places; a single unit is its own rank 1 with NaN chances. Above 1,024
    units the interval is widened to whole classes of neighbouring ranks.

    Source: Goldstein & Spiegelhalter 1996, JRSS A 159:385 (ranks from posterior draws).
    """
    alphas, betas = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    units = len(alphas)
    if units < 2:
        nothing = np.full(units, np.nan)
        return Ranks(np.ones(units, np.int64), np.ones(units, np.int64), nothing, nothing.copy())
    classes = min(units, _CLASSES)
    tally, top, bottom = _tally(alphas, betas, draws, seed, classes)
    tail = (1 - confidence) / 2
    reached = tally.cumsum(axis=1) / draws
    first = (reached < tail).sum(axis=1)
    last = (reached < 1 - tail - 1e-12).sum(axis=1)
    # Class k holds the ranks r (from 0) with r·classes // units = k.
    low = -(-first * units // classes) + 1
    high = -(-(last + 1) * units // classes)
    return Ranks(low.astype(np.int64), high.astype(np.int64), top / draws, bottom / draws)


def _tally(
    alphas: FloatArray, betas: FloatArray, draws: int, seed: int, classes: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Draws per (unit, class of rank), and per unit in the top and in the bottom quarter."""
    units = len(alphas)
    random = np.random.default_rng(seed)
    quarter = -(-units // 4)
    class_of_place = np.arange(units) * classes // units
    tally = np.zeros(units * classes, np.int64)
    top, bottom = np.zeros(units, np.int64), np.zeros(units, np.int64)
    chunk = max(1, _CELLS // units)
    for start in range(0, draws, chunk):
        shares = random.beta(alphas, betas, size=(min(chunk, draws - start), units))
        order = np.argsort(-shares, axis=1)
        cells = (order * classes + class_of_place).ravel()
        tally += np.bincount(cells, minlength=units * classes)
        top += np.bincount(order[:, :quarter].ravel(), minlength=units)
        bottom += np.bincount(order[:, units - quarter :].ravel(), minlength=units)
    return tally.reshape(units, classes), top, bottom
