"""The first screen: fix, cause, what a usual CSAT would miss, and who answered at all."""

from __future__ import annotations

from analytics.filters import Filters
from analytics.frames import both, cause, fix, sent
from analytics.frames.selection import Selection
from analytics.reports.access import NotVisible, fewest, refuse_hidden
from analytics.reports.cached import cached
from analytics.reports.figures import OverviewReport
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
    least = fewest(scope)
    counts = sent.dispositions(selection)
    fixes = causes = masked = separation = None
    if scope.sees_fix:
        total = cached("fix", selection, lambda: fix.total(selection))
        fixes = fix_figures(total, least)
    if scope.sees_cause:
        total = cached("cause", selection, lambda: cause.total(selection))
        causes = cause_figures(total, least)
    if scope.sees_fix and scope.sees_cause:
        read = matrix_of(cached("cells", selection, lambda: both.cells(selection)), least)
        masked = masked_figures(read.masked, least)
        separation = separation_figures(read.separation, least)
    return OverviewReport(
        fix=fixes,
        cause=causes,
        masked=masked,
        invited=counts.invited,
        delivered=counts.delivered,
        completed=counts.completed,
        response_rate=_share(counts.completed, counts.invited),
        delivered_response_rate=_share(counts.completed, counts.delivered),
        separation=separation,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
