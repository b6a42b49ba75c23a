"""The agents' funnel as a picture, with its words."""

from __future__ import annotations

from typing import Literal

from analytics import charts
from analytics.console.pictures import Picture, Table, agent_address, draw
from analytics.reports import FunnelPoint, FunnelReport
from surveys.console.figures import count, near_share, share


def funnel_picture(report: FunnelReport, query: str) -> Picture | None:
    """Agents by number of ratings within the limits of chance; None where nobody has enough."""
    if not report.results:
        return None
    points = [_point(point, query) for point in report.results]
    limits = [
        charts.FunnelLimit(one.n, one.low_95, one.high_95, one.low_998, one.high_998)
        for one in report.limits
    ]
    flagged = sum(point.flagged for point in report.results)
    said = f"{count(flagged)} of {count(len(points))} agents differ by more than chance."
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
        _table(report),
    )


def _point(point: FunnelPoint, query: str) -> charts.FunnelPoint:
    name = point.agent.name or point.agent.external_id
    said = f"{name}: {near_share(point.share)} of {count(point.n)} ratings, {in_words(point)}"
    kind: Literal["plain", "flagged", "apart"] = "plain" if point.separable else "apart"
    return charts.FunnelPoint(
        label=name,
        n=point.n,
        share=point.share,
        kind="flagged" if point.flagged else kind,
        href=agent_address(point.id, query),
        tooltip=said,
    )


def in_words(point: FunnelPoint) -> str:
    """What the funnel says of an agent."""
    if not point.separable:
        return "not separable from their cases"
    return "differs by more than chance" if point.flagged else "within chance"


def _table(report: FunnelReport) -> Table:
    rows = [
        [
            point.agent.name or point.agent.external_id,
            count(point.n),
            share(point.top2),
            "not separable" if point.adjusted is None else near_share(point.adjusted),
            in_words(point),
        ]
        for point in report.results
    ]
    return Table(["Agent", "n", "As rated", "Same mix of cases", "Against chance"], rows)
