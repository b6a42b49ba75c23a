"""Those who answered, weighted to all resolved cases; and what those who did not might have said.

Public functions
    rake(codes, targets, *, counts=None, lowest=.3, highest=3) -> Raked
    weighted_share(hits, weights, counts=None) -> Estimate   Kish's effective n in its interval
    effective_n(weights) -> array                      (Σw)²/Σw²
    case_shares(case, share=None) -> array             shares of a case's agents, which sum to 1
    bounds(x, n, population) -> Interval               if all who were silent were the one or other

Weights are made from what was known of a case before its survey (cause, channel, team, product),
never from an answer: an answer that decides its own weight would be counted twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray
from analytics.metrics.intervals import Estimate, Interval, wilson

#: A single answer must neither speak for many nor for nearly nobody.
LOWEST, HIGHEST = 0.3, 3.0
_ROUNDS = 200
_CLOSE = 1e-8


@dataclass(frozen=True, slots=True)
class Raked:
    """`weights` with mean 1 (empty without answers); `n_eff` answers they are worth; `converged`
    whether every margin was met before weights were cut; `uncovered` the largest part of the
    population, over the dimensions, whose category nobody answered for; `cut` how many weights met
    a limit."""

    weights: FloatArray
    n_eff: float
    converged: bool
    uncovered: float
    cut: int


def rake(
    codes: npt.ArrayLike,
    targets: Sequence[npt.ArrayLike],
    *,
    counts: npt.ArrayLike | None = None,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
) -> Raked:
    """Weights that give the answers the population's margin in every dimension.

    Iterative proportional fitting; then weights are cut to lowest … highest of their mean, which
    leaves the margins not quite met where it bites. A category that nobody answered for cannot be
    weighted: it is left out of its margin, and its part is told as `uncovered`.

    Shape: codes (answers, dimensions), category numbers from 0; targets[d] (categories,), counts of
    resolved cases per category. With `counts` (rows,) a row stands for so many equal answers.
    Raises: ValueError for a code without a target, an answer from a category that has no case, a
    count below 1, or limits that do not enclose 1.
    Source: Deming & Stephan 1940; Kish 1992, J. Official Statistics 8:183 (trimming).
    """
    if not 0 <= lowest <= 1 <= highest:
        raise ValueError(f"limits of weights must enclose 1, are {lowest} and {highest}")
    table = np.asarray(codes, dtype=np.int64)
    table = table.reshape(-1, len(targets)) if table.size == 0 else table
    if table.ndim != 2 or table.shape[1] != len(targets):
        raise ValueError(f"codes must have {len(targets)} columns, one for each target")
    n = np.ones(len(table)) if counts is None else np.asarray(counts, dtype=float)
    if n.shape != (len(table),) or (n < 1).any():
        raise ValueError("every row of codes needs a count of at least 1")
    wanted, uncovered = _wanted(table, [np.asarray(one, dtype=float) for one in targets], n)
    if not len(table):
        return Raked(np.empty(0), 0.0, True, uncovered, 0)
    weights, converged = _fitted(table, wanted, n)
    trimmed = _trimmed(weights, n, lowest, highest)
    met = (trimmed <= lowest * (1 + 1e-9)) | (trimmed >= highest * (1 - 1e-9))
    n_eff = float((n * trimmed).sum() ** 2 / (n * trimmed**2).sum())
    return Raked(trimmed, n_eff, converged, uncovered, int(n[met].sum()))


def _wanted(
    table: npt.NDArray[np.int64], margins: list[FloatArray], n: FloatArray
) -> tuple[list[FloatArray], float]:
    """What the answers of each category should weigh, and the largest part left uncovered."""
    wanted, uncovered = [], 0.0
    for place, margin in enumerate(margins):
        column = table[:, place]
        if column.size and (column.min() < 0 or column.max() >= len(margin)):
            raise ValueError(f"dimension {place} has a code without a target")
        present = np.bincount(column, minlength=len(margin)) > 0
        if (present & (margin <= 0)).any():
            raise ValueError(f"dimension {place} has an answer where the population has no case")
        covered = np.where(present, margin, 0.0)
        if margin.sum() > 0:
            uncovered = max(uncovered, 1 - float(covered.sum() / margin.sum()))
        wanted.append(covered / max(float(covered.sum()), 1e-300) * float(n.sum()))
    return wanted, uncovered


def _fitted(
    table: npt.NDArray[np.int64], wanted: list[FloatArray], n: FloatArray
) -> tuple[FloatArray, bool]:
    weights = np.ones(len(table))
    for _ in range(_ROUNDS):
        furthest = 0.0
        for place, margin in enumerate(wanted):
            now = np.bincount(table[:, place], weights=n * weights, minlength=len(margin))
            factor = np.where(now > 0, margin / np.where(now > 0, now, 1.0), 1.0)
            furthest = max(furthest, float(np.abs(factor - 1).max()))
            weights = weights * factor[table[:, place]]
        if furthest < _CLOSE:
            return weights, True
    return weights, False


def _trimmed(weights: FloatArray, n: FloatArray, lowest: float, highest: float) -> FloatArray:
    """Weights cut to the limits and brought back to mean 1, until both hold.

    The mean of min(max(c·w, lowest), highest) grows with c: halving finds the c that makes it 1.
    """
    # On the log scale: where margins contradict each other some weights fall without end.
    sizes = np.log(np.maximum(weights, 1e-12 * float(weights.max())))
    low, high = np.log(lowest or 1e-12) - sizes.max(), np.log(highest) - sizes.min()
    for _ in range(80):
        scale = (low + high) / 2
        if (n * np.clip(np.exp(sizes + scale), lowest, highest)).sum() < n.sum():
            low = scale
        else:
            high = scale
    return np.asarray(np.clip(np.exp(sizes + high), lowest, highest))


def effective_n(weights: npt.ArrayLike, axis: int = -1) -> FloatArray:
    """Equal answers that the weighted ones are worth: (Σw)²/Σw²; 0 without any.

    Source: Kish 1965, Survey Sampling, section 11.2C.
    """
    parts = np.asarray(weights, dtype=float)
    squares = (parts**2).sum(axis=axis)
    n = parts.sum(axis=axis) ** 2 / np.where(squares > 0, squares, 1.0)
    return np.asarray(np.where(squares > 0, n, 0.0))


def weighted_share(
    hits: npt.ArrayLike,
    weights: npt.ArrayLike,
    confidence: float = 0.95,
    *,
    counts: npt.ArrayLike | None = None,
) -> Estimate:
    """Σw·hit/Σw with Wilson's interval at the effective n.

    Shape: (answers,) of 0 and 1; with `counts` a row is so many answers, and hits are of these.
    NaN without answers.
    Source: Kish 1965; Korn & Graubard 1998 (effective n in a score interval).
    """
    answers, parts = np.asarray(hits, dtype=float), np.asarray(weights, dtype=float)
    sizes = np.ones(len(parts)) if counts is None else np.asarray(counts, dtype=float)
    whole = float((sizes * parts).sum())
    if not whole > 0:
        nothing = np.full((), np.nan)
        return Estimate(nothing, nothing, nothing)
    share = np.asarray((answers * parts).sum() / whole).clip(0, 1)
    n = np.asarray(whole**2 / (sizes * parts**2).sum())
    return Estimate(share, *wilson(share * n, n, confidence))


def case_shares(case: npt.ArrayLike, share: npt.ArrayLike | None = None) -> FloatArray:
    """How much of a case is each agent's: the given shares brought to sum 1, or equal ones.

    A share that is not given (NaN) gets an equal part of what the others leave, or of the whole
    where they leave nothing.

    Shape: one row per (case, agent) → (rows,).
    Units: 0–1; those of a case sum to 1.
    Raises: ValueError for a share below 0.
    """
    _, place = np.unique(np.asarray(case), return_inverse=True)
    given = np.full(len(place), np.nan) if share is None else np.asarray(share, dtype=float)
    if (given < 0).any():
        raise ValueError("a share must not be below 0")
    known = ~np.isnan(given)
    sums = np.bincount(place, weights=np.where(known, given, 0.0))
    open_ = np.bincount(place, weights=~known)
    rest = np.where(sums < 1, 1 - sums, 1.0)
    filled = np.where(known, given, (rest / np.maximum(open_, 1))[place])
    totals = np.bincount(place, weights=filled)
    equal = 1 / np.bincount(place)
    found = filled / np.where(totals > 0, totals, 1.0)[place]
    return np.asarray(np.where(totals[place] > 0, found, equal[place]))


def bounds(x: npt.ArrayLike, n: npt.ArrayLike, population: npt.ArrayLike) -> Interval:
    """The share among all who were asked if none of the silent were hits, and if all were.

    Not an interval of chance: it holds whatever made people answer, and shrinks with the response
    rate alone.

    Units: shares 0–1; NaN where nobody was asked.
    Raises: ValueError unless 0 ≤ x ≤ n ≤ population.
    Source: Manski 1995, Identification Problems in the Social Sciences, ch. 2.
    """
    hits, answers, asked = (
        np.asarray(part, dtype=float) for part in np.broadcast_arrays(x, n, population)
    )
    if ((hits < 0) | (hits > answers) | (answers > asked)).any():
        raise ValueError("0 ≤ x ≤ n ≤ population does not hold")
    whole = np.where(asked > 0, asked, np.nan)
    return Interval(np.asarray(hits / whole), np.asarray((hits + asked - answers) / whole))
