"""Comparison, funnel, alarms and one cause by the week: the figures behind the report pages."""

from __future__ import annotations

from typing import Any, Final

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from analytics import reports
from analytics.api import described_charts, files
from analytics.api.views import Report, answers, as_report_file
from analytics.console.control_pictures import done_in
from analytics.filters import PARAMETERS, FilterError, Filters, refuse_causes, single
from surveys.api.base import one
from surveys.services.access import Scope

_OTHER: Final = tuple(f"b_{name}" for name in PARAMETERS if name not in ("by", "period"))
_COMPARED: Final = ("figure", *files.columns_of(reports.ComparedShare))
_FUNNEL: Final = files.columns_of(reports.FunnelPoint)
_ALARMS: Final = files.columns_of(reports.Alarm)
_POINT: Final = [name for name in files.columns_of(reports.ChartPoint) if name != "week"]
_CHART: Final = [
    "week", *(f"{side}.{name}" for side in ("dismay", "cases") for name in _POINT), "actions",
]  # fmt: skip


class Comparison(Report):
    """`/reports/comparison/`"""

    @extend_schema(**described_charts.COMPARISON)
    @answers(*_OTHER, "compare", "b_period")
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        report = reports.comparison(filters, _other(request, filters), scope)
        shares: dict[str, Any] = {
            name: getattr(report, name) for name in ("fix", "cause", "masked", "answered")
        }
        rows = [
            {"figure": name, **share.as_dict()}
            for name, share in shares.items()
            if share is not None
        ]
        beside = {"may_overlap": report.may_overlap}
        return as_report_file(request, "comparison", filters, rows, _COMPARED, beside) or one(
            report.as_dict()
        )


def _other(request: Request, filters: Filters) -> Filters:
    compare = single(request.query_params, "compare")
    plain = QueryDict(mutable=True)
    for name in (*_OTHER, "b_period"):
        if request.query_params.getlist(name):
            plain.setlist(name[2:], request.query_params.getlist(name))
    if compare is None:
        if filters.by == "resolved":
            plain["by"] = filters.by
        try:
            return Filters.parse(plain, today=lambda: timezone.now().date())
        except FilterError as error:
            raise FilterError(f"b_{error.parameter}", error.message) from None
    if compare != "previous":
        raise FilterError("compare", "“compare” must be “previous”.")
    if plain:
        raise FilterError("compare", "Give either “compare” or a second group with “b_…”.")
    before = reports.previous(filters, timezone.now().date())
    if before is None:
        raise FilterError("compare", "All of time has no period before it; give “from”.")
    return before


class Funnel(Report):
    """`/reports/funnel/`"""

    @extend_schema(**described_charts.FUNNEL)
    @answers()
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        report = reports.agents_funnel(filters, scope).as_dict()
        for row in report["results"]:
            del row["id"]
        rows = report["results"]
        beside = {name: report[name] for name in report if name not in ("results", "limits")}
        return as_report_file(request, "funnel", filters, rows, _FUNNEL, beside) or one(
            {**report, "next": None}
        )


class Alarms(Report):
    """`/reports/alarms/`"""

    @extend_schema(**described_charts.ALARMS)
    @answers()
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        report = reports.alarms(filters, scope, timezone.now().date()).as_dict()
        rows = report["results"]
        beside = {name: report[name] for name in report if name != "results"}
        return as_report_file(request, "alarms", filters, rows, _ALARMS, beside) or one(
            {**report, "next": None}
        )


class CauseChart(Report):
    """`/reports/causes/{code}/weeks/`"""

    @extend_schema(**described_charts.CAUSE_CHART)
    @answers()
    def get(self, request: Request, filters: Filters, scope: Scope, code: str) -> HttpResponseBase:
        refuse_causes(filters)
        report = reports.cause_chart(filters, scope, code, timezone.now().date())
        rows = [
            {
                "week": dismay.week,
                "dismay": _beside(dismay),
                "cases": _beside(cases),
                "actions": done_in(dismay.week, report.actions, named=True) or None,
            }
            for dismay, cases in zip(report.dismay.points, report.cases.points, strict=True)
        ]
        # Not named by the code, which may hold what no file name can.
        return as_report_file(
            request, "cause-weeks", filters, rows, _CHART, _beside_weeks(report)
        ) or one(report.as_dict())


def _beside_weeks(report: reports.CauseChartReport) -> dict[str, Any]:
    """What stands on a cause's page beside its weeks."""
    series: dict[str, Any] = {
        one.series: {"ready": one.ready, "centre": one.centre, "shifts": list(one.shifts)}
        for one in (report.dismay, report.cases)
    }
    places: dict[str, Any] = {
        name: {part.name: part.as_dict() for part in parts or ()}
        for name, parts in (("product", report.products), ("channel", report.channels))
    }
    return {"cause": report.cause.as_dict(), **series, **places}


def _beside(point: reports.ChartPoint) -> dict[str, Any]:
    """A point of one chart as columns beside its week."""
    return {name: value for name, value in point.as_dict().items() if name != "week"}


__all__ = ["Alarms", "CauseChart", "Comparison", "Funnel"]
