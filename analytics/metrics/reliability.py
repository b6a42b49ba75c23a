"""How much of the differences between agents is real, and how many answers it takes to see them.

Public functions
    one_way(n, total, squares) -> OneWay            analysis of variance from sums per group
    one_way_binary(x, n) -> OneWay                  the same for x hits in n answers per group
    intraclass(ms_between, ms_within, size) -> OneWay      from mean squares already known
    reliability(icc, n) -> array                    of a group's mean of n answers
    needed_n(icc, wanted=.8) -> array               answers for a wanted reliability

OneWay(groups, n, size, ms_between, ms_within, between, within, icc).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.columns import FloatArray

#: "Use in personnel decisions needs ρ ≥ 0.8."
FOR_DECISIONS = 0.8
#: Enough to tell groups of agents apart, not single ones.
FOR_COMPARISON = 0.7


@dataclass(frozen=True, slots=True)
class OneWay:
    """Variance of single answers between and within groups; NaN where it cannot be told.

    `size` is the average number of answers of a group, corrected for unequal groups (n₀);
    `between` and `within` are the variance components, `icc` = between / (between + within), both
    0 where groups differ no more than chance.
    """

    groups: int
    n: int
    size: float
    ms_between: float
    ms_within: float
    between: float
    within: float
    icc: float


def one_way(n: npt.ArrayLike, total: npt.ArrayLike, squares: npt.ArrayLike) -> OneWay:
    """Analysis of variance of groups, random effects, from integers that add up.

    Shape: per group, the number of answers, their sum and their sum of squares. Groups without
    answers count for nothing; all NaN with fewer than 2 groups, or with one answer each.
    Raises: ValueError for a negative n, or a sum of squares below total²/n.
    Source: Donner 1986, International Statistical Review 54:67; Searle et al. 1992, section 3.6.
    """
    sizes, totals, sums = (
        np.asarray(part, dtype=float) for part in np.broadcast_arrays(n, total, squares)
    )
    if (sizes < 0).any():
        raise ValueError("a number of answers must not be below 0")
    some = sizes > 0
    sizes, totals, sums = sizes[some], totals[some], sums[some]
    scatter = sums - totals**2 / sizes
    if (scatter < -1e-6 * np.maximum(sums, 1)).any():
        raise ValueError("a sum of squares is below what its sum allows")
    groups, answers = len(sizes), float(sizes.sum())
    if groups < 2 or answers <= groups:
        return OneWay(groups, int(answers), *[float("nan")] * 6)
    between = float((totals**2 / sizes).sum() - totals.sum() ** 2 / answers)
    ms_within = max(0.0, float(scatter.sum())) / (answers - groups)
    size = (answers - float((sizes**2).sum()) / answers) / (groups - 1)
    return _components(groups, int(answers), size, max(0.0, between) / (groups - 1), ms_within)


def one_way_binary(x: npt.ArrayLike, n: npt.ArrayLike) -> OneWay:
    """The analysis of variance of answers that are 0 or 1: x of n are 1.

    Source: Donner 1986; Fleiss, Levin & Paik 2003, section 15.2.
    """
    hits, trials = np.asarray(x), np.asarray(n)
    if np.any((hits < 0) | (hits > trials)):
        raise ValueError("a count must lie between 0 and its n")
    return one_way(trials, hits, hits)


def intraclass(ms_between: float, ms_within: float, size: float) -> OneWay:
    """Variance components from mean squares of groups of one size; groups and n stay unknown (0).

    Source: Shrout & Fleiss 1979, Psychological Bulletin 86:420, ICC(1,1).
    """
    return _components(0, 0, size, ms_between, ms_within)


def _components(groups: int, n: int, size: float, ms_between: float, ms_within: float) -> OneWay:
    between = max(0.0, (ms_between - ms_within) / size)
    spread = between + ms_within
    icc = between / spread if spread > 0 else float("nan")
    return OneWay(groups, n, size, ms_between, ms_within, between, ms_within, icc)


def reliability(icc: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """How far a mean of n answers would agree with another such mean: n·ICC / (1 + (n − 1)·ICC).

    Units: 0–1; NaN where n is 0 or the ICC is unknown.
    Source: Spearman 1910; Brown 1910.
    """
    part, size = np.asarray(icc, dtype=float), np.asarray(n, dtype=float)
    answers = np.where(size > 0, size, np.nan)
    return np.asarray(answers * part / (1 + (answers - 1) * part), dtype=np.float64)


def needed_n(icc: npt.ArrayLike, wanted: float = FOR_DECISIONS) -> FloatArray:
    """Answers that a unit needs for the wanted reliability: ρ/(1 − ρ) · (1 − ICC)/ICC, rounded up.

    Units: answers, whole numbers; NaN where the ICC is unknown or 0: no number would do.
    Raises: ValueError unless 0 < wanted < 1.
    Source: Spearman–Brown, solved for n.
    """
    if not 0 < wanted < 1:
        raise ValueError(f"a reliability must lie between 0 and 1, is {wanted}")
    part = np.asarray(icc, dtype=float)
    part = np.where((part > 0) & (part <= 1), part, np.nan)
    n = wanted / (1 - wanted) * (1 - part) / part
    # .8/.2 is 4.000000000000001 in floats, which must not cost one answer more.
    return np.asarray(np.maximum(np.ceil(np.round(n, 9)), 1.0), dtype=np.float64)
