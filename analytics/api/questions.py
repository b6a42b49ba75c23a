"""What choosing again goes along with, what the silent could change, and what was done about
causes and came of it."""

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
from analytics.console.changes import read_change
from analytics.filters import FilterError, Filters, refuse_causes
from surveys.api.base import one, page
from surveys.api.paging import page_of_list
from surveys.services.access import Scope

_DRIVERS: Final = files.columns_of(reports.DriverRow)
_WEIGHTED: Final = files.columns_of(reports.WeightedRow)
_CHANGE: Final = files.columns_of(reports.SideOfChange)
#: With the number by which `action=` asks for one.
_ACTIONS: Final = ("id", *files.columns_of(reports.ActionRow))


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
    @answers("on", "action")
    def get(self, request: Request, filters: Filters, scope: Scope, code: str) -> HttpResponseBase:
        refuse_causes(filters)
        on = _asked(request.query_params)
        report = reports.cause_change(filters, scope, code, on, timezone.now().date())
        rows = [report.cases.as_dict(), report.dismay.as_dict()]
        beside = {
            "cause": report.cause.as_dict(),
            "on": report.on,
            "until": report.until,
            "action": report.action.title if report.action else None,
            "dated_on": report.action.dated_on if report.action else None,
            "other_actions": [mark.title for mark in report.also],
            "left_out": list(report.left_out),
        }
        return as_report_file(request, "cause-change", filters, rows, _CHANGE, beside) or one(
            report.as_dict()
        )


class Actions(Report):
    """`/reports/actions/`"""

    @extend_schema(**described_questions.ACTIONS)
    @answers("cursor", "page_size")
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        found = reports.actions(filters, scope, timezone.now().date()).results
        rows = [row.as_dict() for row in found]
        told = as_report_file(request, "actions", filters, rows, _ACTIONS)
        if told is not None:
            return told
        shown, following = page_of_list(request, found)
        return page([row.as_dict() for row in shown], following)


def _asked(query: QueryDict) -> dt.date | int:
    """The day of the change, or the number of an action.

    Raises: FilterError.
    """
    on = read_change(query, on="on")
    if on is None:
        raise FilterError("on", "“on” must be the day of the change, such as 2026-03-31.")
    return on


__all__ = ["Actions", "CauseChange", "Drivers", "NonResponse"]
