"""Fix and cause together: the 5×5 matrix, masked dissatisfaction, and whether the two separate.

Public functions
    matrix(cells, *, too_few=30) -> Matrix
    choose_again(served_well, served_well_n, masked, masked_n) -> ChooseAgain
    separation(cells) -> Separation
    empty_cells() -> int64 array (5, 5) of zeros

cells[f − 1][c − 1] counts customers who rated the fix f and the cause c (c: 1 "Not at all" …
5 "A great deal"). All results are frozen dataclasses; NaN means "nothing to say".
    Matrix(n, cells, masked, separation, quadrants)
    Masked(n, count, share_all, share_all_low, share_all_high,
           n_satisfied, share_satisfied, share_satisfied_low, share_satisfied_high, too_few)
    Separation(n, r, r_low, r_high, hardly)
    Quadrants(served_well, masked, neither, neither_dismayed, failed, failed_dismayed)
    ChooseAgain(served_well, served_well_n, masked, masked_n, difference, low, high,
                served_well_low, served_well_high, masked_low, masked_high)
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.columns import IntArray
from analytics.metrics.intervals import SCORES, fisher_interval, newcombe_difference, share, wilson

#: Masked dissatisfaction is read from this many answers on.
TOO_FEW = 30
#: From this correlation on, the two ratings hardly separate.
HARDLY_SEPARATE = 0.6


@dataclass(frozen=True, slots=True)
class Masked:
    """Customers satisfied with the fix (4–5) and dismayed at the cause (4–5).

    share_all is their share of all n who answered both; share_satisfied of the n_satisfied: "of the
    customers a usual CSAT calls satisfied, this share was dismayed at the cause".
    """

    n: int
    count: int
    share_all: float
    share_all_low: float
    share_all_high: float
    n_satisfied: int
    share_satisfied: float
    share_satisfied_low: float
    share_satisfied_high: float
    too_few: bool


@dataclass(frozen=True, slots=True)
class Separation:
    """Pearson's r of fix and cause rating; `hardly` where |r| ≥ 0.6."""

    n: int
    r: float
    r_low: float
    r_high: float
    hardly: bool


@dataclass(frozen=True, slots=True)
class Quadrants:
    """Counts that add up to n; a fix rating of 3 stays visible as `neither…`."""

    served_well: int
    masked: int
    neither: int
    neither_dismayed: int
    failed: int
    failed_dismayed: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole picture of one 5×5 table of counts."""

    n: int
    cells: tuple[tuple[int, ...], ...]
    masked: Masked
    separation: Separation
    quadrants: Quadrants


@dataclass(frozen=True, slots=True)
class ChooseAgain:
    """Share who would choose the company again: served well ∧ not dismayed, against masked."""

    served_well: float
    served_well_n: int
    masked: float
    masked_n: int
    difference: float
    low: float
    high: float
    served_well_low: float
    served_well_high: float
    masked_low: float
    masked_high: float


def empty_cells() -> IntArray:
    """A matrix without answers."""
    return np.zeros((5, 5), np.int64)


def matrix(cells: npt.ArrayLike, *, too_few: int = TOO_FEW) -> Matrix:
    """Read a 5×5 table of counts.

    Units: shares 0–1 with Wilson 95 %; r with Fisher's 95 % interval, from 4 answers on.
    Raises: ValueError unless the table is 5×5 of counts.
    Source: Wilson 1927; Fisher 1921; top-two-box and dismayed cells as the figures define them.
    """
    table = _checked(cells)
    served_well, masked = int(table[3:, :3].sum()), int(table[3:, 3:].sum())
    quadrants = Quadrants(
        served_well=served_well,
        masked=masked,
        neither=int(table[2, :3].sum()),
        neither_dismayed=int(table[2, 3:].sum()),
        failed=int(table[:2, :3].sum()),
        failed_dismayed=int(table[:2, 3:].sum()),
    )
    return Matrix(
        n=int(table.sum()),
        cells=tuple(tuple(int(cell) for cell in row) for row in table),
        masked=_masked(masked, served_well + masked, int(table.sum()), too_few),
        separation=separation(table),
        quadrants=quadrants,
    )


def _checked(cells: npt.ArrayLike) -> IntArray:
    raw = np.asarray(cells)
    if raw.shape != (5, 5):
        raise ValueError(f"cells must be 5×5, are {'×'.join(map(str, raw.shape))}")
    table = raw.astype(np.int64)
    if (table != raw).any() or (table < 0).any():
        raise ValueError("cells must be counts")
    return table


def _masked(count: int, n_satisfied: int, n: int, too_few: int) -> Masked:
    of_all, of_satisfied = wilson(count, n), wilson(count, n_satisfied)
    return Masked(
        n=n,
        count=count,
        share_all=float(share(count, n)),
        share_all_low=float(of_all.low),
        share_all_high=float(of_all.high),
        n_satisfied=n_satisfied,
        share_satisfied=float(share(count, n_satisfied)),
        share_satisfied_low=float(of_satisfied.low),
        share_satisfied_high=float(of_satisfied.high),
        too_few=n < too_few,
    )


def separation(cells: npt.ArrayLike) -> Separation:
    """Pearson's r from the counts; NaN where either rating does not vary.

    Shape: 5×5 counts, of all answers or of one arm.
    """
    table = _checked(cells)
    n = int(table.sum())
    fix, cause = table.sum(axis=1), table.sum(axis=0)
    # Sums of integers are exact, so a rating without variance gives exactly 0.
    steps = SCORES.astype(np.int64)
    fix_sum, cause_sum = int(fix @ steps), int(cause @ steps)
    fix_spread = n * int(fix @ steps**2) - fix_sum**2
    cause_spread = n * int(cause @ steps**2) - cause_sum**2
    together = n * int(steps @ table @ steps) - fix_sum * cause_sum
    r = float("nan")
    if fix_spread > 0 and cause_spread > 0:
        r = float(np.clip(together / (float(fix_spread) * float(cause_spread)) ** 0.5, -1, 1))
    interval = fisher_interval(r, n)
    hardly = abs(r) >= HARDLY_SEPARATE  # False for NaN
    return Separation(n, r, float(interval.low), float(interval.high), hardly)


def choose_again(served_well: int, served_well_n: int, masked: int, masked_n: int) -> ChooseAgain:
    """Compare O1 ≥ 4 between customers served well and not dismayed, and the masked ones.

    Units: shares 0–1 with Wilson 95 %; difference served well − masked with Newcombe's 95 %
    interval.
    """
    estimate = newcombe_difference(served_well, served_well_n, masked, masked_n)
    of_well, of_masked = wilson(served_well, served_well_n), wilson(masked, masked_n)
    return ChooseAgain(
        served_well=float(share(served_well, served_well_n)),
        served_well_n=served_well_n,
        masked=float(share(masked, masked_n)),
        masked_n=masked_n,
        difference=float(estimate.value),
        low=float(estimate.low),
        high=float(estimate.high),
        served_well_low=float(of_well.low),
        served_well_high=float(of_well.high),
        masked_low=float(of_masked.low),
        masked_high=float(of_masked.high),
    )
