"""`/api/v1/signals/`: alarms as they were raised."""

from __future__ import annotations

from typing import Any, Final

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from analytics import signals
from analytics.api import described_signals
from analytics.api.views import Report, answers, as_report_file
from analytics.filters import DIMENSIONS, FilterError, Filters, single
from analytics.reports.access import fewest
from analytics.signalled import Signal
from surveys.api.base import page
from surveys.api.paging import page_of_rows
from surveys.services.access import Scope

_COLUMNS: Final = (
    "id", "cause.code", "cause.name", "cause.owner", "cause.url", "series", "chart", "week",
    "since", "last_week", "is_on", "unit", "value", "centre", "limit", "n", "sentence",
    "raised_at", "is_news", "withdrawn_at",
)  # fmt: skip


class Signals(Report):
    """`/signals/`"""

    @extend_schema(**described_signals.LIST)
    @answers("cursor", "page_size", "series", "withdrawn")
    def get(self, request: Request, filters: Filters, scope: Scope) -> HttpResponseBase:
        found = signals.signals(_asked(request, filters), scope)
        least = fewest(scope)
        ordered = found.order_by("-raised_at", "-pk")
        rows = (_described(signal, least) for signal in ordered.iterator(chunk_size=500))
        told = as_report_file(request, "signals", filters, rows, _COLUMNS)
        if told is not None:
            return told
        shown, following = page_of_rows(request, found, by="raised_at")
        return page([_described(signal, least) for signal in shown], following)


def _asked(request: Request, filters: Filters) -> signals.Asked:
    """Raises: FilterError."""
    for name in DIMENSIONS:
        if name != "cause" and filters.of(name):
            raise FilterError(name, f"Signals are of a cause in a week, not by {name}.")
    if filters.by != "answered":
        raise FilterError("by", "Signals are listed by the weeks that they are about.")
    series = single(request.query_params, "series") or ""
    if series not in ("", *Signal.Series.values):
        raise FilterError("series", "“series” must be dismay or cases.")
    withdrawn = single(request.query_params, "withdrawn") or ""
    if withdrawn not in ("", "0", "1"):
        raise FilterError("withdrawn", "“withdrawn” must be 1.")
    return signals.Asked(filters, series, withdrawn == "1")


def _described(signal: Signal, least: int) -> dict[str, Any]:
    return signals.told(signal, least) | {
        "last_week": signal.last_week,
        "is_on": signal.is_on,
        "is_news": signal.is_news,
        "withdrawn_at": signal.withdrawn_at,
    }
