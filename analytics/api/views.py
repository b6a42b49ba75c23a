"""`/api/v1/reports/…` and `/api/v1/responses/`: each reads its filters and makes one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial, wraps
from typing import Any, Final, cast

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from analytics import reports
from analytics.api import described, files, noted
from analytics.filters import FilterError, Filters, single
from analytics.reports import NotVisible, windows
from analytics.reports.access import refuse_differencing
from analytics.reports.made_rows import CHUNK
from analytics.sharing.readers import day_of
from surveys.api.base import ApiView, one, page
from surveys.api.files import FORMATS, as_file, csv_of
from surveys.api.paging import page_of_list, page_size
from surveys.api.permissions import HasScope, sight_of
from surveys.api.problems import Problem
from surveys.services.access import Scope
from surveys.services.staffing import owners_told

_FORMAT: Final = ("format", "notes")
_PAGING: Final = ("cursor", "page_size")
_INTERVALS: Final = ("day", "week", "month")
_OVERVIEW: Final = files.columns_of(reports.OverviewReport)
_AGENTS: Final = files.columns_of(reports.AgentRow)
#: The owner last, so that who reads the columns by their places finds the figures where they were.
_CAUSES: Final = (*files.columns_of(reports.CauseRow), "cause.owner")
_CELLS: Final = ("fix", "cause", "n")
_TREND: Final = (*files.columns_of(reports.TrendPoint), *files.MARKS, *files.UNSEPARATED)

Answer = Callable[..., HttpResponseBase]


def answers(*other: str) -> Callable[[Answer], Callable[..., HttpResponseBase]]:
    """A view of filters and scope; `other` names its parameters beside the filters.

    A wrong filter is a 400 that names it; a report the reader has no part in is a 404.
    """

    def decorate(view: Answer) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def get(self: Any, request: Request, **path: str) -> HttpResponseBase:
            try:
                scope = sight_of(request)
                filters = Filters.parse(
                    request.query_params,
                    other=(*_FORMAT, *other),
                    today=lambda: day_of(request.user, scope),
                )
                if single(request.query_params, "notes") not in (None, "", "1"):
                    raise FilterError("notes", "“notes” must be 1.")
                if "page_size" in other:
                    page_size(request)  # a wrong one is told of a file, too
                today = timezone.now().date()
                refuse_differencing(filters, scope, today)
                windows.note(filters, today)
                return view(self, request, filters, scope, **path)
            except FilterError as error:
                faults = [(error.parameter, error.message)]
                raise Problem(400, error.message, errors=faults) from error
            except NotVisible:
                raise Http404 from None

        return get

    return decorate


class Report(ApiView):
    """Base of the reports: every number, or a role's part of it."""

    permission_classes = [HasScope("reports:read", narrowed=True)]


class Overview(Report):
    """`/reports/overview/`"""

    @extend_schema(**described.OVERVIEW)
    @answers()
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        report = reports.overview(filters, scope).as_dict()
        return _file(request, "overview", filters, [report], _OVERVIEW) or one(report)


class Agents(Report):
    """`/reports/agents/`"""

    @extend_schema(**described.AGENTS)
    @answers(*_PAGING)
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        report = reports.agents(filters, scope)
        rows = report.results
        beside = {"company": report.company.as_dict(), "n_ranked": report.n_ranked}
        return _file(request, "agents", filters, _dicts(rows), _AGENTS, beside) or _page(
            request, rows
        )


class Causes(Report):
    """`/reports/causes/`"""

    @extend_schema(**described.CAUSES)
    @answers(*_PAGING)
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        rows = reports.causes(filters, scope).results
        told = partial(_owned, scope=scope)
        file = _file(request, "causes", filters, told(rows), _CAUSES)
        return file or _page(request, rows, told)


class Matrix(Report):
    """`/reports/matrix/`"""

    @extend_schema(**described.MATRIX)
    @answers()
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        report = reports.matrix(filters, scope)
        cells, whole = files.matrix_rows(report), report.as_dict()
        beside = whole | {"arms": {arm["arm"]: arm["separation"] for arm in whole["arms"]}}
        del beside["cells"]
        return _file(request, "matrix", filters, cells, _CELLS, beside) or one(whole)


class Trend(Report):
    """`/reports/trend/`"""

    @extend_schema(**described.TREND)
    @answers("interval")
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        interval = single(request.query_params, "interval") or "week"
        if interval not in _INTERVALS:
            raise FilterError("interval", "“interval” must be day, week or month.")
        report = reports.trend(filters, scope, cast(reports.Interval, interval))
        rows = files.trend_rows(report)
        found = {**report.as_dict(), "next": None}
        return _file(request, "trend", filters, rows, _TREND) or one(found)


class Responses(ApiView):
    """`/responses/`"""

    permission_classes = [HasScope("responses:read", narrowed=True)]

    @extend_schema(**described.RESPONSES)
    @answers(*_PAGING, "q", "show")
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        kind = _kind(request)
        words = single(request.query_params, "q") or ""
        search = reports.search_of(words, single(request.query_params, "show") or "", scope)
        plain = kind == "csv" and single(request.query_params, "notes") != "1"
        written = reports.lines_of_all(filters, scope, search) if plain else None
        if written is not None:
            name = files.file_name("responses", filters, kind)
            return csv_of(written, name, files.RESPONSE_COLUMNS)
        if kind != "json":
            rows = files.response_rows(reports.all_responses(filters, scope, search))
            columns = (*files.RESPONSE_COLUMNS, *reports.own_columns(filters, scope))
            return _as_file(request, kind, "responses", filters, rows, columns)
        cursor = single(request.query_params, "cursor")
        listed = reports.responses(
            filters, scope, cursor=cursor, limit=page_size(request), search=search
        )
        following = _address(request, listed.next) if listed.next else None
        return page([item.as_dict() for item in listed.results], following)


def _kind(request: Request) -> str:
    kind = single(request.query_params, "format") or "json"
    if kind not in FORMATS:
        raise FilterError("format", "“format” must be json, csv or xlsx.")
    return kind


def _file(
    request: Request,
    report: str,
    filters: Filters,
    rows: Iterable[files.Row],
    columns: Sequence[str],
    beside: Mapping[str, Any] | None = None,
) -> HttpResponseBase | None:
    """The rows as the file that was asked for; None where none was. `beside`: what the page shows
    that is no row."""
    kind = _kind(request)
    if kind == "json":
        return None
    return _as_file(request, kind, report, filters, rows, columns, beside)


def _as_file(
    request: Request,
    kind: str,
    report: str,
    filters: Filters,
    rows: Iterable[files.Row],
    columns: Sequence[str],
    beside: Mapping[str, Any] | None = None,
) -> HttpResponseBase:
    # A sheet of its own disturbs no reader of rows; lines in a CSV do, so they are asked for.
    is_noted = kind == "xlsx" or single(request.query_params, "notes") == "1"
    told = noted.notes(request, report, columns, beside or {}) if is_noted else ()
    name = files.file_name(report, filters, kind)
    return as_file(kind, files.without_hidden(rows), name, columns, told)


Row = reports.AgentRow | reports.CauseRow


def _dicts(rows: Iterable[Row]) -> Iterator[files.Row]:
    return (row.as_dict() for row in rows)


def _owned(rows: Sequence[reports.CauseRow], scope: Scope) -> Iterator[files.Row]:
    """Causes with their owners, which are read for many at once; a stranger is told of none."""
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        owners = owners_told((row.cause.code for row in part), scope)
        for row in part:
            told = row.as_dict()
            told["cause"] = told["cause"] | {"owner": owners.get(row.cause.code)}
            yield told


def _page(
    request: Request,
    rows: Sequence[Row],
    told: Callable[[Sequence[Any]], Iterable[files.Row]] = _dicts,
) -> HttpResponseBase:
    """One page of a list, its rows told so."""
    shown, following = page_of_list(request, rows)
    return page(list(told(shown)), following)


def _address(request: Request, cursor: str) -> str:
    """The address of this list from another place on."""
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


#: For the reports of other modules.
as_report_file = _file
