"""Causes, by how much customers minded. No fix answer and no agent is read for these pages."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from analytics import reports
from analytics.console import asking
from analytics.console.comments import comments_of
from analytics.console.pictures import pareto_picture, trend_picture
from analytics.filters import Filters
from analytics.reports.access import FEWEST_FOR_OTHERS
from surveys.console.choices import visible_cause
from surveys.console.pages import render_page
from surveys.console.roles import CAUSES, StaffRequest
from surveys.models import Cause
from surveys.services.staffing import possible_owners


@asking.report_page(CAUSES, current="causes")
def causes(request: StaffRequest, filters: Filters) -> HttpResponse:
    """All causes, worst index first."""
    report = reports.causes(filters, request.scope)
    filter_bar = asking.bar(filters, request.scope, export="causes")
    context = {
        "bar": filter_bar,
        "rows": report.results,
        "picture": pareto_picture(report, filter_bar.query),
        "keep": filter_bar.query,
    }
    return render_page(request, "console/causes.html", context, current="causes")


@asking.report_page(CAUSES, current="causes")
def one_cause(request: StaffRequest, filters: Filters, code: str) -> HttpResponse:
    """One cause: its figures, its trend, and what customers say should change."""
    scope = request.scope
    try:
        cause = visible_cause(scope, code)
    except Cause.DoesNotExist:
        raise Http404("No such cause.") from None
    own = filters.with_(cause=(cause.code,))
    report = reports.causes(own, scope)
    row = next((row for row in report.results if row.cause.code == cause.code), None)
    said = reports.responses(own, scope, limit=200)
    context = {
        "bar": asking.bar(filters.with_(cause=()), scope),
        "cause": cause,
        "row": row,
        "trend": trend_picture(
            reports.trend(own, scope, "month"), fix=False, least=FEWEST_FOR_OTHERS
        ),
        "comments": comments_of(said.results, scope, sides=("cause",), most=30, names_cause=False),
        "comments_too_few": said.too_few,
        "owners": possible_owners() if scope.can_administer else [],
        "keep": filters.to_query(),
    }
    return render_page(request, "console/cause.html", context, current="causes")
