"""Whether a cause rose within the very weeks that its limits are made from: there no week can stand
out of limits that hold both levels.

Public function
    early_rise(x, n, *, arl=1_000) -> int array (causes,)     first week of the higher level, or −1
"""

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray, IntArray
from analytics.metrics import special
from analytics.metrics.control import ARL, BASELINE_LEAST, blocks_of, first_weeks

#: Weeks that a level must have lasted.
_LEAST = 4
#: Of fewer expected hits and misses in either part the normal limit means nothing.
_NORMAL_FROM = 5.0


def early_rise(x: npt.ArrayLike, n: npt.ArrayLike, *, arl: float = ARL) -> IntArray:
    """From which week of the baseline on the share x/n has been higher, by more than chance.

    The first 25 weeks with answers are parted where the later share exceeds the earlier one most,
    in standard errors; of all partings by Bonferroni's bound, it is false for one series in `arl`.
    Weeks that spread more than chance has it widen the error by what they spread about the two
    levels, never below 1, and t with the weeks less two degrees of freedom stands for the normal
    value. Only rises are looked for, as only they are told.

    Shape: (causes, weeks) → (causes,); −1 with fewer than 20 weeks, or too few answers.
    Source: Sullivan & Woodall 1996, Journal of Quality Technology 28:398 (a step in the weeks of a
    preliminary chart); the spread as McCullagh & Nelder 1989, 4.5.
    """
    hits, sizes = np.atleast_2d(np.asarray(x, float)), np.atleast_2d(np.asarray(n, float))
    found = np.full(len(hits), -1, np.int64)
    for block in blocks_of(len(hits)):
        found[block] = _of_block(hits[block], sizes[block], arl)
    return found


def _of_block(x: FloatArray, n: FloatArray, arl: float) -> IntArray:
    used = first_weeks(n > 0)
    weeks = used.sum(axis=1)
    ready = weeks >= BASELINE_LEAST
    x, n = np.where(used, x, 0.0), np.where(used, n, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        height = _heights(x, n, used, weeks)
    # A level begins with a week that has answers.
    height[:, :-1] = np.where(used[:, 1:], height[:, :-1], -np.inf)
    height[:, -1] = -np.inf
    place = height.argmax(axis=1)
    highest = height[np.arange(len(x)), place]
    return np.where(ready & (highest > _bounds(weeks, ready, arl)), place + 1, -1)


def _heights(
    x: FloatArray, n: FloatArray, used: npt.NDArray[np.bool_], weeks: IntArray
) -> FloatArray:
    """By how many standard errors the share after each week exceeds that up to it."""
    squares = np.where(n > 0, x * x / n, 0.0)
    x1, n1, s1, m1 = (part.cumsum(axis=1) for part in (x, n, squares, used))
    x2, n2, s2 = (part[:, -1:] - part for part in (x1, n1, s1))
    m2 = weeks[:, None] - m1
    p1, p2, p = x1 / n1, x2 / n2, (x1 + x2) / (n1 + n2)
    within = s1 - x1 * p1 + s2 - x2 * p2
    chance = (x1 * (1 - p1) + x2 * (1 - p2)) / (n1 + n2)
    free = np.maximum(weeks[:, None] - 2, 1)
    spread = np.where(chance > 0, np.maximum(1.0, within / chance / free), 1.0)
    error = np.sqrt(spread * p * (1 - p) * (1 / n1 + 1 / n2))
    enough = np.minimum(n1, n2) * np.minimum(p, 1 - p) >= _NORMAL_FROM
    allowed = (m1 >= _LEAST) & (m2 >= _LEAST) & enough
    height = np.where(allowed, (p2 - p1) / error, -np.inf)
    return np.where(np.isnan(height), -np.inf, height)


def _bounds(weeks: IntArray, ready: npt.NDArray[np.bool_], arl: float) -> FloatArray:
    """How many standard errors chance reaches once in `arl` series, by the number of weeks."""
    found = np.full(len(weeks), np.inf)
    for number in np.unique(weeks[ready]).tolist():
        partings = number - 2 * _LEAST + 1
        found[weeks == number] = special.t_quantile(number - 2, 1 - 1 / (arl * partings))
    return found
