"""Funnel plot: which units differ from the others by more than chance, and how much chance is.

Public functions
    funnel(x, n, *, target=None, level=.05) -> Funnel       units, and who is flagged
    limits(n, target, tau2=0, coverage=.95) -> Interval      the funnel's curves, for any n
    as_sure_as(value, low, high, confidence=.95) -> array    answers a calculated share is worth
    worth(value, low, high, n, confidence=.95) -> array      the same, at most n
    as_counts(value, low, high, n) -> (hits, n)              the same as whole numbers
    z_of_ratio(observed, expected) -> array                  √E·ln(O/E)
    winsorised(z, part=.1) -> array
    dispersion(z, part=.1) -> float                          φ, mean of winsorised z²
    between_variance(phi, spread) -> float                   τ² of Spiegelhalter
    false_discoveries(p, level=.05) -> (flagged, q)          Benjamini–Hochberg

x of n answers of a unit were 4–5. Shares are 0–1.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray, IntArray
from analytics.metrics import special
from analytics.metrics.intervals import Interval, normal_quantile, share

#: The two pairs of lines of the usual funnel.
WARNING, ACTION = 0.95, 0.998
#: Pulled in at either end before the spread between units is measured, so that the outliers
#: themselves do not widen the limits that should show them.
WINSORISED = 0.1
FLAG_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Funnel:
    """Units against the share they would have in common, arrays over units.

    `target` is that share, `phi` the mean of the winsorised z² (1 where units spread as chance has
    it), `tau2` the variance between units, 0 unless `overdispersed`. `z` and two-sided `p` allow
    for τ²; `q` is p adjusted for the number of units; `flagged` where q ≤ level.
    """

    target: float
    phi: float
    tau2: float
    overdispersed: bool
    z: FloatArray
    p: FloatArray
    q: FloatArray
    flagged: npt.NDArray[np.bool_]

    def limits(self, n: npt.ArrayLike, coverage: float = WARNING) -> Interval:
        """The funnel's limits at n answers, as `limits`."""
        return limits(n, self.target, self.tau2, coverage)


def funnel(
    x: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    target: float | None = None,
    level: float = FLAG_LEVEL,
) -> Funnel:
    """Compare every unit's share with the target, by default that of all units together.

    Where units spread as chance has it, p is the exact binomial one (both tails, mid-p); where they
    spread more, τ² is added to the variance and p is normal.

    Shape: arrays over units; a unit without answers has NaN and no flag.
    Raises: ValueError where x lies outside 0..n, or the target outside 0..1.
    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185; Benjamini & Hochberg 1995.
    """
    shares = share(x, n)
    hits, trials = (np.asarray(part, dtype=float) for part in np.broadcast_arrays(x, n))
    some = trials > 0
    if target is None:
        target = float(hits.sum() / trials.sum()) if some.any() else float("nan")
    elif not 0 <= target <= 1:
        raise ValueError(f"a target must lie between 0 and 1, is {target}")
    variance = target * (1 - target) / np.where(some, trials, np.nan)
    if not some.any() or target in (0, 1):
        nothing = np.full(shares.shape, np.nan)
        no = np.zeros(shares.shape, dtype=bool)
        return Funnel(target, float("nan"), 0.0, False, nothing, nothing, nothing, no)
    plain = (shares - target) / np.sqrt(variance)
    phi = dispersion(plain[some])
    tau2 = between_variance(phi, np.sqrt(variance[some]))
    z = (shares - target) / np.sqrt(variance + tau2)
    p = 2 * special.normal_cdf(-np.abs(z)) if tau2 else _exact_p(hits, trials, target)
    p = np.where(some, p, np.nan)
    flagged, q = false_discoveries(p, level)
    return Funnel(target, phi, tau2, tau2 > 0, z, p, q, flagged)


def _exact_p(hits: FloatArray, trials: FloatArray, target: float) -> FloatArray:
    """Two-sided mid-p of a binomial: twice the smaller tail that holds half of what was seen."""
    below = special.binomial_cdf(hits - 1, trials, target)
    upto = special.binomial_cdf(hits, trials, target)
    lower = (below + upto) / 2
    return np.asarray(np.minimum(1.0, 2 * np.minimum(lower, 1 - lower)))


def limits(
    n: npt.ArrayLike, target: float, tau2: float = 0.0, coverage: float = WARNING
) -> Interval:
    """Shares between which a unit that does not differ lies with this coverage.

    Without τ² the exact binomial quantile of the hits, and that of the misses, interpolated between
    whole counts so that the curve is smooth; with it target ± z·√(target(1 − target)/n + τ²).

    Units: shares, cut off at 0 and 1. n = 0 gives NaN.
    Source: Spiegelhalter 2005, appendices A.1.1 and A.3.
    """
    trials = np.asarray(n, dtype=float)
    trials = np.where(trials > 0, trials, np.nan)
    if tau2 > 0:
        half = normal_quantile(coverage) * np.sqrt(target * (1 - target) / trials + tau2)
        low, high = target - half, target + half
    else:
        tail = (1 - coverage) / 2
        low = _quantile(trials, target, tail) / trials
        # From the misses: the upper quantile of the hits would leave the count at it outside.
        high = 1 - _quantile(trials, 1 - target, tail) / trials
    return Interval(np.clip(low, 0, 1), np.clip(high, 0, 1))


def _quantile(trials: FloatArray, target: float, probability: float) -> FloatArray:
    """The binomial quantile between whole counts: r − (P(X ≤ r) − probability)/P(X = r)."""
    centre = trials * target
    reach = 10 * np.sqrt(trials * target * (1 - target)) + 10
    low, high = np.floor(centre - reach).clip(-1), np.ceil(np.minimum(centre + reach, trials))
    # The first r with P(X ≤ r) ≥ probability lies above low and at most at high.
    for _ in range(64):
        middle = np.floor((low + high) / 2)
        enough = special.binomial_cdf(middle, trials, target) >= probability
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        if not (high - low > 1).any():
            break
    upto = special.binomial_cdf(high, trials, target)
    exactly = upto - special.binomial_cdf(high - 1, trials, target)
    part = (upto - probability) / np.where(exactly > 0, exactly, np.inf)
    return np.asarray(high - part)


def as_sure_as(
    value: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, confidence: float = 0.95
) -> FloatArray:
    """Plain answers that would leave a calculated share as uncertain as its interval says it is.

    The n of which Wilson's interval is as wide: on the logit scale it reaches 2·asinh(z·error/2) to
    either side, with error² = 1/(n·p·(1 − p)). It is more than were given where these were nearer
    to one half than the share they are averaged to.

    Shape: arrays over units. Units: answers; NaN where the interval has no finite width there.
    Source: Kish 1965, Survey Sampling, ch. 8 (design effect); Newcombe 2001, The American
    Statistician 55:200 (Wilson's interval on the logit scale).
    """
    share, below, above = (
        np.asarray(part, dtype=float) for part in np.broadcast_arrays(value, low, high)
    )
    inside = (below > 0) & (above < 1) & (below < above)
    lower, upper = np.where(inside, below, 0.25), np.where(inside, above, 0.75)
    width = np.log(upper / (1 - upper)) - np.log(lower / (1 - lower))
    error = 2 * np.sinh(width / 4) / normal_quantile(confidence)
    spread = np.where(inside & (share > 0) & (share < 1), share * (1 - share), np.nan)
    return np.asarray(1 / (error**2 * spread))


def worth(
    value: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    n: npt.ArrayLike,
    confidence: float = 0.95,
) -> FloatArray:
    """The answers of `as_sure_as`, for tests that take a share for a count.

    An adjusted share is less sure than a counted one: what is not known of the kinds of cases is
    in it, too. Taken for a count of n, it is called different by chance alone far too often.

    Shape: arrays over units. Units: answers, at most n; n itself where the interval has no finite
    width on the logit scale.
    """
    found, most = np.broadcast_arrays(
        as_sure_as(value, low, high, confidence), np.asarray(n, dtype=float)
    )
    return np.asarray(np.where(np.isnan(found), most, np.minimum(found, most)))


def as_counts(
    value: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, n: npt.ArrayLike
) -> tuple[IntArray, IntArray]:
    """A calculated share as the nearest count that is as sure, for tests that take counts.

    Shape: arrays over units; 0 of 0 where the share is NaN. Units: answers.
    """
    share, given = np.asarray(value, dtype=float), np.asarray(n, dtype=float)
    known = ~np.isnan(share)
    size = np.maximum(np.rint(worth(np.where(known, share, 0.5), low, high, given)), 1)
    size = np.where(known, np.minimum(size, given), 0)
    return np.rint(np.where(known, share, 0) * size).astype(np.int64), size.astype(np.int64)


def z_of_ratio(observed: npt.ArrayLike, expected: npt.ArrayLike) -> FloatArray:
    """z of observed against expected counts on the log scale: √E · ln(O/E).

    Units: standard deviations; NaN where nothing was expected, −∞ where nothing was observed.
    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185, table I (indirect standardisation).
    """
    seen, due = np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    due = np.where(due > 0, due, np.nan)
    with np.errstate(divide="ignore"):
        return np.asarray(np.sqrt(due) * np.log(seen / due))


def winsorised(z: npt.ArrayLike, part: float = WINSORISED) -> FloatArray:
    """z with the outer part of either end pulled in to the quantile that bounds it.

    Shape: (units,); NaN stays NaN.
    Raises: ValueError unless 0 ≤ part < ½.
    """
    if not 0 <= part < 0.5:
        raise ValueError(f"the part to pull in must lie between 0 and ½, is {part}")
    values = np.asarray(z, dtype=float)
    if part == 0 or not np.isfinite(values).any():
        return values
    low, high = np.nanquantile(values, [part, 1 - part])
    return np.asarray(np.clip(values, low, high))


def dispersion(z: npt.ArrayLike, part: float = WINSORISED) -> float:
    """φ: the mean of winsorised z²; 1 where units spread as chance has it, NaN without units.

    Source: Spiegelhalter 2005, Quality & Safety in Health Care 14:347.
    """
    values = winsorised(z, part)
    values = values[~np.isnan(values)]
    return float(np.mean(values**2)) if values.size else float("nan")


def between_variance(phi: float, spread: npt.ArrayLike) -> float:
    """τ², the variance between units that φ means, by the method of moments; never below 0.

    `spread`: each unit's standard deviation by chance. With w = 1/spread²,
    τ² = (I·φ − (I − 1)) / (Σw − Σw²/Σw), 0 where φ is below (I − 1)/I.
    Source: DerSimonian & Laird 1986; Spiegelhalter 2005, appendix A.3.
    """
    weights = np.asarray(spread, dtype=float) ** -2
    units = weights.size
    room = float(weights.sum() - (weights**2).sum() / weights.sum()) if units else 0.0
    if units < 2 or np.isnan(phi) or room <= 0:
        return 0.0
    return max(0.0, (units * phi - (units - 1)) / room)


def false_discoveries(
    p: npt.ArrayLike, level: float = FLAG_LEVEL
) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Which of many tests to believe, so that on average at most `level` of those is wrong; with q,
    the level at which each would just be believed.

    Shape: arrays of p's shape; NaN is no test, and is neither counted nor flagged.
    Raises: ValueError for a p outside 0..1.
    Source: Benjamini & Hochberg 1995, JRSS B 57:289.
    """
    values = np.asarray(p, dtype=float)
    if ((values < 0) | (values > 1)).any():
        raise ValueError("a p must lie between 0 and 1")
    q = np.full(values.shape, np.nan)
    tested = ~np.isnan(values)
    order = np.argsort(values[tested], kind="stable")
    m = len(order)
    ranked = values[tested][order] * m / np.arange(1, m + 1)
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    q[tested] = adjusted
    return np.asarray(q <= level), q
