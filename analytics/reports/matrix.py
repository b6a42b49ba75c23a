"""Fix and cause together: the one report in which both dimensions are read side by side."""

from __future__ import annotations

import pandas as pd

from analytics.columns import IntArray, optional
from analytics.filters import Filters
from analytics.frames import both
from analytics.frames.selection import Selection
from analytics.metrics.intervals import newcombe_difference
from analytics.metrics.matrix import TOO_FEW, choose_again, empty_cells, separation
from analytics.reports import strangers
from analytics.reports.access import fewest, refuse_hidden, require, require_unlimited
from analytics.reports.cached import cached
from analytics.reports.figures import (
    ArmSeparation,
    ChooseAgainFigures,
    MatrixReport,
    OrderEffect,
)
from analytics.reports.made import (
    masked_figures,
    matrix_of,
    quadrant_figures,
    separation_figures,
)
from surveys.services.access import Scope


def matrix(filters: Filters, scope: Scope) -> MatrixReport:
    """The 5×5 counts, masked dissatisfaction, separation (overall and by page order), and whether
    the masked would choose the company again.

    Raises: FilterError; NotVisible, also for a bound reader: 25 cells are too small to group.
    """
    require(scope, fix=True, cause=True)
    require_unlimited(scope)
    refuse_hidden(filters, scope)
    selection = Selection.of(filters, scope)
    by_arm = cached("arms", selection, lambda: both.by_arm(selection))
    arms = both.arms(by_arm)
    read = matrix_of(sum(arms.values(), start=empty_cells()))
    least = fewest(scope)
    report = MatrixReport(
        n=read.n,
        cells=read.cells,
        masked=masked_figures(read.masked),
        separation=separation_figures(read.separation, least),
        quadrants=quadrant_figures(read),
        arms=tuple(
            ArmSeparation(arm, separation_figures(separation(cells))) for arm, cells in arms.items()
        ),
        choose_again=_choose_again(by_arm, read.masked.too_few),
        order_effect=_order_effect(arms),
    )
    return strangers.matrix(report, scope)


def _order_effect(arms: dict[str, IntArray]) -> OrderEffect:
    """Top-2 share of F1 and dismayed share of C1, asked about the fix first minus second."""
    first, other = (arms.get(name, empty_cells()) for name in ("fix_first", "cause_first"))
    n, other_n = int(first.sum()), int(other.sum())
    if min(n, other_n) < TOO_FEW:
        return OrderEffect(n, other_n, *(None,) * 6)
    fix = newcombe_difference(first[3:].sum(), n, other[3:].sum(), other_n)
    cause = newcombe_difference(first[:, 3:].sum(), n, other[:, 3:].sum(), other_n)
    return OrderEffect(n, other_n, *map(optional, (*fix, *cause)))


def _choose_again(by_arm: pd.DataFrame, too_few: bool) -> ChooseAgainFigures:
    satisfied, dismayed = by_arm["fix"] >= 4, by_arm["cause"] >= 4
    masked, well = by_arm[satisfied & dismayed], by_arm[satisfied & ~dismayed]
    sizes = int(well["again_n"].sum()), int(masked["again_n"].sum())
    found = choose_again(int(well["again"].sum()), sizes[0], int(masked["again"].sum()), sizes[1])

    def shown(value: float) -> float | None:
        return None if too_few else optional(value)

    return ChooseAgainFigures(
        served_well=shown(found.served_well),
        served_well_n=found.served_well_n,
        masked=shown(found.masked),
        masked_n=found.masked_n,
        difference=shown(found.difference),
        low=shown(found.low),
        high=shown(found.high),
        served_well_low=shown(found.served_well_low),
        served_well_high=shown(found.served_well_high),
        masked_low=shown(found.masked_low),
        masked_high=shown(found.masked_high),
    )
