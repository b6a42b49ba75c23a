"""Did an action work? Weeks before and after it, with the trend the weeks had anyway.

Public functions
    usable_weeks(weeks, action, *, rollout=0, peak=()) -> bool array
    step_change(family, x, n, action, *, usable=None, …) -> Change
    verdict(low, high) -> Verdict
    difference_in_differences(family, y, affected, after, time, …) -> Difference

family: "poisson" (x cases on an exposure n) or "binomial" (x of n answers dismayed). Date and owner
of the action are registered before the numbers are looked at; that is the caller's part.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics import likelihood, special
from analytics.metrics.intervals import normal_quantile
from analytics.metrics.likelihood import Fit, Model
from analytics.metrics.tails import BoolArray, Family

#: Weeks with data that a verdict takes.
LEAST_BEFORE, LEAST_AFTER = 12, 8
#: Below this p the trends before are not parallel, and the comparison is withheld.
_PARALLEL = 0.05
_NAN = float("nan")
#: Counts and shares spread at least as chance has it.
_LEAST_SPREAD: dict[Model, float] = {"gaussian": 0.0, "poisson": 1.0, "binomial": 1.0}

Verdict = Literal["verified", "not shown", "worse", "too little data"]


@dataclass(frozen=True, slots=True)
class Change:
    """The step at the action beyond the trend: `ratio` of rates (cases) or of odds (dismay), 1 for
    no change, with its limits; `dispersion` φ, `p` two-sided. NaN with too little data."""

    verdict: Verdict
    ratio: float
    low: float
    high: float
    p: float
    dispersion: float
    n_before: int
    n_after: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more the affected series changed than the others: a ratio for counts and shares, a
    difference in y's unit for "gaussian"; `parallel` False where the trends before differed
    (`trend_p`), and then the verdict is "not shown", whatever the interval."""

    verdict: Verdict
    effect: float
    error: float
    low: float
    high: float
    p: float
    trend_p: float
    parallel: bool


def usable_weeks(
    weeks: int, action: int, *, rollout: int = 0, peak: npt.ArrayLike = ()
) -> BoolArray:
    """All weeks but the roll-out (from the action on) and those that raised the alarm.

    A cause is acted upon because a week was extreme; the next ones would be lower without any
    action (regression to the mean), so the extreme ones must not stand for "before".

    Shape: → (weeks,). `peak`: indices of weeks.
    Raises: ValueError for a peak outside the weeks.
    """
    usable = np.ones(weeks, dtype=bool)
    usable[action : action + rollout] = False
    extreme = np.asarray(peak, dtype=int)
    if extreme.size and (extreme.min() < 0 or extreme.max() >= weeks):
        raise ValueError(f"a peak lies outside the {weeks} weeks")
    usable[extreme] = False
    return usable


def verdict(low: float, high: float, none: float = 1.0) -> Verdict:
    """Verified where the whole interval is below no change, worse where it is above: fewer cases
    and less dismay are what an action is for."""
    if np.isnan(low) or np.isnan(high):
        return "too little data"
    if high < none:
        return "verified"
    return "worse" if low > none else "not shown"


def step_change(
    family: Family,
    x: npt.ArrayLike,
    n: npt.ArrayLike,
    action: int,
    *,
    usable: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    small_sample: bool = True,
) -> Change:
    """Segmented quasi-likelihood regression: level, trend, and a step from the action's week on.

    The dispersion is Pearson's, at least 1. The interval is Student's t with the residual degrees
    of freedom; `small_sample` False takes the normal one, as published examples do. Where a side
    has no hits at all (or nothing else), half a hit is spread over either side's weeks.

    Shape: x and n (weeks,); weeks with n = 0 or not `usable` are left out. action: index of week.
    Units: ratio of rates or of odds.
    Raises: ValueError for shapes that differ, or x outside 0..n for "binomial".
    Source: Wagner et al. 2002, J Clin Pharm Ther 27:299; Lopez Bernal et al. 2017, IJE 46:348.
    """
    hits, size = _counts(family, x, n)
    used = size > 0
    if usable is not None:
        used &= np.asarray(usable, dtype=bool)
    time = np.flatnonzero(used)
    hits, size, after = hits[used], size[used], time >= action
    n_before, n_after = int((~after).sum()), int(after.sum())
    nothing = hits.sum() == 0 or (family == "binomial" and hits.sum() == size.sum())
    if n_before < LEAST_BEFORE or n_after < LEAST_AFTER or nothing:
        return Change("too little data", _NAN, _NAN, _NAN, _NAN, _NAN, n_before, n_after)
    hits, size = _off_the_edge(family, hits, size, after)
    design = np.column_stack([np.ones(len(time)), after, time - time.mean()])
    found = likelihood.fit(family, hits, design, exposure=size)
    ratio, _, low, high, p = _told(found, 1, confidence, small_sample, least=1.0)
    ratio, low, high = (float(np.exp(part)) for part in (ratio, low, high))
    shown = verdict(low, high)
    return Change(shown, ratio, low, high, p, found.dispersion, n_before, n_after)


def _counts(family: Family, x: npt.ArrayLike, n: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    hits, size = (np.asarray(part, dtype=float) for part in (x, n))
    if hits.shape != size.shape or hits.ndim != 1:
        raise ValueError(f"x and n must be of one length, are {hits.shape} and {size.shape}")
    if (hits < 0).any() or (family == "binomial" and (hits > size).any()):
        raise ValueError("a count must lie between 0 and its n")
    return hits, size


def _off_the_edge(
    family: Family, hits: FloatArray, size: FloatArray, after: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Without a hit on one side the ratio has no finite estimate: add half a one to either."""
    edge = False
    for side in (after, ~after):
        edge |= hits[side].sum() == 0
        edge |= family == "binomial" and bool(hits[side].sum() == size[side].sum())
    if not edge:
        return hits, size
    share = np.where(after, 0.5 / after.sum(), 0.5 / (~after).sum())
    return hits + share, size + (2 * share if family == "binomial" else 0.0)


def _told(
    found: Fit, place: int, confidence: float, small_sample: bool, least: float
) -> tuple[float, float, float, float, float]:
    """Coefficient, standard error, limits and two-sided p; the dispersion counts at least so."""
    value = float(found.coefficients[place])
    error = float(np.sqrt(found.covariance[place, place] * max(least, found.dispersion)))
    z = -abs(value) / error if error > 0 else float("nan")
    if small_sample:
        half = float(special.t_quantile(found.freedom, (1 + confidence) / 2)) * error
        p = 2 * float(special.t_cdf(found.freedom, z))
    else:
        half = normal_quantile(confidence) * error
        p = 2 * float(special.normal_cdf(z))
    return value, error, value - half, value + half, p


def difference_in_differences(
    family: Model,
    y: npt.ArrayLike,
    affected: npt.ArrayLike,
    after: npt.ArrayLike,
    time: npt.ArrayLike | None = None,
    *,
    exposure: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> Difference:
    """The change of affected causes beyond that of causes the action did not touch.

    Regression on affected, after and their product, whose coefficient is the effect. With `time`
    the trends before are compared first (affected × time among the rows before): where they differ,
    what came after cannot be told from what would have come.

    Shape: one row per cause and week, arrays (rows,). exposure as in `likelihood.fit`.
    Units: ratio of rates ("poisson") or odds ("binomial"), or y's unit ("gaussian").
    Raises: ValueError for rows of different length.
    Source: Wooldridge, Introductory Econometrics, section 13.2; Card & Krueger 1994.
    """
    outcome = np.asarray(y, dtype=float)
    touched, later = (np.asarray(part, dtype=bool) for part in (affected, after))
    size = np.ones(len(outcome)) if exposure is None else np.asarray(exposure, dtype=float)
    if not len(outcome) == len(touched) == len(later) == len(size):
        raise ValueError("rows of y, affected, after and exposure must be as many")
    some = size > 0
    if _is_thin(family, outcome, touched, later, some):
        return Difference("too little data", _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, False)
    trend_p = (
        _NAN if time is None else _trend_p(family, outcome, touched, time, size, some & ~later)
    )
    parallel = not trend_p < _PARALLEL
    design = np.column_stack([np.ones(len(outcome)), touched, later, touched & later])[some]
    found = likelihood.fit(family, outcome[some], design, exposure=size[some])
    value, error, low, high, p = _told(found, 3, confidence, True, _LEAST_SPREAD[family])
    shown: Verdict = verdict(low, high, 0.0) if parallel else "not shown"
    if family != "gaussian":
        value, low, high = (float(np.exp(part)) for part in (value, low, high))
    return Difference(shown, value, error, low, high, p, trend_p, parallel)


def _is_thin(
    family: Model, y: FloatArray, touched: BoolArray, later: BoolArray, some: BoolArray
) -> bool:
    """Whether a cell of affected × after has fewer than two rows, or nothing at all in them."""
    cells = [(some & (touched == a) & (later == b)) for a in (False, True) for b in (False, True)]
    dead = family != "gaussian" and any(y[cell].sum() == 0 for cell in cells)
    return dead or min(int(cell.sum()) for cell in cells) < 2


def _trend_p(
    family: Model,
    y: FloatArray,
    touched: BoolArray,
    time: npt.ArrayLike,
    size: FloatArray,
    rows: BoolArray,
) -> float:
    """p of a difference of the trends in these rows; NaN where they are too few to tell."""
    moment = np.asarray(time, dtype=float)
    columns = (np.ones(len(y)), touched, moment, touched * moment)
    design = np.column_stack(columns)[rows].astype(float)
    if np.linalg.matrix_rank(design) < design.shape[1] or len(design) <= design.shape[1]:
        return _NAN
    found = likelihood.fit(family, y[rows], design, exposure=size[rows])
    return _told(found, -1, 0.95, True, _LEAST_SPREAD[family])[-1]
