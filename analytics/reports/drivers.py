"""What goes along with whether customers would choose the company again: fix and cause side by
side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from analytics.columns import optional
from analytics.filters import Filters
from analytics.frames import both
from analytics.frames.selection import Selection
from analytics.metrics.drivers import Drivers
from analytics.metrics.drivers import drivers as measure
from analytics.reports.access import refuse_hidden, require, require_unlimited
from analytics.reports.cached import cached
from analytics.reports.figures import Figures
from analytics.reports.made import table_rows
from surveys.services.access import Scope

Driver = Literal["fix", "cause", "avoidable", "recurrence"]
#: F1, C1, C2 and C3: what happened to the customer. O2 and comments are consequences of it.
DRIVERS: Final[tuple[Driver, ...]] = ("fix", "cause", "avoidable", "recurrence")
_PARTS: Final = ("part", "part_low", "part_high", "weight", "weight_low", "weight_high")


@dataclass(frozen=True, slots=True)
class DriverRow(Figures):
    """One part of the experience. `r` is its correlation with choosing again: below 0, the more of
    it the fewer would. `part` is its part of what is explained (LMG), `weight` the same by
    Johnson's relative weights, each with a 95 % bootstrap interval; parts add up to `explained`."""

    driver: Driver
    r: float | None
    part: float | None
    part_low: float | None
    part_high: float | None
    weight: float | None
    weight_low: float | None
    weight_high: float | None


@dataclass(frozen=True, slots=True)
class DriversReport(Figures):
    """The parts, largest first. `explained` is how much of the differences between customers all
    four explain together (R²); None with fewer than 100 complete answers (`too_few`)."""

    n: int
    explained: float | None
    too_few: bool
    results: tuple[DriverRow, ...]


def drivers(filters: Filters, scope: Scope) -> DriversReport:
    """What choosing again goes along with, from those who answered all five questions.

    Raises: FilterError; NotVisible, also for a bound reader.
    """
    require(scope, fix=True, cause=True)
    require_unlimited(scope)
    refuse_hidden(filters, scope)
    selection = Selection.of(filters, scope)
    found = cached("drivers", selection, lambda: _measure(selection))
    rows = table_rows(found.table.rename(columns=_called))
    return DriversReport(
        n=found.n,
        explained=None if found.too_few else optional(found.r2),
        too_few=found.too_few,
        results=tuple(_row(row, found.too_few) for row in rows),
    )


def _measure(selection: Selection) -> Drivers:
    return measure(both.experiences(selection), "again", DRIVERS, counts="n")


def _called(column: str) -> str:
    return column.replace("lmg", "part")


def _row(row: dict[str, Any], too_few: bool) -> DriverRow:
    figures = {name: None if too_few else optional(row[name]) for name in ("r", *_PARTS)}
    return DriverRow(driver=row["predictor"], **figures)
