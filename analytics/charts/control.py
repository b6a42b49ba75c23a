"""A chart of control: weekly values within the limits of chance, alarms by shape, marks by words.

control_chart(panels, *, title, description, empty, narrow=False) -> str
ControlPanel(name, points, centre=None, unit="share", marks=(), shifts=(), note="")
ControlPoint(week, value, n, low, high, signal=0, level=None, level_signal=0, baseline=False,
    together=False)
ControlMark(day, label, words, until=None)           a version; an action with its roll-out
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from analytics.charts.scales import day_label, nice_ceiling, regular, ticks
from analytics.charts.svg import (
    CAUSE,
    INK,
    NARROW,
    WIDE,
    amount,
    blank,
    grid,
    label,
    line,
    percent,
    picture,
    tag,
    titled,
)

_PANEL = 170.0
_GAP = 60.0
#: The roll-out of an action: a bar at the top, for grey bands are the limits of chance.
_BAR = 5.0
Height = Callable[[float], float]
Place = Callable[[dt.date], float]


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One week: its value and n, the limits at its size, whether it lies above (1) or below (−1)
    them; `level` is the smoothed value and whether that left its own limits; `together` whether
    the week and the one before it are too high."""

    week: dt.date
    value: float | None
    n: int
    low: float | None
    high: float | None
    signal: int = 0
    level: float | None = None
    level_signal: int = 0
    baseline: bool = False
    together: bool = False


@dataclass(frozen=True, slots=True)
class ControlMark:
    """Something that happened on a day, or went on `until` another: a short label, a sentence."""

    day: dt.date
    label: str
    words: str
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ControlPanel:
    """One series. `unit`: "share" for 0–1, "rate" for counts on an exposure. `shifts` are the days
    from which on the level is another; `note` stands in place of limits that are not there yet."""

    name: str
    points: Sequence[ControlPoint]
    centre: float | None = None
    unit: Literal["share", "rate"] = "share"
    marks: Sequence[ControlMark] = ()
    shifts: Sequence[dt.date] = ()
    note: str = ""


def control_chart(
    panels: Sequence[ControlPanel],
    *,
    title: str,
    description: str,
    empty: str,
    narrow: bool = False,
) -> str:
    """The panels under each other on one time axis.

    Limits are a grey band that widens where a week has few answers. A week outside is a triangle
    that points the way it left; one that is outside together with weeks before, with the last or
    smoothed, has a ring. Weeks of the baseline are hollow.
    """
    width = NARROW if narrow else WIDE
    weeks = sorted({point.week for panel in panels for point in panel.points})
    if not any(point.value is not None for panel in panels for point in panel.points):
        return blank("control", empty, width)
    left, right, size = 44.0, width - 14, 12.0 if narrow else 11.0
    first, span = weeks[0].toordinal(), max(weeks[-1].toordinal() - weeks[0].toordinal(), 1)

    def x(day: dt.date) -> float:
        share = (day.toordinal() - first) / span
        return left + min(max(share, 0.0), 1.0) * (right - left)

    marks: list[str] = []
    top = 0.0
    for panel in panels:
        marks += _panel(panel, x, (left, right), top + 40, size)
        top += _PANEL + _GAP
    marks += _axis(weeks, x, top, 4 if narrow else 8, size)
    return picture("control", width, top + 8, title, description, *marks)


def _panel(
    panel: ControlPanel, x: Place, ends: tuple[float, float], top: float, size: float
) -> list[str]:
    left, right = ends
    most = _most(panel)

    def y(value: float) -> float:
        return top + (1 - min(max(value, 0.0), most) / most) * _PANEL

    write = percent if panel.unit == "share" else amount
    marks = [label(left, top - 22, panel.name, css="ch-panel ch-cause", size=13)]
    for value in ticks(0, most, 4):
        marks.append(grid(left, y(value), right, y(value)))
        at = y(value) + 4
        marks.append(label(left - 6, at, write(value), css="ch-axis", anchor="end", size=size))
    marks += _limits(panel.points, x, y)
    if panel.centre is not None:
        at = y(panel.centre)
        marks.append(line(left, at, right, at, "ch-centre", stroke_width=1))
    if panel.note:
        marks.append(label(right, top - 22, panel.note, css="ch-note", anchor="end", size=11))
    marks += _events(panel, x, (left, right), top)
    marks += _lines(panel.points, x, y)
    return marks + [_point(point, panel, x, y, write) for point in panel.points]


def _most(panel: ControlPanel) -> float:
    if panel.unit == "share":
        return 1.0
    values = [point.value for point in panel.points if point.value is not None]
    values += [point.high for point in panel.points if point.high is not None]
    return nice_ceiling(max(values, default=1.0))


def _limits(points: Sequence[ControlPoint], x: Place, y: Height) -> list[str]:
    marks = []
    for known, run in groupby(points, key=lambda one: one.low is not None and one.high is not None):
        if not known:
            continue
        part = list(run)
        upper = [f"{x(one.week):.1f},{y(one.high or 0.0):.1f}" for one in part]
        lower = [f"{x(one.week):.1f},{y(one.low or 0.0):.1f}" for one in part]
        marks.append(
            tag("polygon", class_="ch-within", points=" ".join(upper + lower[::-1]), fill=INK,
                fill_opacity=0.1)
        )  # fmt: skip
        marks += [
            tag("polyline", class_="ch-limit", points=" ".join(path), fill="none", stroke=INK,
                stroke_opacity=0.5, stroke_dasharray="3 3")
            for path in (upper, lower)
        ]  # fmt: skip
    return marks


def _lines(points: Sequence[ControlPoint], x: Place, y: Height) -> list[str]:
    marks = []
    for css, value in (("ch-line ch-cause", _value), ("ch-smoothed", _level)):
        for known, run in groupby(points, key=lambda one: value(one) is not None):
            if known:
                path = " ".join(f"{x(one.week):.1f},{y(value(one) or 0.0):.1f}" for one in run)
                marks.append(
                    tag("polyline", class_=css, points=path, fill="none", stroke=CAUSE,
                        stroke_width=1.5, stroke_dasharray="6 3" if css == "ch-smoothed" else None)
                )  # fmt: skip
    return marks


def _value(point: ControlPoint) -> float | None:
    return point.value


def _level(point: ControlPoint) -> float | None:
    return point.level


def _point(
    point: ControlPoint, panel: ControlPanel, x: Place, y: Height, write: Callable[[float], str]
) -> str:
    if point.value is None:
        return ""
    words = f"Week of {day_label(point.week, with_year=True)}: {write(point.value)}"
    if point.low is not None and point.high is not None:
        words += f", chance explains {write(point.low)} to {write(point.high)}"
    words += f", n = {point.n:,}"
    at, height = x(point.week), y(point.value)
    if point.signal:
        words += ": above the limit" if point.signal > 0 else ": below the limit"
        way = -8 if point.signal > 0 else 8
        corners = ((0, way), (7, -way * 0.6), (-7, -way * 0.6))
        css = "ch-alarm" if point.signal > 0 else "ch-alarm ch-below"
        shape = tag(
            "polygon", class_=css, stroke=CAUSE, stroke_width=2.5, fill="none",
            points=" ".join(f"{at + dx:.1f},{height + dy:.1f}" for dx, dy in corners),
        )  # fmt: skip
    else:
        shape = tag(
            "circle", class_=f"ch-dot ch-cause{' ch-partial' * point.baseline}", cx=at, cy=height,
            r=3, fill="none" if point.baseline else CAUSE, stroke=CAUSE,
        )  # fmt: skip
    if point.together:
        words += "; with the week before, above what chance explains"
    if point.level_signal:
        words += "; smoothed, it lies outside, too"
    if point.together or point.level_signal:
        shape += tag(
            "circle", class_="ch-ring", cx=at, cy=height, r=10, fill="none", stroke=INK,
            stroke_width=1,
        )  # fmt: skip
    return titled(words, shape)


def _events(panel: ControlPanel, x: Place, ends: tuple[float, float], top: float) -> list[str]:
    """Versions and actions as dashed lines, shifts as solid ones, each with a word above."""
    left, right = ends
    marks = [
        tag("rect", class_="ch-rollout", x=x(mark.day), y=top, width=x(mark.until) - x(mark.day),
            height=_BAR, fill=INK, fill_opacity=0.6)
        for mark in panel.marks
        if mark.until is not None and x(mark.until) > x(mark.day)
    ]  # fmt: skip
    events = [(mark.day, mark.label, mark.words, "ch-mark", "4 3") for mark in panel.marks]
    events += [
        (day, "since", f"Another level since the week of {day_label(day, with_year=True)}",
         "ch-shift", "")
        for day in panel.shifts
    ]  # fmt: skip
    free = left
    for day, word, words, css, dash in sorted(events, key=lambda one: one[0]):
        at = x(day)
        more = {"stroke_dasharray": dash} if dash else {}
        marks.append(titled(words, line(at, top, at, top + _PANEL, css, stroke_width=1.5, **more)))
        room = 6.5 * len(word)
        if at - room / 2 >= free:
            anchor = "end" if at + room / 2 > right else "middle"
            marks.append(label(at, top - 5, word, css="ch-note", anchor=anchor, size=11))
            free = at + room / 2
    return marks


def _axis(weeks: Sequence[dt.date], x: Place, y: float, most: int, size: float) -> list[str]:
    marks, year = [], None
    for place in regular(len(weeks), most):
        day = weeks[place]
        anchor = "end" if place == len(weeks) - 1 else "middle"
        words = day_label(day, with_year=day.year != year)
        marks.append(label(x(day), y - 2, words, css="ch-axis", anchor=anchor, size=size))
        year = day.year
    return marks
