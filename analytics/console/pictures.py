"""Reports as pictures: the words at the axes, where a row leads. The drawing is in charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from analytics import charts
from analytics.reports import (
    CauseFigures,
    CauseRow,
    CauseRows,
    CausesReport,
    FixFigures,
    MatrixReport,
    TrendReport,
    UnseparatedPoint,
    UnseparatedSeries,
    compared_in_words,
)
from surveys.console.figures import between, count, day, share, span

FIX_WORDS = ("Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied")
CAUSE_WORDS = ("Not at all", "A little", "Moderately", "A lot", "A great deal")


@dataclass(frozen=True)
class Table:
    """What a picture shows, in words and figures: the first of each row is its heading."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """Drawn twice: the style sheet shows the one that fits. `table` is what it is drawn from, where
    the page does not show that anyway; `name` is its name among the static pictures, "" where it
    has no address of its own."""

    wide: SafeString
    narrow: SafeString
    table: Table | None = None
    name: str = ""


def draw(make: Callable[[bool], str], name: str = "", table: Table | None = None) -> Picture:
    """The picture that `make` draws, for phones where it is told so."""
    # charts escapes every text it is given; its result is markup by contract.
    return Picture(mark_safe(make(False)), mark_safe(make(True)), table, name)  # noqa: S308


def matrix_picture(report: MatrixReport) -> Picture | None:
    """The 5×5 matrix; None where too few answered for this reader."""
    cells = report.cells
    if cells is None:
        return None
    masked = report.masked
    said = f"{count(masked.count)} of {count(report.n)} customers are masked"
    return draw(
        lambda narrow: charts.matrix_chart(
            cells,
            title="Fix and cause together",
            description=f"{said}: satisfied with the fix and dismayed at the cause.",
            fix_axis="Satisfied with the fix",
            cause_axis="Bothered that it happened",
            fix_labels=FIX_WORDS,
            cause_labels=CAUSE_WORDS,
            masked_label="◆ masked dissatisfaction",
            empty="Nobody has answered both questions yet.",
            narrow=narrow,
        ),
        "matrix",
        _matrix_table(cells),
    )


def _matrix_table(cells: Sequence[Sequence[int]]) -> Table:
    rows = [
        [word, *(count(cell) for cell in row)]
        for word, row in zip(FIX_WORDS[::-1], cells[::-1], strict=True)
    ]
    return Table(["Fix", *CAUSE_WORDS], rows)


def _preventable_table(rows: Sequence[CauseRow]) -> Table:
    columns = ["Cause", "Cases", "Answers", "Preventable", "90 % interval", "Presumably dismayed"]
    return Table(
        columns,
        [
            [
                row.cause.name,
                count(row.cases),
                count(row.n),
                count(row.preventable),
                span(row.preventable_low, row.preventable_high),
                count(row.index),
            ]
            for row in rows
        ],
    )


def _trend_table(report: TrendReport, *, fix: bool, cause: bool, least: int) -> Table:
    """The points of a trend, newest first, and beside them what one question asked before."""
    sides = []
    if fix and any(point.fix is not None for point in report.results):
        sides.append("fix")
    if cause and any(point.cause is not None for point in report.results):
        sides.append("cause")
    words = {"fix": "Satisfied with the fix", "cause": "Dismayed at the cause"}
    columns = [report.interval.title()]
    for side in sides:
        columns += [words[side], "95 % interval", "n"]
    for series in report.unseparated:
        columns += [heading_of(series), "95 % interval", "n"]
    own = {point.start: point for point in report.results}
    before = [{point.start: point for point in series.results} for series in report.unseparated]
    rows = []
    for start in sorted({*own, *(start for one in before for start in one)}, reverse=True):
        point, others = own.get(start), [one[start] for one in before if start in one]
        is_partial = (point is not None and point.partial) or any(one.partial for one in others)
        row = [day(start) + (" (partial)" if is_partial else "")]
        for side in sides:
            row += _shown((point.fix if side == "fix" else point.cause) if point else None, least)
        for one in before:
            row += _shown_before(one.get(start), least)
        rows.append(row)
    return Table(columns, rows)


def heading_of(series: UnseparatedSeries) -> str:
    """What a series of one question is called: its tool and its scale."""
    return f"One question: {series.name}, {_scale(series)}"


def _scale(series: UnseparatedSeries) -> str:
    return "good or bad" if series.scale == "good-bad" else series.scale.replace("-", "–")


def _shown_before(point: UnseparatedPoint | None, least: int) -> list[str]:
    if point is None or point.n is None:
        return ["–", "–", "–"]
    if point.n < least:
        return ["–", "–", count(point.n)]
    return [share(point.top2), between(point.top2_low, point.top2_high), count(point.n)]


def _shown(figures: FixFigures | CauseFigures | None, least: int) -> list[str]:
    if figures is None:
        return ["–", "–", "–"]
    if figures.n < least:
        return ["–", "–", count(figures.n)]
    if isinstance(figures, FixFigures):
        told = figures.top2, figures.top2_low, figures.top2_high
    else:
        told = figures.dismayed, figures.dismayed_low, figures.dismayed_high
    return [share(told[0]), between(told[1], told[2]), count(figures.n)]


def _cause_bar(row: CauseRow, query: str) -> charts.ParetoBar:
    index = row.index or 0.0
    said = f"{row.cause.name}: about {count(index)} customers dismayed, {count(row.cases)} cases"
    if row.dismayed is None:
        said += f", too few answers ({count(row.n)})"
    else:
        said += f", {share(row.dismayed)} of {count(row.n)} answers dismayed"
        said += f" ({between(row.dismayed_low, row.dismayed_high)})"
    return charts.ParetoBar(
        label=row.cause.name,
        value=index,
        low=row.index_low,
        high=row.index_high,
        href=cause_address(row.cause.code, query),
        tooltip=said,
    )


def cause_address(code: str, query: str) -> str:
    """The page of one cause under the same question."""
    return reverse("cause", kwargs={"code": code}) + (f"?{query}" if query else "")


def agent_address(pk: int, query: str) -> str:
    """The page of one agent under the same question."""
    return reverse("agent", kwargs={"pk": pk}) + (f"?{query}" if query else "")


def pareto_picture(report: CausesReport, query: str, *, limit: int = 20) -> Picture:
    """Causes by dismay index, worst on top."""
    found = report.results.having("index")
    rows = found[:limit]
    bars = [_cause_bar(row, query) for row in rows]
    return draw(
        lambda narrow: charts.pareto_chart(
            bars,
            title="Causes by dismay",
            description="Customers presumably dismayed by each cause, worst first.",
            value_axis="customers presumably dismayed",
            cumulative_axis="of all dismay",
            empty="No cause has a resolved case yet.",
            total=_all_dismay(rows),
            limit=limit,
            beyond=len(found) - len(rows),
            narrow=narrow,
        ),
        "causes",
    )


def preventable_picture(report: CausesReport, query: str, *, limit: int = 6) -> Picture | None:
    """Causes by volume × dismay × avoidable; None where nobody said whether it was avoidable."""
    found = by_preventable(report)
    if not found:
        return None
    rows = found[:limit]
    bars = [_preventable_bar(row, query) for row in rows]
    return draw(
        lambda narrow: charts.pareto_chart(
            bars,
            title="Causes by preventable dismay",
            description="Customers presumably dismayed by what could have been prevented, "
            "most on top; the outline is everyone the cause presumably dismayed.",
            value_axis="customers, preventable",
            cumulative_axis="of all preventable dismay",
            empty="No cause has a resolved case yet.",
            total=found.sum("preventable"),
            limit=limit,
            beyond=len(found) - len(rows),
            narrow=narrow,
        ),
        "preventable",
        _preventable_table(rows),
    )


def by_preventable(report: CausesReport) -> CauseRows:
    """The causes with preventable dismay, most first."""
    return report.results.ranked("preventable")


def _preventable_bar(row: CauseRow, query: str) -> charts.ParetoBar:
    said = f"{row.cause.name}: about {count(row.preventable)} customers dismayed by what could "
    said += f"have been prevented, of {count(row.index)} presumably dismayed; "
    said += f"{count(row.cases)} cases"
    return charts.ParetoBar(
        label=row.cause.name,
        value=row.preventable or 0.0,
        low=row.preventable_low,
        high=row.preventable_high,
        href=cause_address(row.cause.code, query),
        tooltip=said,
        whole=row.index,
    )


def _all_dismay(rows: Sequence[CauseRow]) -> float | None:
    """The index of all causes together, also where the reader sees but some of them."""
    for row in rows:
        if row.index and row.share_of_dismay:
            return row.index / row.share_of_dismay
    return None


def trend_picture(
    report: TrendReport, *, fix: bool = True, cause: bool = True, least: int = 0, name: str = ""
) -> Picture:
    """Fix and cause over time, each in a panel of its own; points of fewer than `least` answers
    are left out."""
    panels = [*_fix_panel(report, fix, least), *_cause_panel(report, cause, least)]
    if fix and cause:
        panels += _panels_before(report, least)
    told = [mark.words for panel in panels for mark in panel.marks]
    told += [f"{panel.name}: {panel.note}." for panel in panels if panel.note]
    return draw(
        lambda narrow: charts.trend_chart(
            panels,
            title=f"Over time, by {report.interval}",
            description=" ".join(["Shares with their 95 % intervals.", *told]),
            empty="Too few answers in this selection to draw.",
            narrow=narrow,
        ),
        name,
        _trend_table(report, fix=fix, cause=cause, least=least),
    )


def _breaks(report: TrendReport, dimension: str) -> list[charts.TrendMark]:
    return [
        charts.TrendMark(mark.date, f"v{mark.version}", compared_in_words(mark))
        for mark in report.marks
        if mark.dimension == dimension
    ]


def comparable_in_words(report: TrendReport) -> list[str]:
    """For each side what can be compared; nothing where every trend can be read across."""
    told = [compared_in_words(mark) for mark in report.marks]
    marked = {mark.dimension for mark in report.marks}
    shown = {
        "fix": any(point.fix is not None for point in report.results),
        "cause": any(point.cause is not None for point in report.results),
    }
    for side, is_shown in shown.items():
        if told and is_shown and side not in marked:
            told.append(f"The trend of the {side} can be read across all versions.")
    return told


def _fix_panel(report: TrendReport, wanted: bool, least: int) -> Iterable[charts.TrendPanel]:
    points = [
        charts.TrendPoint(
            point.start,
            point.fix.top2 if point.fix.n >= least else None,
            point.fix.top2_low,
            point.fix.top2_high,
            point.fix.n,
            point.partial,
        )
        for point in report.results
        if point.fix is not None
    ]
    if wanted and points:
        marks = _breaks(report, "fix")
        yield charts.TrendPanel("● Satisfied with the fix", "ch-fix", points, marks)


def _cause_panel(report: TrendReport, wanted: bool, least: int) -> Iterable[charts.TrendPanel]:
    points = [
        charts.TrendPoint(
            point.start,
            point.cause.dismayed if point.cause.n >= least else None,
            point.cause.dismayed_low,
            point.cause.dismayed_high,
            point.cause.n,
            point.partial,
        )
        for point in report.results
        if point.cause is not None
    ]
    if wanted and points:
        marks = _breaks(report, "cause")
        yield charts.TrendPanel("▲ Dismayed at the cause", "ch-cause", points, marks)


#: What a customer was asked before: said wherever such a series is drawn.
BEFORE: Final = "one question, before Stabledoor: fix and cause in one"


def _panels_before(report: TrendReport, least: int) -> Iterable[charts.TrendPanel]:
    """Each series of one question in a panel of its own: no line leads from it to another."""
    for series in report.unseparated:
        points = [
            charts.TrendPoint(
                point.start,
                point.top2 if point.n is not None and point.n >= least else None,
                point.top2_low,
                point.top2_high,
                point.n or 0,
                point.partial,
            )
            for point in series.results
        ]
        name = f"◇ {series.name}, best answers ({_scale(series)})"
        yield charts.TrendPanel(name, "ch-unseparated", points, note=BEFORE)
