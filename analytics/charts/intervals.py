"""Agents as dots with intervals beside the company's line. No ranks: the order is the caller's.

interval_chart(rows, *, title, description, axis, empty, reference=None, reference_label="",
               limit=60, narrow=False) -> str
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
    narrow: bool = False,
) -> str:
    """One line per row in the order given, the first `limit` of them.

    The scale spans what is drawn, in whole tens of per cent: dots are read by place, not by length.
    """
    width = NARROW if narrow else WIDE
    if not rows:
        return blank("intervals", empty, width)
    shown = rows[:limit]
    beside = 20 + room_for((row.label for row in shown), 210)
    left, right, top = (16.0, width - 16, 34.0) if narrow else (beside, width - 20, 34.0)
    # A long picture says its scale at both ends.
    both_ends = len(shown) > _SCREEN
    top += 18 * both_ends
    step = 42.0 if narrow else 28.0
    foot = top + step * len(shown)
    low, high = _span(shown, reference)
    scale = (right - left) / (high - low)
    marks = []
    for value in ticks(low, high, 3 if narrow else 5):
        x = left + (value - low) * scale
        marks.append(grid(x, top, x, foot))
        marks += [
            label(x, y, percent(value), css="ch-axis", anchor="middle")
            for y in ((top - 10, foot + 16) if both_ends else (foot + 16,))
        ]
    if reference is not None:
        x = left + (reference - low) * scale
        marks.append(line(x, top - 6, x, foot, "ch-reference", stroke_dasharray="5 3"))
        anchor = "end" if x > right - 40 else "start" if x < left + 40 else "middle"
        words = f"{reference_label} {percent(reference)}".strip()
        y = top - 12 - 18 * both_ends
        marks.append(label(x, y, words, css="ch-reference-label", anchor=anchor))
    for place, row in enumerate(shown):
        y = top + place * step
        name = _name(row, left, y, step, width, narrow)
        body = _row(row, left, y + (28 if narrow else step / 2), low, scale)
        marks.append(titled(_words(row), link(row.href, name, body), css="ch-row"))
    marks.append(label(right, foot + 34, axis, css="ch-axis-title", anchor="end"))
    if len(rows) > limit:
        marks.append(label(8, foot + 34, f"and {len(rows) - limit:,} more", css="ch-axis"))
    linked = any(row.href for row in shown)
    return picture("intervals", width, foot + 42, title, description, *marks, linked=linked)


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


def _row(row: IntervalRow, left: float, y: float, low: float, scale: float) -> str:
    if row.value is None:
        return label(left, y + 4, row.note or "", css="ch-note")
    bar = ""
    if row.low is not None and row.high is not None:
        x1, x2 = left + (row.low - low) * scale, left + (row.high - low) * scale
        bar = line(
            x1, y, x2, y, "ch-interval", stroke=FIX, stroke_width=6, stroke_opacity=0.4,
            stroke_linecap="round",
        )  # fmt: skip
    x = left + (row.value - low) * scale
    return bar + tag("circle", class_="ch-dot ch-fix", cx=x, cy=y, r=4.5, fill=FIX)


def _words(row: IntervalRow) -> str:
    if row.tooltip:
        return row.tooltip
    if row.value is None:
        return f"{row.label}: {row.note or 'no figure'}"
    if row.low is None or row.high is None:
        return f"{row.label}: {percent(row.value)}"
    return f"{row.label}: {percent(row.value)} ({percent(row.low)}–{percent(row.high)})"
