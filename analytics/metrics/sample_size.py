"""How many answers it takes to see a difference between two groups.

Public functions
    needed_per_arm(first, other, power=.8, confidence=.95) -> array
"""

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics import special
from analytics.metrics.intervals import normal_quantile

POWER = 0.8


def needed_per_arm(
    first: npt.ArrayLike, other: npt.ArrayLike, power: float = POWER, confidence: float = 0.95
) -> FloatArray:
    """Answers in each of two groups so that a two-sided test sees the difference with `power`.

    Shape: shares that broadcast. Units: answers, whole numbers; NaN for equal shares, which no
    number of answers tells apart.
    Raises: ValueError for a share outside 0..1, or a power outside 0..1.
    Source: Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions, formula 4.14
    (without continuity correction).
    """
    one, two = (np.asarray(part, dtype=float) for part in np.broadcast_arrays(first, other))
    if ((one < 0) | (one > 1) | (two < 0) | (two > 1)).any():
        raise ValueError("a share must lie between 0 and 1")
    if not 0 < power < 1:
        raise ValueError(f"a power must lie between 0 and 1, is {power}")
    middle = (one + two) / 2
    together = normal_quantile(confidence) * np.sqrt(2 * middle * (1 - middle))
    apart = special.normal_score(power) * np.sqrt(one * (1 - one) + two * (1 - two))
    difference = np.where(one == two, np.nan, one - two)
    return np.asarray(np.ceil(((together + apart) / difference) ** 2))
