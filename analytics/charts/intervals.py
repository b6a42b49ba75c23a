"""Agents as dots with intervals beside the company's line. No ranks: the order is the caller's.

interval_chart(rows, *, title, description, axis, empty, reference=None, reference_label="",
               limit=60, beyond=0, narrow=False) -> str
IntervalRow(label, value, low, high, href=None, note=None, tooltip=None)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.charts.scales import ticks
from analytics.charts.svg import (
    FIX,
    NARROW,
    WIDE,
    blank,
    grid,
    label,
    line,
    link,
    percent,
    picture,
    room_for,
    shorten,
    tag,
    titled,
)

_SCREEN = 12


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One agent: shrunk share with its interval, 0–1; where too few, None and a note saying so."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    href: str | None = None
    note: str | None = None
    tooltip: str | None = None


def interval_chart(
    rows: Sequence[IntervalRow],
    *,
    title: str,
    description: str,
    axis: str,
    empty: str,
    reference: float | None = None,
    reference_label: str = "",
    limit: int = 60,
    beyond: int = 0,
    narrow: bool = False,
) -> str:
    """One line per row in the order given, the first `limit` of them; what is not drawn is said,
    also the `beyond` that come after these rows.

    The scale spans what is drawn, in whole tens of per cent: dots are read by place, not by length.
    """
    width = NARROW if narrow else WIDE
    if not rows:
        return blank("intervals", empty, width)
    shown = rows[:limit]
    plan = _plan(shown, reference, width, narrow)
    marks = _scale(plan, narrow)
    if reference is not None:
        marks += _reference(plan, reference, reference_label)
    for place, row in enumerate(shown):
        y = plan.top + place * plan.step
        name = _name(row, plan.left, y, plan.step, width, narrow)
        body = _row(row, plan, y + (28 if narrow else plan.step / 2))
        marks.append(titled(_words(row), link(row.href, name, body), css="ch-row"))
    foot = plan.foot
    marks.append(label(plan.right, foot + 34, axis, css="ch-axis-title", anchor="end"))
    more = len(rows) - len(shown) + beyond
    if more:
        marks.append(label(8, foot + 34, f"and {more:,} more", css="ch-axis"))
    linked = any(row.href for row in shown)
    return picture("intervals", width, foot + 42, title, description, *marks, linked=linked)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where rows and shares lie. A long picture says its scale at both ends."""

    left: float
    right: float
    top: float
    foot: float
    step: float
    low: float
    high: float
    both_ends: bool

    def x(self, share: float) -> float:
        return self.left + (share - self.low) * ((self.right - self.left) / (self.high - self.low))


def _plan(
    shown: Sequence[IntervalRow], reference: float | None, width: float, narrow: bool
) -> _Plan:
    beside = 20 + room_for((row.label for row in shown), 210)
    left, right = (16.0, width - 16) if narrow else (beside, width - 20)
    both_ends = len(shown) > _SCREEN
    top, step = 34.0 + 18 * both_ends, 42.0 if narrow else 28.0
    foot = top + step * len(shown)
    return _Plan(left, right, top, foot, step, *_span(shown, reference), both_ends)


def _scale(plan: _Plan, narrow: bool) -> list[str]:
    marks = []
    ends = (plan.top - 10, plan.foot + 16) if plan.both_ends else (plan.foot + 16,)
    for value in ticks(plan.low, plan.high, 3 if narrow else 5):
        x = plan.x(value)
        marks.append(grid(x, plan.top, x, plan.foot))
        marks += [label(x, y, percent(value), css="ch-axis", anchor="middle") for y in ends]
    return marks


def _reference(plan: _Plan, reference: float, name: str) -> list[str]:
    """The company's line, its words where there is room for them."""
    x = plan.x(reference)
    near = "end" if x > plan.right - 40 else "start"
    anchor = near if near == "end" or x < plan.left + 40 else "middle"
    words = f"{name} {percent(reference)}".strip()
    y = plan.top - 12 - 18 * plan.both_ends
    return [
        line(x, plan.top - 6, x, plan.foot, "ch-reference", stroke_dasharray="5 3"),
        label(x, y, words, css="ch-reference-label", anchor=anchor),
    ]


def _span(rows: Sequence[IntervalRow], reference: float | None) -> tuple[float, float]:
    """Whole tens of per cent around everything drawn, at least two of them."""
    drawn = [part for row in rows for part in (row.low, row.value, row.high)] + [reference]
    known = [part for part in drawn if part is not None]
    if not known:
        return 0.0, 1.0
    low, high = math.floor(min(known) * 10 + 1e-9) / 10, math.ceil(max(known) * 10 - 1e-9) / 10
    if high - low < 0.15:
        low, high = max(low - 0.1, 0.0), min(high + 0.1, 1.0)
    return low, high


def _name(row: IntervalRow, left: float, y: float, step: float, width: float, narrow: bool) -> str:
    """Beside the row, or above it where there is no room beside."""
    if narrow:
        return label(0, y + 15, shorten(row.label, width - 32))
    return label(left - 10, y + step / 2 + 4, shorten(row.label, left - 20), anchor="end")


def _row(row: IntervalRow, plan: _Plan, y: float) -> str:
    if row.value is None:
        return label(plan.left, y + 4, row.note or "", css="ch-note")
    bar = ""
    if row.low is not None and row.high is not None:
        bar = line(
            plan.x(row.low), y, plan.x(row.high), y, "ch-interval", stroke=FIX, stroke_width=6,
            stroke_opacity=0.4, stroke_linecap="round",
        )  # fmt: skip
    return bar + tag("circle", class_="ch-dot ch-fix", cx=plan.x(row.value), cy=y, r=4.5, fill=FIX)


def _words(row: IntervalRow) -> str:
    if row.tooltip:
        return row.tooltip
    if row.value is None:
        return f"{row.label}: {row.note or 'no figure'}"
    if row.low is None or row.high is None:
        return f"{row.label}: {percent(row.value)}"
    return f"{row.label}: {percent(row.value)} ({percent(row.low)}–{percent(row.high)})"
