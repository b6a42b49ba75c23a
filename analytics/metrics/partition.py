"""The best division of a short series into levels, exactly and without a heavy library.

Public functions
    breaks(values, penalty, least) -> list[int]

PELT finds the same division (it prunes what cannot be best); for the hundred weeks of a chart the
plain recursion takes a millisecond, where loading ruptures takes two seconds in every web process.
"""

import numpy as np
import numpy.typing as npt


def breaks(values: npt.ArrayLike, penalty: float, least: int) -> list[int]:
    """Places where a new level begins: least squared error, plus the penalty for each level.

    Shape: values (points,) → the first index of each later level, in order.
    Raises: ValueError for `least` below 1.
    Source: Jackson et al. 2005, IEEE Signal Processing Letters 12:105 (optimal partitioning).
    """
    if least < 1:
        raise ValueError(f"a level must last at least one point, not {least}")
    series = np.asarray(values, dtype=float)
    n = len(series)
    # About the mean, so that squares of large values lose no digits.
    centred = series - series.mean() if n else series
    total = np.concatenate([[0.0], np.cumsum(centred)])
    square = np.concatenate([[0.0], np.cumsum(centred**2)])
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    start = np.zeros(n + 1, np.int64)
    for end in range(least, n + 1):
        begins = np.arange(end - least + 1)
        size = end - begins
        error = square[end] - square[begins] - (total[end] - total[begins]) ** 2 / size
        cost = best[begins] + error + penalty
        start[end] = int(np.argmin(cost))
        best[end] = cost[start[end]]
    found: list[int] = []
    end = n
    while end > 0 and start[end] > 0:
        end = int(start[end])
        found.append(end)
    return found[::-1]
