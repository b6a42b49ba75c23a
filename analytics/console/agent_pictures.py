"""Agents as pictures, with their words: the funnel of all, and their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from analytics import charts
from analytics.console.pictures import Picture, agent_address, draw
from analytics.reports import AgentRow, AgentsReport, FunnelPoint, FunnelReport
from surveys.console.figures import between, count, near_share, share

#: Lines of one picture; more are for the table.
MOST_LINES: Final = 60


def agents_picture(
    report: AgentsReport, query: str, rows: Sequence[AgentRow] | None = None, *, order: str = ""
) -> Picture | None:
    """Every agent with enough ratings as a dot with its interval, by name, or those of some rows of
    the report, in the `order` they have. None where none has: rows that say “too few” are for the
    table, a picture of them would show nothing."""
    drawn = [row for row in rows or report.results if row.shrunk is not None][:MOST_LINES]
    if not drawn:
        return None
    lines = [_line(row, query) for row in drawn]
    more = sum(row.shrunk is not None for row in report.results) - len(drawn)
    return draw(
        lambda narrow: charts.interval_chart(
            lines,
            title=f"Fix score of each agent, {order or 'by name'}",
            description="Shrunk share of ratings 4–5 with its 90 % interval.",
            axis="satisfied with the fix, shrunk, 90 % interval",
            empty="No agent has a rating yet.",
            reference=report.company.top2,
            reference_label="all",
            limit=MOST_LINES,
            beyond=more,
            narrow=narrow,
        ),
        # The picture at an address of its own begins at the beginning.
        "" if rows and rows[0] is not report.results[0] else "agents",
    )


def _line(row: AgentRow, query: str) -> charts.IntervalRow:
    name = row.agent.name or row.agent.external_id
    address = agent_address(row.id, query)
    said = f"{name}: {share(row.shrunk)} ({between(row.shrunk_low, row.shrunk_high)}), "
    said += f"{count(row.n)} ratings{', indicative' if row.indicative else ''}"
    return charts.IntervalRow(
        name, row.shrunk, row.shrunk_low, row.shrunk_high, href=address, tooltip=said
    )


def funnel_picture(report: FunnelReport, query: str) -> Picture | None:
    """Agents by number of ratings within the limits of chance; None where nobody has enough."""
    if not report.results:
        return None
    is_crowd = len(report.results) > charts.MOST_DOTS
    points = [_point(point, query, is_crowd=is_crowd) for point in report.results]
    limits = [
        charts.FunnelLimit(one.n, one.low_95, one.high_95, one.low_998, one.high_998)
        for one in report.limits
    ]
    flagged = sum(point.flagged for point in report.results)
    said = f"{count(flagged)} of {count(len(points))} agents differ by more than chance."
    if is_crowd:
        said += " Of so many only these are named and lead on."
    return draw(
        lambda narrow: charts.funnel_chart(
            points,
            limits,
            title="Agents within the limits of chance",
            description=f"Share satisfied with the same mix of cases, by ratings. {said}",
            x_axis="number of ratings (n)",
            y_axis="satisfied with the fix, same mix of cases",
            empty="No agent has 30 ratings yet.",
            target=report.target,
            target_label="all",
            narrow=narrow,
        ),
        "funnel",
    )


def _point(point: FunnelPoint, query: str, *, is_crowd: bool) -> charts.FunnelPoint:
    name = point.agent.name or point.agent.external_id
    plain: Literal["plain", "apart"] = "plain" if point.separable else "apart"
    if is_crowd and not point.flagged:
        return charts.FunnelPoint(name, point.n, point.share, plain)
    said = f"{name}: {near_share(point.share)} of {count(point.n)} ratings, {in_words(point)}"
    return charts.FunnelPoint(
        label=name,
        n=point.n,
        share=point.share,
        kind="flagged" if point.flagged else plain,
        href=agent_address(point.id, query),
        tooltip=said,
    )


def in_words(point: FunnelPoint) -> str:
    """What the funnel says of an agent."""
    if not point.separable:
        return "not separable from their cases"
    return "differs by more than chance" if point.flagged else "within chance"
