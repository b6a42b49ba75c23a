"""From the metrics' frames and dataclasses to the reports' figures; NaN becomes None."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_object_dtype

from analytics.columns import HISTOGRAM, optional, records
from analytics.metrics.matrix import TOO_FEW, Masked, Matrix, Separation, matrix
from analytics.metrics.ratings import summarise
from analytics.reports.figures import (
    CauseFigures,
    FixFigures,
    MaskedFigures,
    QuadrantFigures,
    SeparationFigures,
)


def table_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a metric's frame as Python values; integers come back whole."""
    found = records(table)
    if not any(is_object_dtype(dtype) for dtype in table.dtypes):
        return found
    return [
        {
            name: int(value) if isinstance(value, np.integer) else value
            for name, value in row.items()
        }
        for row in found
    ]


def fix_figures(histogram: pd.DataFrame, least: int = 0) -> FixFigures:
    """Of one row h1..h5; with fewer answers than `least` only their number."""
    row = table_rows(summarise(histogram[list(HISTOGRAM)]))[0]
    return fix_of(row, least)


def fix_of(row: dict[str, Any], least: int = 0) -> FixFigures:
    """Of one summarised row."""
    n = int(row["n"])
    names = ("mean", "top2", "top2_low", "top2_high")
    return FixFigures(n, *(None if n < least else optional(row[name]) for name in names))


def cause_figures(histogram: pd.DataFrame, least: int = 0) -> CauseFigures:
    """Of one row h1..h5; with fewer answers than `least` only their number."""
    row = table_rows(summarise(histogram[list(HISTOGRAM)], share_name="dismayed"))[0]
    return cause_of(row, least)


def cause_of(row: dict[str, Any], least: int = 0) -> CauseFigures:
    """Of one summarised row."""
    n = int(row["n"])
    names = ("mean", "dismayed", "dismayed_low", "dismayed_high")
    return CauseFigures(n, *(None if n < least else optional(row[name]) for name in names))


def matrix_of(cells: npt.ArrayLike, least: int = 0) -> Matrix:
    """Read a 5×5 table; masked shares from 30 answers on, for limited readers never from fewer
    than their own limit."""
    return matrix(cells, too_few=max(TOO_FEW, least))


def masked_figures(masked: Masked, least: int = 0) -> MaskedFigures:
    """Shares withheld where there are too few; the counts too, below the reader's own limit."""
    hidden = masked.n < least

    def shown(value: float) -> float | None:
        return None if masked.too_few else optional(value)

    return MaskedFigures(
        n=masked.n,
        count=None if hidden else masked.count,
        share_all=shown(masked.share_all),
        share_all_low=shown(masked.share_all_low),
        share_all_high=shown(masked.share_all_high),
        n_satisfied=None if hidden else masked.n_satisfied,
        share_satisfied=shown(masked.share_satisfied),
        share_satisfied_low=shown(masked.share_satisfied_low),
        share_satisfied_high=shown(masked.share_satisfied_high),
        too_few=masked.too_few,
    )


def separation_figures(separation: Separation, least: int = 0) -> SeparationFigures:
    """r with its interval, from four pairs on; with fewer than `least` only their number."""
    if separation.n < least or separation.n == 0:
        return SeparationFigures(separation.n, None, None, None, hardly=False)
    low, high = optional(separation.r_low), optional(separation.r_high)
    # No correlation without its interval.
    r = None if low is None or high is None else optional(separation.r)
    return SeparationFigures(separation.n, r, low, high, separation.hardly and r is not None)


def quadrant_figures(read: Matrix) -> QuadrantFigures:
    """The quadrants as they are: counts."""
    found = read.quadrants
    return QuadrantFigures(
        served_well=found.served_well,
        masked=found.masked,
        neither=found.neither,
        neither_dismayed=found.neither_dismayed,
        failed=found.failed,
        failed_dismayed=found.failed_dismayed,
    )
