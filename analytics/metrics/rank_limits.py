"""The run of ranks a unit plausibly has, from its chances to reach each.

Public function
    nearest(reached, units, confidence=.90) -> (low, high)

Ranks are whole numbers and end at 1 and at the last. Cutting 5 % off each side lets the best and
the last keep 10 %, and always takes the whole of a rank that is half needed: such intervals held 93
to 97 times in 100. So a unit likely to be the first or the last has the 10 % cut off at the other
side, and an outer rank stays only where the whole is nearer to the promise with it than without.
"""

from collections.abc import Callable

import numpy as np

from analytics.columns import FloatArray, IntArray

#: From so many times the tail on a unit is likely to be the first: more than the twentieth that
#: each of twenty units alike has.
_LIKELY = 1.25
#: Chance to have the rank given for it, or a better one, of each of the units named.
Reached = Callable[[IntArray, IntArray], FloatArray]


def nearest(reached: Reached, units: int, confidence: float = 0.90) -> tuple[IntArray, IntArray]:
    """Lowest and highest rank of each unit, with a chance as near to `confidence` as ranks allow.

    Shape: `reached` takes two arrays of one length, ranks 1…units and units 0…, and gives a third.
    """

    def sure(rank: IntArray, of: IntArray) -> FloatArray:
        inside = reached(np.clip(rank, 1, units), of)
        return np.where(rank < 1, 0.0, np.where(rank >= units, 1.0, inside))

    tail = (1 - confidence) / 2
    everyone, ones = np.arange(units), np.ones(units, np.int64)
    low, high = (_first(sure, chance, units, everyone) for chance in (tail, 1 - tail))
    at_first = np.flatnonzero(sure(ones, everyone) >= _LIKELY * tail)
    at_last = np.flatnonzero(1 - sure(ones * (units - 1), everyone) >= _LIKELY * tail)
    # The last rank with no more than the whole rest before it.
    low[at_last] = _first(sure, 1 - confidence + 1e-12, units, at_last)
    high[at_first] = _first(sure, confidence, units, at_first)
    dropped = np.zeros(units, dtype=np.int64)
    for _ in range(2):
        before, at_low_end = sure(low - 1, everyone), sure(low, everyone)
        whole, without_last = sure(high, everyone), sure(high - 1, everyone)
        surplus = whole - before - confidence
        first, last = at_low_end - before, whole - without_last
        at_low = np.where(dropped == 0, first <= last, dropped > 0)
        less = np.where(at_low, first, last)
        drop = (low < high) & (np.abs(surplus - less) < np.abs(surplus))
        low, high = low + (drop & at_low), high - (drop & ~at_low)
        # One at each side at most.
        dropped = np.where(at_low, -1, 1)
    return low, high


def _first(sure: Reached, chance: float, units: int, of: IntArray) -> IntArray:
    """The first rank of each of these units that is reached with the chance, by halving."""
    low, high = np.ones(len(of), np.int64), np.full(len(of), units, np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        enough = sure(middle, of) >= chance
        high = np.where(enough, middle, high)
        low = np.where(enough, low, np.minimum(middle + 1, high))
    return low
