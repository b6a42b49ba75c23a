"""What choosing again goes along with, what the silent could change, and what a change did."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from analytics import reports
from analytics.api import described_questions, files
from analytics.api.views import Report, answers, as_report_file
from analytics.filters import FilterError, Filters, single
from surveys.api.base import one
from surveys.services.access import Scope

_DRIVERS: Final = files.columns_of(reports.DriverRow)
_WEIGHTED: Final = files.columns_of(reports.WeightedRow)
_CHANGE: Final = files.columns_of(reports.SideOfChange)


class Drivers(Report):
    """`/reports/drivers/`"""

    @extend_schema(**described_questions.DRIVERS)
    @answers()
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        report = reports.drivers(filters, scope).as_dict()
        rows = report["results"]
        return as_report_file(request, "drivers", filters, rows, _DRIVERS) or one(
            {**report, "next": None}
        )


class NonResponse(Report):
    """`/reports/non-response/`"""

    @extend_schema(**described_questions.NON_RESPONSE)
    @answers()
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        report = reports.non_response(filters, scope).as_dict()
        rows = report["results"]
        return as_report_file(request, "non-response", filters, rows, _WEIGHTED) or one(
            {**report, "next": None}
        )


class CauseChange(Report):
    """`/reports/causes/{code}/change/`"""

    @extend_schema(**described_questions.CAUSE_CHANGE)
    @answers("on")
    def get(self, request: Request, filters: Filters, scope: Scope, code: str) -> HttpResponseBase:
        if filters.cause:
            raise FilterError("cause", "The cause stands in the address.")
        on = _day(request.query_params)
        report = reports.cause_change(filters, scope, code, on, timezone.now().date())
        rows = [report.cases.as_dict(), report.dismay.as_dict()]
        return as_report_file(request, "cause-change", filters, rows, _CHANGE) or one(
            report.as_dict()
        )


def _day(query: QueryDict) -> dt.date:
    """The day of the change.

    Raises: FilterError.
    """
    text = single(query, "on") or ""
    try:
        if len(text) != 10:
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise FilterError("on", "“on” must be the day of the change, such as 2026-03-31.") from None


__all__ = ["CauseChange", "Drivers", "NonResponse"]
