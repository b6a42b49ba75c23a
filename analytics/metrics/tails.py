"""How unlikely a count is, with the spread that its own past had; shared by the weekly charts.

Public functions
    upper(family, x, n, centre, inflation=1, past=∞) -> array        P(X ≥ x) if nothing changed
    mid_upper(family, x, n, centre, inflation=1, past=∞) -> array    P(X > x) + ½ P(X = x)
    surprise(family, x, n, centre, inflation=1, past=∞) -> (above, below)     tails for a limit
    deviation(family, n, centre) -> array                    of the share or rate, by chance alone
    excess(family, z, n, centre, used) -> bool array         whether weeks spread more than chance
    moving_spread(z, used) -> array                          Laney's σ_z, at least 1

`family` is "binomial" (x of n answers; centre a share) or "poisson" (x cases on n units of
exposure; centre a rate). `past`: the count that a Poisson's centre comes from, where it is not
known for sure. Arrays broadcast; causes run along the first axis, weeks along the last.

A variance that is `inflation` times that of chance is met by counting as if there were as many
times fewer answers: x/inflation of n/inflation, the tail being read between whole numbers. This
keeps the skewness of small counts, which a normal limit with a larger σ loses.
Source: Korn & Graubard 1998, Survey Methodology 24:193 (effective sample size in exact limits).
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics import special

Family = Literal["binomial", "poisson"]
BoolArray = npt.NDArray[np.bool_]
#: E|Δz| of two independent standard normal values.
_D2 = 1.128
_EXCESS_LEVEL = 0.95
#: n/f − (n + f)/f + 1 is 0 but for rounding, and beyond n there is nothing at all.
_NOTHING = 1e-9


def upper(
    family: Family,
    x: npt.ArrayLike,
    n: npt.ArrayLike,
    centre: npt.ArrayLike,
    inflation: npt.ArrayLike = 1.0,
    past: npt.ArrayLike = np.inf,
) -> FloatArray:
    """P(X ≥ x): 1 from x = 0 down, 0 above n; NaN where n is 0 or the centre unknown.

    A Poisson whose rate is itself known from `past` counts only is a negative binomial.
    Source: Gelman et al., Bayesian Data Analysis, section 2.6, with Jeffreys' prior.
    """
    hits, size, mean, factor, count = np.broadcast_arrays(
        *(np.asarray(part, dtype=float) for part in (x, n, centre, inflation, past))
    )
    hits, size = hits / factor, np.where(size > 0, size, np.nan) / factor
    missing = np.where(np.isnan(size) | np.isnan(mean), np.nan, 0.0)
    a = np.where(hits > 0, hits, 1.0)
    if family == "poisson":
        due, known = np.nan_to_num(size * mean), np.isfinite(count)
        tail = special.gamma_cdf(a, due)
        if known.any():
            shape = np.where(known, count / factor + 0.5, 1.0)
            estimated = special.beta_cdf(a, shape, due / (due + shape))
            tail = np.where(known, estimated, tail)
        return np.where(hits > 0, tail, 1.0) + missing
    b = np.nan_to_num(size - hits + 1, nan=1.0)
    tail = special.beta_cdf(a, np.where(b > 0, b, 1.0), np.nan_to_num(mean))
    return np.where(hits <= 0, 1.0, np.where(b > _NOTHING, tail, 0.0)) + missing


def mid_upper(
    family: Family,
    x: npt.ArrayLike,
    n: npt.ArrayLike,
    centre: npt.ArrayLike,
    inflation: npt.ArrayLike = 1.0,
    past: npt.ArrayLike = np.inf,
) -> FloatArray:
    """Mid-p of the upper tail; that of the lower one is 1 minus it.

    Source: Lancaster 1961, JASA 56:223.
    """
    hits, factor = np.asarray(x, dtype=float), np.asarray(inflation, dtype=float)
    above = upper(family, hits + factor, n, centre, factor, past)
    return np.asarray((upper(family, hits, n, centre, factor, past) + above) / 2)


def surprise(
    family: Family,
    x: npt.ArrayLike,
    n: npt.ArrayLike,
    centre: npt.ArrayLike,
    inflation: npt.ArrayLike = 1.0,
    past: npt.ArrayLike = np.inf,
) -> tuple[FloatArray, FloatArray]:
    """How surprising x is above and below: a limit of chance α lies where it falls under α.

    A count cannot have a tail of just α: a limit by the full tail alarms only half as often as
    promised, and one by mid-p still a tenth less. Here the tail is the logarithmic mean of P(X ≥ x)
    and P(X > x). Tails fall by about the same factor from count to count, so with weeks of many
    sizes the chance of a signal is α on average.
    Source: the mean of an exponential between two ends; compare Lancaster's mid-p, the arithmetic.
    """
    hits, factor = np.asarray(x, dtype=float), np.asarray(inflation, dtype=float)
    here = upper(family, hits, n, centre, factor, past)
    above = upper(family, hits + factor, n, centre, factor, past)
    return _logarithmic_mean(here, above), _logarithmic_mean(1 - above, 1 - here)


def _logarithmic_mean(larger: FloatArray, smaller: FloatArray) -> FloatArray:
    """(a − b)/ln(a/b); half of a where b is 0, for there the counts end."""
    falling = (smaller > 0) & (larger > smaller)
    step, least = (np.where(falling, part, 1.0) for part in (larger - smaller, smaller))
    return np.where(falling, step / np.log1p(step / least), (larger + smaller) / 2)


def deviation(family: Family, n: npt.ArrayLike, centre: npt.ArrayLike) -> FloatArray:
    """√(p(1 − p)/n) or √(u/n); NaN where n is 0."""
    size, mean = np.asarray(n, dtype=float), np.asarray(centre, dtype=float)
    size = np.where(size > 0, size, np.nan)
    variance = mean * (1 - mean) if family == "binomial" else mean
    return np.asarray(np.sqrt(variance / size))


def excess(
    family: Family, z: FloatArray, n: FloatArray, centre: FloatArray, used: BoolArray
) -> BoolArray:
    """Whether the used weeks' z² add up to more than chance would (5 %).

    The sum is held against a χ² of the same mean and variance, for z² of small counts varies more
    than that of normal values.

    Shape: (causes, weeks) and centre (causes, 1) → (causes,).
    Source: Cochran 1954, Biometrics 10:417; Satterthwaite 1946 for the matched χ².
    """
    variance = centre * (1 - centre) if family == "binomial" else centre
    expected = np.where(used & (n * variance > 0), n * variance, np.nan)
    kurtosis = 1 - 6 * variance if family == "binomial" else 1.0
    weeks = (~np.isnan(expected)).sum(axis=1)
    freedom = np.maximum(weeks - 1, 1)
    spread = np.nansum(2 + kurtosis / expected, axis=1) * freedom / np.maximum(weeks, 1)
    matched = 2 * freedom**2 / np.where(spread > 0, spread, 1.0)
    most = special.chi_square_quantile(matched, _EXCESS_LEVEL) * freedom / matched
    total = np.nansum(np.where(used, z, 0.0) ** 2, axis=1)
    return np.asarray((weeks > 1) & (total > most))


def moving_spread(z: FloatArray, used: BoolArray) -> FloatArray:
    """σ_z: mean |Δz| of neighbouring used weeks over 1.128, at least 1.

    Shape: (causes, weeks) → (causes,); 1 with fewer than 2 used weeks.
    Source: Laney 2002, Quality Engineering 14:531.
    """
    if z.shape[1] < 2:
        return np.ones(len(z))
    known = used & ~np.isnan(z)
    places = np.where(known, np.arange(z.shape[1]), -1)
    before = np.maximum.accumulate(places, axis=1)
    before = np.concatenate([np.full((len(z), 1), -1), before[:, :-1]], axis=1)
    both = known & (before >= 0)
    plain = np.where(known, z, 0.0)
    steps = np.abs(plain - np.take_along_axis(plain, np.maximum(before, 0), axis=1))
    n = both.sum(axis=1)
    mean = np.where(both, steps, 0.0).sum(axis=1) / np.maximum(n, 1)
    return np.asarray(np.maximum(1.0, mean / _D2))
