"""The run of ranks a unit plausibly has, from its chances to reach each.

Public function
    nearest(reached, units, confidence=.90, first=None) -> (low, high)

Ranks are whole numbers and end at 1 and at the last. Cutting 5 % off each side lets the best and
the last keep 10 %, and always takes the whole of a rank that is half needed: such intervals held 93
to 97 times in 100. So a unit likely to be the first or the last has the 10 % cut off at the other
side; then an outer rank goes, or one more comes, where that brings the whole nearer to the promise.
"""

from collections.abc import Callable

import numpy as np

from analytics.columns import FloatArray, IntArray

#: From so many times the tail on a unit is likely to be the first: more than the twentieth that
#: each of twenty units alike has.
_LIKELY = 1.25
#: Ranks that may go or come in turn; further away than that the cuts above never are.
_STEPS = 3
#: A run of so many ranks is near enough as it is cut: one rank at its end is a third of a percent.
_LONG = 100
#: Chance to have the rank given for it, or a better one, of each of the units named.
Reached = Callable[[IntArray, IntArray], FloatArray]
#: The first rank that each unit reaches with a chance, where it is known without a search; else 0.
First = Callable[[float], IntArray]


def nearest(
    reached: Reached, units: int, confidence: float = 0.90, first: First | None = None
) -> tuple[IntArray, IntArray]:
    """Lowest and highest rank of each unit, with a chance as near to `confidence` as ranks allow.

    Shape: `reached` takes two arrays of one length, ranks 1…units and units 0…, and gives a third.
    """

    def sure(rank: IntArray, of: IntArray) -> FloatArray:
        inside = reached(np.clip(rank, 1, units), of)
        return np.where(rank < 1, 0.0, np.where(rank >= units, 1.0, inside))

    tail = (1 - confidence) / 2
    low, high = (_first_of_all(sure, chance, units, first) for chance in (tail, 1 - tail))
    # Whoever is first, or last, with more than the tail has that rank in the run already.
    at_first, at_last = np.flatnonzero(low == 1), np.flatnonzero(high == units)
    at_first = at_first[sure(np.ones_like(at_first), at_first) >= _LIKELY * tail]
    before_last = np.full_like(at_last, units - 1)
    at_last = at_last[1 - sure(before_last, at_last) >= _LIKELY * tail]
    # The last rank with no more than the whole rest before it.
    low[at_last] = _first(sure, 1 - confidence + 1e-12, units, at_last)
    high[at_first] = _first(sure, confidence, units, at_first)
    _settle(sure, low, high, units, confidence)
    return low, high


def _settle(sure: Reached, low: IntArray, high: IntArray, units: int, confidence: float) -> None:
    """Let an outer rank go or come, in place, while that brings the whole nearer to the promise."""
    moving = np.flatnonzero(high - low < _LONG)
    for _ in range(_STEPS):
        start, end = low[moving], high[moving]
        before, whole = sure(start - 1, moving), sure(end, moving)
        one = start == end
        steps = np.stack(
            [
                np.zeros(len(moving)),
                np.where(one, np.inf, before - sure(start, moving)),
                np.where(one, np.inf, sure(end - 1, moving) - whole),
                np.where(start > 1, before - sure(start - 2, moving), np.inf),
                np.where(end < units, sure(end + 1, moving) - whole, np.inf),
            ]
        )
        best = np.abs(whole - before - confidence + steps).argmin(axis=0)
        low[moving] += (best == 1).astype(np.int64) - (best == 3)
        high[moving] += (best == 4).astype(np.int64) - (best == 2)
        moving = moving[best > 0]


def _first_of_all(sure: Reached, chance: float, units: int, first: First | None) -> IntArray:
    found = np.zeros(units, np.int64) if first is None else first(chance)
    unknown = np.flatnonzero(found == 0)
    found[unknown] = _first(sure, chance, units, unknown)
    return found


def _first(sure: Reached, chance: float, units: int, of: IntArray) -> IntArray:
    """The first rank of each of these units that is reached with the chance, by halving."""
    low, high = np.ones(len(of), np.int64), np.full(len(of), units, np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        enough = sure(middle, of) >= chance
        high = np.where(enough, middle, high)
        low = np.where(enough, low, np.minimum(middle + 1, high))
    return low
