"""Fix and cause over time: two panels on one time axis, and the sparkline of a table row.

    trend_chart(panels, *, title, description, empty, narrow=False) -> str
    TrendPanel(name, css, points, marks=(), note="")  css: "ch-fix", "ch-cause", "ch-unseparated"
    TrendMark(day, label, words)           where the line cannot be read across
    TrendPoint(start, value, low, high, n, partial=False)
    sparkline(values, *, title, css="ch-fix", low=0.0, high=1.0) -> str

Two panels, not two lines in one: shares of satisfied and of dismayed customers on one scale invite
the eye to subtract them.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from analytics.charts.scales import day_label, month_label, regular
from analytics.charts.svg import (
    CAUSE,
    FIX,
    INK,
    NARROW,
    UNSEPARATED,
    WIDE,
    blank,
    grid,
    label,
    line,
    percent,
    picture,
    tag,
    titled,
)

_PANEL = 120.0
_GAP = 44.0
_COLOURS = {"ch-fix": FIX, "ch-cause": CAUSE, "ch-unseparated": UNSEPARATED}
#: Lines of what is of another kind: nobody reads them as the beginning of the others.
_DASHED = frozenset({"ch-unseparated"})
_NOTE = 15.0


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One day, week or month: a share 0–1 with its interval, None where nobody answered."""

    start: dt.date
    value: float | None
    low: float | None
    high: float | None
    n: int
    partial: bool = False


@dataclass(frozen=True, slots=True)
class TrendMark:
    """A day from which on the question was another one: a short label, and a sentence why."""

    day: dt.date
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class TrendPanel:
    """One dimension over time; `note` is a line below its name."""

    name: str
    css: str
    points: Sequence[TrendPoint]
    marks: Sequence[TrendMark] = ()
    note: str = ""


def trend_chart(
    panels: Sequence[TrendPanel],
    *,
    title: str,
    description: str,
    empty: str,
    narrow: bool = False,
) -> str:
    """Lines with interval bands, one panel each, 0–100 %, the days of all panels on one axis.

    Where a point has no value the line and the band break off. A partial bucket's dot is hollow.
    Size: about 200 bytes a point; choose weeks or months for spans of more than a year.
    """
    width = NARROW if narrow else WIDE
    days = sorted({point.start for panel in panels for point in panel.points})
    if not any(point.value is not None for panel in panels for point in panel.points):
        return blank("trend", empty, width)
    left, right = 40.0, width - 14
    first, span = days[0].toordinal(), max(days[-1].toordinal() - days[0].toordinal(), 1)
    places = {
        day: left + (day.toordinal() - first) * (right - left) / span
        if len(days) > 1
        else (left + right) / 2
        for day in days
    }
    marks, top = [], 0.0
    size = 12.0 if narrow else 11.0
    for panel in panels:
        top += _NOTE if panel.note else 0.0
        marks += _panel(panel, places, left, right, top + 26, size)
        marks += _breaks(panel, days, (left, right), top + 26)
        top += _PANEL + _GAP
    marks += _time_axis(days, places, top, 4 if narrow else 8, size)
    return picture("trend", width, top + 6, title, description, *marks)


def _is_monthly(days: Collection[dt.date]) -> bool:
    """Months, or whole quarters: no two days or weeks all begin on a first."""
    return len(days) > 1 and all(day.day == 1 for day in days)


def _panel(
    panel: TrendPanel,
    places: dict[dt.date, float],
    left: float,
    right: float,
    top: float,
    size: float,
) -> list[str]:
    colour = _COLOURS.get(panel.css, INK)
    above = top - 10 - (_NOTE if panel.note else 0.0)
    marks = [label(left, above, panel.name, css=f"ch-panel {panel.css}", size=13)]
    if panel.note:
        marks.append(label(left, top - 9, panel.note, css="ch-note", size=size))
    for share in (0.0, 0.5, 1.0):
        y = top + (1 - share) * _PANEL
        marks.append(grid(left, y, right, y))
        marks.append(label(left - 6, y + 4, percent(share), css="ch-axis", anchor="end", size=size))
    ordered = sorted(panel.points, key=lambda point: point.start)
    for known, run in groupby(ordered, key=lambda point: point.value is not None):
        if known:
            marks += _run(list(run), places, top, panel.css, colour)
    marks += [
        _dot(point, places, top, panel, colour) for point in ordered if point.value is not None
    ]
    return marks


def _breaks(
    panel: TrendPanel, days: list[dt.date], ends: tuple[float, float], top: float
) -> list[str]:
    """A dashed line through the panel for each mark within its days, its label above; a label that
    would cover the one before it is left to the line's own words."""
    left, right = ends
    span = max(days[-1].toordinal() - days[0].toordinal(), 1)
    marks: list[str] = []
    free = left + 7.5 * len(panel.name)  # the panel's heading stands there
    for mark in sorted(panel.marks, key=lambda one: one.day):
        share = (mark.day.toordinal() - days[0].toordinal()) / span
        if share < 0:
            continue
        # The last bucket goes on beyond its first day.
        x = left + min(share, 1.0) * (right - left)
        dashes = line(x, top, x, top + _PANEL, "ch-break", stroke_width=1.5, stroke_dasharray="4 3")
        marks.append(titled(mark.words, dashes))
        width = 7.0 * len(mark.label)
        if x - width / 2 >= free:
            anchor = "end" if x + width / 2 > right else "middle"
            marks.append(label(x, top - 2, mark.label, css="ch-note", anchor=anchor, size=11))
            free = x + width / 2
    return marks


def _run(
    points: list[TrendPoint], places: dict[dt.date, float], top: float, css: str, colour: str
) -> list[str]:
    """Band and line of points that follow each other without a gap."""

    def at(point: TrendPoint, share: float | None) -> str:
        height = share if share is not None else point.value or 0.0
        return f"{places[point.start]:.1f},{top + (1 - height) * _PANEL:.1f}"

    upper = [at(point, point.high) for point in points]
    lower = [at(point, point.low) for point in reversed(points)]
    # A single point has no area; its band is drawn as a stroke.
    band = tag(
        "polygon", class_=f"ch-band {css}", points=" ".join(upper + lower), fill=colour,
        fill_opacity=0.18, stroke=colour, stroke_opacity=0.18,
        stroke_width=4 if len(points) == 1 else 0,
    )  # fmt: skip
    path = " ".join(at(point, point.value) for point in points)
    dashes = {"stroke_dasharray": "5 4"} if css in _DASHED else {}
    return [
        band,
        tag("polyline", class_=f"ch-line {css}", points=path, fill="none", stroke=colour,
            stroke_width=2, stroke_linejoin="round", **dashes),
    ]  # fmt: skip


def _dot(
    point: TrendPoint, places: dict[dt.date, float], top: float, panel: TrendPanel, colour: str
) -> str:
    value = point.value or 0.0
    name = month_label if _is_monthly(places) else day_label
    words = f"{name(point.start, with_year=True)}: {panel.name} {percent(value)}"
    if point.low is not None and point.high is not None:
        words += f" ({percent(point.low)}–{percent(point.high)})"
    words += f", n = {point.n:,}" + (", partial" if point.partial else "")
    dot = tag(
        "circle",
        class_=f"ch-dot {panel.css}{' ch-partial' * point.partial}",
        cx=places[point.start],
        cy=top + (1 - value) * _PANEL,
        r=3,
        fill="none" if point.partial else colour,
        stroke=colour,
    )
    return titled(words, dot)


def _time_axis(
    days: list[dt.date], places: dict[dt.date, float], y: float, most: int, size: float
) -> list[str]:
    marks, year = [], None
    name = month_label if _is_monthly(days) else day_label
    for place in regular(len(days), most):
        day = days[place]
        anchor = "middle"
        if len(days) > 1 and place in (0, len(days) - 1):
            anchor = "end" if place else "start"
        words = name(day, with_year=day.year != year)
        marks.append(label(places[day], y, words, css="ch-axis", anchor=anchor, size=size))
        year = day.year
    return marks


def sparkline(
    values: Sequence[float | None],
    *,
    title: str,
    css: str = "ch-fix",
    low: float = 0.0,
    high: float = 1.0,
) -> str:
    """A line without axes, 120 × 28, gaps where there is no value; the last value is dotted.

    Raises: ValueError unless low < high.
    """
    if low >= high:
        raise ValueError(f"a sparkline needs low < high, not {low} and {high}")
    colour = _COLOURS.get(css, INK)
    step = 112 / max(len(values) - 1, 1)
    spots = [
        None
        if value is None
        else (4 + place * step, 24 - (min(max(value, low), high) - low) / (high - low) * 20)
        for place, value in enumerate(values)
    ]
    marks = []
    for known, run in groupby(spots, key=lambda spot: spot is not None):
        if known:
            path = " ".join(f"{spot[0]:.1f},{spot[1]:.1f}" for spot in run if spot)
            marks.append(
                tag("polyline", class_=f"ch-line {css}", points=path, fill="none", stroke=colour,
                    stroke_width=1.5, stroke_linecap="round")
            )  # fmt: skip
    last = next((spot for spot in reversed(spots) if spot), None)
    if last:
        marks.append(
            tag("circle", class_=f"ch-dot {css}", cx=last[0], cy=last[1], r=2.5, fill=colour)
        )
    return picture("sparkline", 120, 28, title, title, *marks)
