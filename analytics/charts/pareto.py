"""Causes by their dismay index, worst on top, with the cumulative share.

    pareto_chart(bars, *, title, description, value_axis, cumulative_axis, empty, total=None,
                 limit=40, beyond=0, narrow=False) -> str
    ParetoBar(label, value, low=None, high=None, href=None, tooltip=None, whole=None)

Bars lie: names of causes are long, and phones are narrow. There the name stands above its bar,
where a line would cross it: each row ends in its own share instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from analytics.charts.scales import nice_ceiling, ticks
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
    link,
    percent,
    picture,
    room_for,
    shorten,
    tag,
    titled,
)


@dataclass(frozen=True, slots=True)
class ParetoBar:
    """One cause: value is its index (low and high its interval), in customers; `whole` is what the
    value is a part of, drawn as an outline around it."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    href: str | None = None
    tooltip: str | None = None
    whole: float | None = None


def pareto_chart(
    bars: Sequence[ParetoBar],
    *,
    title: str,
    description: str,
    value_axis: str,
    cumulative_axis: str,
    empty: str,
    total: float | None = None,
    limit: int = 40,
    beyond: int = 0,
    narrow: bool = False,
) -> str:
    """Bars in the order given, the first `limit` of them, with a line of what they add up to; the
    narrow picture has the share of each bar in place of the line. What is not drawn is said, also
    the `beyond` that come after these bars.

    Units: value in customers (bottom scale); cumulative share 0–100 % (top scale) of `total`, or
    of all bars given where total is None.
    """
    width = NARROW if narrow else WIDE
    whole = total if total is not None else sum(bar.value for bar in bars)
    if not bars or whole <= 0:
        return blank("pareto", empty, width)
    shown = bars[:limit]
    plan = _plan(shown, width, narrow)
    shares = [min(part / whole, 1.0) for part in accumulate(bar.value for bar in shown)]
    marks = _scale(plan)
    for place, (bar, share) in enumerate(zip(shown, shares, strict=True)):
        y = plan.top + place * plan.step
        marks.append(_bar(bar, share, plan, y))
        if narrow:
            marks.append(_own_share(bar.value / whole, plan, y))
    if not narrow:
        marks += _cumulative(shares, plan.left, plan.right, plan.top, plan.step)
    foot = plan.foot
    for y, words in ((foot + 34, value_axis), (14, cumulative_axis)):
        marks.append(label(plan.right, y, words, css="ch-axis-title", anchor="end"))
    more = len(bars) - len(shown) + beyond
    if more:
        marks.append(label(8, foot + 34, f"and {more:,} more", css="ch-axis"))
    linked = any(bar.href for bar in shown)
    return picture("pareto", width, foot + 42, title, description, *marks, linked=linked)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where rows and customers lie."""

    narrow: bool
    left: float
    right: float
    top: float
    foot: float
    step: float
    most: float

    @property
    def scale(self) -> float:
        """Units of the picture for one customer."""
        return (self.right - self.left) / self.most


def _plan(shown: Sequence[ParetoBar], width: float, narrow: bool) -> _Plan:
    beside = 20 + room_for((bar.label for bar in shown), 220)
    left, right, top = (4.0, width - 16, 26.0) if narrow else (beside, width - 52, 40.0)
    step = 44.0 if narrow else 30.0
    most = nice_ceiling(max(max(bar.value, bar.high or 0.0, bar.whole or 0.0) for bar in shown))
    return _Plan(narrow, left, right, top, top + step * len(shown), step, most)


def _scale(plan: _Plan) -> list[str]:
    marks = []
    for value in ticks(0, plan.most, 3 if plan.narrow else 5):
        x = plan.left + value * plan.scale
        marks.append(grid(x, plan.top, x, plan.foot))
        marks.append(label(x, plan.foot + 16, amount(value), css="ch-axis", anchor="middle"))
    return marks


def _own_share(share: float, plan: _Plan, y: float) -> str:
    return label(plan.right, y + plan.step - 26, percent(share), css="ch-axis", anchor="end")


def _bar(bar: ParetoBar, cumulative: float, plan: _Plan, y: float) -> str:
    left, step, scale, narrow = plan.left, plan.step, plan.scale, plan.narrow
    height = 16.0
    above = y + step - height - 5 if narrow else y + (step - height) / 2
    middle = above + height / 2
    words = bar.tooltip or f"{bar.label}: {amount(bar.value)}{_interval(bar)}, "
    words = words if bar.tooltip else words + f"cumulative {percent(cumulative)}"
    body = tag(
        "rect", class_="ch-bar ch-cause", x=left, y=above, width=bar.value * scale, height=height,
        fill=CAUSE, fill_opacity=0.75,
    )  # fmt: skip
    if bar.whole is not None and bar.whole > bar.value:
        outline = tag(
            "rect", class_="ch-whole", x=left, y=above, width=bar.whole * scale, height=height,
            fill="none", stroke=CAUSE, stroke_width=1, stroke_dasharray="3 2",
        )  # fmt: skip
        body = outline + body
    whisker = ""
    if bar.low is not None and bar.high is not None:
        ends = (left + bar.low * scale, left + bar.high * scale)
        whisker = line(ends[0], middle, ends[1], middle, "ch-whisker", stroke_width=1.5)
        whisker += "".join(line(x, middle - 4, x, middle + 4, "ch-whisker") for x in ends)
    name = (
        label(0, above - 5, shorten(bar.label, NARROW - 70))
        if narrow
        else label(left - 8, middle + 4, shorten(bar.label, left - 16), anchor="end")
    )
    return titled(words, link(bar.href, name, body, whisker), css="ch-row")


def _interval(bar: ParetoBar) -> str:
    if bar.low is None or bar.high is None:
        return ""
    return f" ({amount(bar.low)}–{amount(bar.high)})"


def _cumulative(
    shares: Sequence[float], left: float, right: float, top: float, step: float
) -> list[str]:
    points = [
        (left + share * (right - left), top + (place + 0.5) * step)
        for place, share in enumerate(shares)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks = [
        tag(
            "polyline", class_="ch-cumulative", points=path, fill="none", stroke=INK,
            stroke_width=1.5, stroke_dasharray="4 3", pointer_events="none",
        )
    ]  # fmt: skip
    for share in (0.0, 0.5, 1.0):
        x = left + share * (right - left)
        marks.append(label(x, top - 8, percent(share), css="ch-axis", anchor="middle", size=11))
    for (x, y), share in zip(points, shares, strict=True):
        marks.append(
            titled(
                f"cumulative {percent(share)}",
                tag("circle", class_="ch-cumulative-dot", cx=x, cy=y, r=3, fill=INK),
            )
        )
    return marks
