"""The figures of ratings that other tools collected with one question."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from analytics.reports.figure_base import Figures


@dataclass(frozen=True, slots=True)
class UnseparatedPoint(Figures):
    """One day, ISO week or month of one tool's ratings; `top2` is the share of the best answers, as
    the scale counts them, with its Wilson 95 % interval. `n` is None where so few rated that this
    reader could tell who."""

    start: dt.date
    end: dt.date
    partial: bool
    n: int | None
    top2: float | None
    top2_low: float | None
    top2_high: float | None


@dataclass(frozen=True, slots=True)
class UnseparatedSeries(Figures):
    """Ratings of one tool on one scale, from before Stabledoor: one question about everything at
    once, so neither of the fix nor of the cause. `best` says which answers `top2` counts. From the
    first to the last rating found, intervals without any too (n = 0)."""

    tool: str
    name: str
    scale: str
    best: str
    results: tuple[UnseparatedPoint, ...]
