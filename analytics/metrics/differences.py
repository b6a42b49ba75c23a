"""Two groups of ratings side by side, and what the order of the pages does to a headline.

Public functions
    welch_difference(first, other, confidence=.95) -> Estimate     of means, from histograms
    top_difference(first, other, confidence=.95) -> Estimate       of shares 4–5, Newcombe
    order_effect(fix_first, cause_first) -> OrderEffect            from the 5×5 cells of two arms
    matched_before(first, last) -> (first, last)                   the period before, same weekdays

Histograms are counts of ratings 1..5 along the last axis; first minus other.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.metrics import special
from analytics.metrics.intervals import SCORES, Estimate, newcombe_difference


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """How much higher each headline is where the fix was asked first: means in points and shares
    (satisfied with the fix, dismayed at the cause) in share points, each with its 95 % interval.
    The order is drawn by lot, so a difference is caused by it."""

    n_fix_first: int
    n_cause_first: int
    fix_mean: Estimate
    fix_share: Estimate
    cause_mean: Estimate
    cause_share: Estimate


def welch_difference(
    first: npt.ArrayLike, other: npt.ArrayLike, confidence: float = 0.95
) -> Estimate:
    """Difference of two mean ratings with Welch's interval, which needs no equal variances.

    Shape: (…, 5) counts each → arrays of the leading shape.
    Units: points. NaN limits with fewer than 2 ratings in a group; no width where none varies.
    Source: Welch 1947, Biometrika 34:28; Satterthwaite 1946 for the degrees of freedom.
    """
    means, errors, frees = [], [], []
    for part in (first, other):
        table = np.asarray(part, dtype=float)
        n = table.sum(axis=-1)
        size = np.where(n > 0, n, np.nan)
        mean = table @ SCORES / size
        scatter = (table * (SCORES - mean[..., None]) ** 2).sum(axis=-1)
        free = np.where(n > 1, n - 1, np.nan)
        means.append(mean)
        errors.append(scatter / free / size)
        frees.append(free)
    error = errors[0] + errors[1]
    parts = errors[0] ** 2 / frees[0] + errors[1] ** 2 / frees[1]
    freedom = np.where(parts > 0, error**2 / np.where(parts > 0, parts, 1.0), 1.0)
    half = special.t_quantile(freedom, (1 + confidence) / 2) * np.sqrt(error)
    value = means[0] - means[1]
    return Estimate(np.asarray(value), np.asarray(value - half), np.asarray(value + half))


def top_difference(
    first: npt.ArrayLike, other: npt.ArrayLike, confidence: float = 0.95
) -> Estimate:
    """Difference of the shares of ratings 4–5 with Newcombe's interval.

    Shape: (…, 5) counts each. Units: share points −1..1; NaN where a group is empty.
    Source: Newcombe 1998, Statistics in Medicine 17:873, method 10.
    """
    one, two = np.asarray(first), np.asarray(other)
    return newcombe_difference(
        one[..., 3:].sum(axis=-1),
        one.sum(axis=-1),
        two[..., 3:].sum(axis=-1),
        two.sum(axis=-1),
        confidence,
    )


def order_effect(fix_first: npt.ArrayLike, cause_first: npt.ArrayLike) -> OrderEffect:
    """Compare the two arms of one questionnaire.

    Shape: 5×5 counts [fix − 1][cause − 1] of each arm, as `matrix` takes them.
    Source: Welch 1947, Biometrika 34:28 (means); Newcombe 1998, Statistics in Medicine 17:873,
    method 10 (shares).
    """
    one, two = np.asarray(fix_first), np.asarray(cause_first)
    fixes, causes = (one.sum(axis=1), two.sum(axis=1)), (one.sum(axis=0), two.sum(axis=0))
    return OrderEffect(
        int(one.sum()),
        int(two.sum()),
        welch_difference(*fixes),
        top_difference(*fixes),
        welch_difference(*causes),
        top_difference(*causes),
    )


def matched_before(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """The same number of days before, moved back by whole weeks, so that each day meets its own
    weekday: 28 days end the day before, 30 days leave a gap of 5.

    Raises: ValueError where last is before first; OverflowError before the calendar begins.
    """
    if last < first:
        raise ValueError(f"{last} is before {first}")
    back = dt.timedelta(weeks=-(-((last - first).days + 1) // 7))
    return first - back, last - back
