"""The pictures of a digest. Their alternative text says what they show, not that they show it."""

from __future__ import annotations

from dataclasses import dataclass

from analytics import charts
from analytics.reports import AgentRow, AgentsReport, CausesReport
from surveys.console.figures import between, count, share

_MOST = 8
_BAND = "Dot: share of ratings 4–5, drawn a little towards all. Band: its 90 % interval."


@dataclass(frozen=True)
class Picture:
    """An image; `alt` says the finding, for whoever does not see it."""

    name: str
    svg: str
    alt: str
    url: str
    caption: str


def causes(report: CausesReport, url: str) -> tuple[Picture, ...]:
    """Causes by what could have been prevented, most first, as the overview draws them."""
    found = report.results.ranked("preventable")
    if not found:
        return ()
    rows = found[:_MOST]
    bars = [
        charts.ParetoBar(
            row.cause.name,
            row.preventable or 0.0,
            row.preventable_low,
            row.preventable_high,
            whole=row.index,
        )
        for row in rows
    ]
    said = "; ".join(
        f"{row.cause.name} about {count(row.preventable)} of {count(row.index)}" for row in rows[:3]
    )
    svg = charts.pareto_chart(
        bars,
        title="Causes by preventable dismay",
        description="Customers presumably dismayed by what could have been prevented; the outline "
        "is everyone the cause presumably dismayed.",
        value_axis="customers, preventable",
        cumulative_axis="of all preventable dismay",
        empty="No cause has a resolved case.",
        total=found.sum("preventable"),
        limit=_MOST,
        beyond=len(found) - len(rows),
        narrow=True,
    )
    alt = f"Customers dismayed by what could have been prevented, of all dismayed: {said}."
    caption = "Filled: dismayed by what could have been prevented, with a 90 % interval. Outline: "
    caption += "all presumably dismayed."
    return (Picture("causes", svg, alt, url, caption),)


def agents(report: AgentsReport, url: str) -> tuple[Picture, ...]:
    """Agents by name, each with its interval."""
    rows = [row for row in report.results if row.shrunk is not None]
    svg = charts.interval_chart(
        [_line(row) for row in rows],
        title="Fix score of each agent, by name",
        description="Shrunk share of ratings 4–5 with its 90 % interval.",
        axis="satisfied with the fix, shrunk, 90 % interval",
        empty="No agent has enough ratings.",
        reference=report.company.top2,
        reference_label="all",
        limit=40,
        narrow=True,
    )
    lows = [row.shrunk_low for row in rows if row.shrunk_low is not None]
    highs = [row.shrunk_high for row in rows if row.shrunk_high is not None]
    apart = bool(lows and highs) and max(lows) > min(highs)
    alt = f"Fix scores of {count(len(rows))} agents by name with their 90 % intervals, "
    alt += "some of which do not overlap." if apart else "all of which overlap."
    return (Picture("agents", svg, alt, url, _BAND),)


def own(row: AgentRow, everyone: float | None, url: str) -> tuple[Picture, ...]:
    """One agent beside all."""
    svg = charts.interval_chart(
        [_line(row, "You")],
        title="Your fix score",
        description="Shrunk share of ratings 4–5 with its 90 % interval.",
        axis="satisfied with the fix, shrunk, 90 % interval",
        empty="Too few ratings.",
        reference=everyone,
        reference_label="all",
        narrow=True,
    )
    alt = f"Your share is {share(row.shrunk)} ({between(row.shrunk_low, row.shrunk_high)})"
    alt += f"; all agents together have {share(everyone)}." if everyone is not None else "."
    return (Picture("own", svg, alt, url, _BAND),)


def _line(row: AgentRow, name: str = "") -> charts.IntervalRow:
    called = name or row.agent.name or row.agent.external_id
    return charts.IntervalRow(called, row.shrunk, row.shrunk_low, row.shrunk_high)
