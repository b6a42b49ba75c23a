"""Where fix and cause meet or stand side by side: the matrix and the trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from django.http import HttpResponse

from analytics import reports
from analytics.console import asking
from analytics.console.drivers import driver_lines
from analytics.console.lines import lines_of
from analytics.console.overview import ARM_WORDS, separation_in_words
from analytics.console.pictures import (
    CAUSE_WORDS,
    FIX_WORDS,
    comparable_in_words,
    heading_of,
    matrix_picture,
    trend_picture,
)
from analytics.filters import FilterError, Filters, single
from surveys.console.pages import render_page
from surveys.console.roles import NUMBERS, StaffRequest

# Fewer answers than these jump between 0 and 100 %; the table tells them with n and interval.
FEWEST_DRAWN = 5
IntervalName = Literal["day", "week", "month"]


@dataclass(frozen=True)
class MatrixRow:
    """One fix rating across all cause ratings, each count between the words of its column and the
    name of its cell."""

    label: str
    cells: Sequence[tuple[str, int, str]]
    total: int


def _rows(report: reports.MatrixReport) -> list[MatrixRow]:
    cells = report.cells or ()
    rows = [
        MatrixRow(
            word,
            [
                (name, n, f"f{fix}c{cause}")
                for cause, (name, n) in enumerate(zip(CAUSE_WORDS, row, strict=True), start=1)
            ],
            sum(row),
        )
        for fix, (word, row) in enumerate(zip(FIX_WORDS, cells, strict=False), start=1)
    ]
    return rows[::-1]


def _totals(report: reports.MatrixReport) -> list[tuple[str, int]]:
    sums = [sum(column) for column in zip(*(report.cells or ()), strict=True)]
    return list(zip(CAUSE_WORDS, sums, strict=False))


@asking.report_page(NUMBERS, current="matrix")
def matrix(request: StaffRequest, filters: Filters) -> HttpResponse:
    """The matrix, its table, and whether the two ratings separate."""
    report = reports.matrix(filters, request.scope)
    filter_bar = asking.bar(filters, request.scope, export="matrix")
    drivers = reports.drivers(filters, request.scope)
    rows = _rows(report)
    context = {
        "bar": filter_bar,
        "report": report,
        "picture": matrix_picture(report),
        "drivers": drivers,
        "driver_lines": driver_lines(drivers),
        "driver_exports": asking.exports("drivers", filters, called="Drivers"),
        "rows": rows,
        "totals": _totals(report),
        "cause_words": CAUSE_WORDS,
        "separation": separation_in_words(report.separation),
        "arms": [(ARM_WORDS.get(arm.arm, arm.arm), arm.separation) for arm in report.arms],
        "keep": filter_bar.query,
    }
    return render_page(request, "console/matrix.html", context, current="matrix")


def read_interval(text: str | None) -> IntervalName:
    """The interval of a trend; weeks where none is named.

    Raises: FilterError.
    """
    if text is None or text == "week":
        return "week"
    if text == "day":
        return "day"
    if text == "month":
        return "month"
    raise FilterError("interval", "“interval” must be “day”, “week” or “month”.")


def _extra(interval: IntervalName) -> str:
    return "" if interval == "week" else f"interval={interval}"


@asking.report_page(NUMBERS, current="trend", other=("interval", "compare"))
def trend(request: StaffRequest, filters: Filters) -> HttpResponse:
    """Fix and cause over time, and the figures behind the picture."""
    interval = read_interval(single(request.GET, "interval"))
    compares = asking.reads_comparison(request)
    report = reports.trend(filters, request.scope, interval)
    filter_bar = asking.bar(
        filters, request.scope, export="trend", extra=_extra(interval), compares=compares
    )
    kept = asking.COMPARE * compares
    steps = [
        asking.Step(f"By {name}", asking.join(filters, _extra(name), kept), name == interval)
        for name in get_args(IntervalName)
    ]
    before = asking.before(filters, is_wanted=compares)
    context = {
        "bar": filter_bar,
        "picture": trend_picture(report, least=FEWEST_DRAWN, name="trend"),
        "points": report.results[::-1],
        "before": asking.in_words(before) if before else "",
        "lines": lines_of(reports.comparison(filters, before, request.scope)) if before else [],
        "before_picture": (
            trend_picture(reports.trend(before, request.scope, interval), least=FEWEST_DRAWN)
            if before
            else None
        ),
        "comparable": comparable_in_words(report),
        "before_us": [(heading_of(series), series) for series in report.unseparated],
        "before_us_note": report.unseparated_note,
        "steps": steps,
        "interval": interval,
        "keep": filter_bar.query,
    }
    return render_page(request, "console/trend.html", context, current="trend")
