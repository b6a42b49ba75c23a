"""Agents by number of ratings within the limits of chance: who lies inside is like the others.

funnel_chart(points, limits, *, title, description, x_axis, y_axis, empty, target=None,
             target_label="", narrow=False) -> str
FunnelPoint(label, n, share, kind, href=None, tooltip=None)      kind: "plain", "flagged", "apart"
FunnelLimit(n, low, high, outer_low, outer_high)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.charts.scales import ticks
from analytics.charts.svg import (
    FIX,
    INK,
    NARROW,
    WIDE,
    amount,
    blank,
    escape,
    grid,
    label,
    line,
    link,
    percent,
    picture,
    shorten,
    tag,
    titled,
)

#: Flagged agents named in the picture; more would cover each other.
_NAMED = 8
#: Agents of whom each is a mark of its own, with its words. More cover each other, nobody could
#: point at one, and two thousand links make a page of megabytes: those are drawn in one stroke.
MOST_DOTS = 300
_TOP, _FOOT = 30.0, 330.0
_DIAMOND = ((0, -7), (7, 0), (0, 7), (-7, 0))


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One agent. A flagged one is a diamond with its name, one that cannot be told apart from its
    cases an open square, any other a dot."""

    label: str
    n: int
    share: float
    kind: Literal["plain", "flagged", "apart"] = "plain"
    href: str | None = None
    tooltip: str | None = None


@dataclass(frozen=True, slots=True)
class FunnelLimit:
    """Inner (95 %) and outer (99.8 %) limits at n ratings."""

    n: int
    low: float
    high: float
    outer_low: float
    outer_high: float


def funnel_chart(
    points: Sequence[FunnelPoint],
    limits: Sequence[FunnelLimit],
    *,
    title: str,
    description: str,
    x_axis: str,
    y_axis: str,
    empty: str,
    target: float | None = None,
    target_label: str = "",
    narrow: bool = False,
) -> str:
    """A scatter of share over n with the two pairs of limits and the line they are drawn about.

    Of more than MOST_DOTS agents only flagged ones say who they are and lead to an address.

    Units: shares 0–1. The scale spans what is drawn, in whole tens of per cent.
    """
    width = NARROW if narrow else WIDE
    if not points:
        return blank("funnel", empty, width)
    plane = _plane(points, limits, width)
    marks = _scales(plane, narrow)
    for inner in (False, True):
        marks += _curves(limits, plane, inner=inner)
    if target is not None:
        marks += _target(plane, target, target_label)
    marks += _marks(points, plane)
    marks.append(label(plane.left - 40, 14, y_axis, css="ch-axis-title"))
    marks.append(label(plane.right, _FOOT + 34, x_axis, css="ch-axis-title", anchor="end"))
    linked = any(point.href for point in points)
    return picture("funnel", width, _FOOT + 42, title, description, *marks, linked=linked)


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where numbers of ratings and shares lie in the picture."""

    left: float
    right: float
    most: int
    low: float
    high: float

    def x(self, n: float) -> float:
        return self.left + n / self.most * (self.right - self.left)

    def y(self, share: float) -> float:
        part = (min(max(share, self.low), self.high) - self.low) / (self.high - self.low)
        return _FOOT - part * (_FOOT - _TOP)


def _plane(points: Sequence[FunnelPoint], limits: Sequence[FunnelLimit], width: float) -> _Plane:
    most = max([point.n for point in points] + [one.n for one in limits])
    return _Plane(44.0, width - 16, most, *_span(points, limits))


def _scales(plane: _Plane, narrow: bool) -> list[str]:
    """Both axes with their grid."""
    marks = []
    size = 12.0 if narrow else 11.0
    for share in ticks(plane.low, plane.high, 5):
        y, words = plane.y(share), percent(share)
        marks.append(grid(plane.left, y, plane.right, y))
        marks.append(label(plane.left - 6, y + 4, words, css="ch-axis", anchor="end", size=size))
    return marks + [
        label(plane.x(n), _FOOT + 16, amount(n), css="ch-axis", anchor="middle", size=size)
        for n in ticks(0, plane.most, 4 if narrow else 6)
    ]


def _target(plane: _Plane, target: float, name: str) -> list[str]:
    """The line that the limits are drawn about."""
    y = plane.y(target)
    words = f"{name} {percent(target)}".strip()
    return [
        line(plane.left, y, plane.right, y, "ch-centre", stroke_width=1),
        label(plane.right, y - 5, words, css="ch-reference-label", anchor="end"),
    ]


def _marks(points: Sequence[FunnelPoint], plane: _Plane) -> list[str]:
    """The agents, those flagged on top and the first of them by name."""
    marks, named = [], 0
    if len(points) > MOST_DOTS:
        marks = _crowd(points, plane)
        points = [point for point in points if point.kind == "flagged"]
    for point in sorted(points, key=lambda one: one.kind == "flagged"):
        is_named = point.kind == "flagged" and named < _NAMED
        named += is_named
        marks.append(_mark(point, plane.x(point.n), plane.y(point.share), plane.right, is_named))
    return marks


def _crowd(points: Sequence[FunnelPoint], plane: _Plane) -> list[str]:
    """All dots as one path and all open squares as another: the same marks at the same places."""
    dots, squares = (
        [(plane.x(one.n), plane.y(one.share)) for one in points if one.kind == kind]
        for kind in ("plain", "apart")
    )
    # A stroke of no length has round ends in some readers only.
    round_ends = "".join(f"M{x:.1f} {y:.1f}h.01" for x, y in dots)
    outlines = "".join(f"M{x - 4:.1f} {y - 4:.1f}h8v8h-8z" for x, y in squares)
    marks = []
    if dots:
        marks.append(
            tag("path", class_="ch-dots ch-fix", d=round_ends, fill="none", stroke=FIX,
                stroke_width=8, stroke_linecap="round")
        )  # fmt: skip
    if squares:
        marks.append(
            tag("path", class_="ch-apart", d=outlines, fill="none", stroke=INK, stroke_width=1.2)
        )
    return marks


def _span(points: Sequence[FunnelPoint], limits: Sequence[FunnelLimit]) -> tuple[float, float]:
    shares = [point.share for point in points]
    fewest = min(point.n for point in points)
    met = [one for one in limits if one.n >= fewest]
    shares += [part for one in met for part in (one.outer_low, one.outer_high)]
    low, high = min(shares), max(shares)
    low, high = max(int(low * 10) / 10, 0.0), min(-(-high * 10 // 1) / 10, 1.0)
    return (low, high) if high - low >= 0.15 else (max(low - 0.1, 0.0), min(high + 0.1, 1.0))


def _curves(limits: Sequence[FunnelLimit], plane: _Plane, *, inner: bool) -> list[str]:
    if len(limits) < 2:
        return []
    css = "ch-limit" if inner else "ch-limit-outer"
    dash = "2 3" if inner else "6 3"
    words = "95 %" if inner else "99.8 %"
    marks = []
    for is_high in (True, False):
        path = " ".join(
            f"{plane.x(one.n):.1f},{plane.y(_limit(one, inner=inner, is_high=is_high)):.1f}"
            for one in limits
        )
        marks.append(
            tag("polyline", class_=css, points=path, fill="none", stroke=INK, stroke_opacity=0.6,
                stroke_width=1, stroke_dasharray=dash)
        )  # fmt: skip
    last = limits[-1]
    at = plane.y(_limit(last, inner=inner, is_high=False))
    marks.append(label(plane.x(last.n), at + 12, words, css="ch-axis", anchor="end", size=10))
    return marks


def _limit(one: FunnelLimit, *, inner: bool, is_high: bool) -> float:
    if inner:
        return one.high if is_high else one.low
    return one.outer_high if is_high else one.outer_low


def _mark(point: FunnelPoint, x: float, y: float, right: float, is_named: bool) -> str:
    if point.kind == "flagged":
        body = tag(
            "polygon", class_="ch-flag", fill="none", stroke=FIX, stroke_width=2.5,
            points=" ".join(
                f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in _DIAMOND
            ),
        )  # fmt: skip
    elif point.kind == "apart":
        body = tag(
            "rect", class_="ch-apart", x=x - 4, y=y - 4, width=8, height=8, fill="none",
            stroke=INK, stroke_width=1.2,
        )  # fmt: skip
    else:
        body = tag("circle", class_="ch-dot ch-fix", cx=x, cy=y, r=4, fill=FIX)
    name = ""
    if is_named:
        is_left = x > right - 110
        name = label(
            x - 11 if is_left else x + 11, y + 4, shorten(point.label, 110),
            anchor="end" if is_left else "start", size=11,
        )  # fmt: skip
    words = point.tooltip or f"{point.label}: {percent(point.share)}, n = {point.n:,}"
    # A dot has no words of its own; a link needs some.
    said = tag("title", escape(words)) if point.href else ""
    return titled(words, link(point.href, said, body, name), css="ch-row")
