"""The first screen: fix, cause, what a usual CSAT would miss, and who answered at all."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from analytics.columns import HISTOGRAM, IntArray
from analytics.filters import Filters
from analytics.frames import both, cause, fix, sent
from analytics.frames.selection import Selection
from analytics.reports import strangers, suppression, told_cause, told_fix
from analytics.reports.access import (
    NotVisible,
    fewest,
    refuse_hidden,
    require,
    require_unlimited,
)
from analytics.reports.cached import at_one_version, cached
from analytics.reports.figures import (
    CauseFigures,
    FixFigures,
    MaskedFigures,
    OverviewReport,
    SeparationFigures,
)
from analytics.reports.made import (
    cause_figures,
    fix_figures,
    masked_figures,
    matrix_of,
    separation_figures,
)
from surveys.services.access import Scope


def overview(filters: Filters, scope: Scope) -> OverviewReport:
    """Fix score, cause dismay, masked dissatisfaction, response rates and separation.

    Raises: FilterError; NotVisible for a reader who sees neither fix nor cause.
    """
    if not (scope.sees_fix or scope.sees_cause):
        raise NotVisible
    refuse_hidden(filters, scope)
    selection = Selection.of(filters, scope)
    counts = sent.dispositions(selection)
    if not scope.is_unlimited:
        return _told(filters, scope, counts)
    totals = at_one_version(lambda: _totals(selection, scope))
    fixes = causes = masked = separation = None
    if totals.fix is not None:
        fixes = fix_figures(totals.fix, fewest(scope))
    if totals.cause is not None:
        causes = cause_figures(totals.cause, fewest(scope))
    if totals.cells is not None:
        read = matrix_of(totals.cells)
        masked = strangers.masked(masked_figures(read.masked), scope)
        separation = separation_figures(read.separation, fewest(scope))
    return _report(counts, fix=fixes, cause=causes, masked=masked, separation=separation)


def fix_of_cause(filters: Filters, scope: Scope, cause_id: int) -> FixFigures:
    """How the customers of one cause rated the fix, under the other filters: whether those who met
    the problem failed at it, too.

    Raises: FilterError; NotVisible, also for a bound reader.
    """
    require(scope, fix=True, cause=True)
    require_unlimited(scope)
    if strangers.applies(scope):
        # Beside the fix of all, that of one cause tells what the few others said.
        return FixFigures(0, None, None, None, None)
    selection = replace(Selection.of(filters, scope), cause=(cause_id,))
    table = cached("ratings", selection, lambda: both.ratings(selection))
    return fix_figures(_histogram(table[1:].sum(axis=1)))


def _told(filters: Filters, scope: Scope, counts: sent.Dispositions) -> OverviewReport:
    """A bound reader's: one side, in whole groups; while none is full, how many wait."""
    fixes = causes = None
    if scope.sees_fix:
        told = told_fix.ratings(filters, scope)
        fixes = fix_figures(suppression.histogram(told.answers, "f1"), fewest(scope))
        fixes = fixes if fixes.n else replace(fixes, n=len(told.waiting))
    elif scope.sees_cause:
        told = told_cause.ratings(filters, scope)
        causes = cause_figures(suppression.histogram(told.answers, "c1"), fewest(scope))
        causes = causes if causes.n else replace(causes, n=len(told.waiting))
    return _report(counts, fix=fixes, cause=causes)


def _report(
    counts: sent.Dispositions,
    *,
    fix: FixFigures | None,
    cause: CauseFigures | None,
    masked: MaskedFigures | None = None,
    separation: SeparationFigures | None = None,
) -> OverviewReport:
    return OverviewReport(
        fix=fix,
        cause=cause,
        masked=masked,
        invited=counts.invited,
        delivered=counts.delivered,
        completed=counts.completed,
        response_rate=_share(counts.completed, counts.invited),
        delivered_response_rate=_share(counts.completed, counts.delivered),
        separation=separation,
    )


class _Totals(NamedTuple):
    """One row h1..h5 of each dimension and the 5×5 table, as far as the reader may see them."""

    fix: pd.DataFrame | None
    cause: pd.DataFrame | None
    cells: IntArray | None


def _totals(selection: Selection, scope: Scope) -> _Totals:
    sees_both = scope.sees_fix and scope.sees_cause
    if sees_both and selection.narrowed:
        # No rollup answers this: one pass over the responses instead of three.
        table = cached("ratings", selection, lambda: both.ratings(selection))
        return _Totals(
            _histogram(table[1:].sum(axis=1)), _histogram(table[:, 1:].sum(axis=0)), table[1:, 1:]
        )
    fixes = causes = cells = None
    if scope.sees_fix:
        fixes = _sum(cached("fix-daily", selection, lambda: fix.daily(selection)))
    if scope.sees_cause:
        causes = _sum(cached("cause-daily", selection, lambda: cause.daily(selection)))
    if sees_both:
        cells = cached("cells", selection, lambda: both.cells(selection))
    return _Totals(fixes, causes, cells)


def _sum(daily: pd.DataFrame) -> pd.DataFrame:
    """All days of what the trend is drawn from, which the same page shows."""
    return pd.DataFrame([daily[list(HISTOGRAM)].sum().astype("int64")])


def _histogram(counts: IntArray) -> pd.DataFrame:
    return pd.DataFrame([counts], columns=list(HISTOGRAM))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
