"""The agents' funnel: made from the agents' rows, flags nobody for their cases."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from analytics.metrics.funnel import limits
from analytics.metrics.reliability import needed_n, one_way_binary
from analytics.reports import AgentName, AgentRow, AgentsReport, FixFigures, funnel_of
from analytics.reports.agent_rows import AgentRows

COMPANY = FixFigures(1_000, 4.0, 0.8, 0.78, 0.82)


def _row(name: str, n: int, hits: int, *, adjusted: float | None = 0.0) -> AgentRow:
    """`adjusted` None: not separable; by default as rated."""
    share = hits / n
    few = n < 10
    figures = {
        "mean": 4.0, "top2": share, "top2_low": 0.0, "top2_high": 1.0, "shrunk": share,
        "shrunk_low": 0.0, "shrunk_high": 1.0, "adjusted": share if adjusted == 0.0 else adjusted,
        "adjusted_low": 0.0, "adjusted_high": 1.0,
    }  # fmt: skip
    return AgentRow(
        agent=AgentName(name.lower(), name),
        n=n,
        rank_low=1,
        rank_high=2,
        too_few=few,
        indicative=not few and n < 30,
        separable=adjusted is not None,
        id=sum(map(ord, name)),
        **(dict.fromkeys(figures) if few else figures),
    )


def _report(*rows: AgentRow) -> AgentsReport:
    return AgentsReport(cast(AgentRows, rows), COMPANY, len(rows))


#: Nineteen like each other and one far below.
ALIKE = [_row(f"Agent {place:02}", 100, 80 + place % 5 - 2) for place in range(19)]
WORSE = _row("Worse", 120, 40)


def test_only_who_differs_by_more_than_chance_is_flagged() -> None:
    report = funnel_of(_report(*ALIKE, WORSE))
    assert [point.agent.name for point in report.results if point.flagged] == ["Worse"]
    assert not any(point.flagged for point in funnel_of(_report(*ALIKE)).results)


def test_whoever_cannot_be_told_from_their_cases_is_drawn_and_never_flagged() -> None:
    fused = replace(WORSE, adjusted=None, separable=False)
    report = funnel_of(_report(*ALIKE, fused))
    [point] = [point for point in report.results if point.agent.name == "Worse"]
    assert (point.flagged, point.separable, point.q, point.share) == (False, False, None, 1 / 3)
    # Nor do they move the line the others are compared with.
    assert report.target == funnel_of(_report(*ALIKE)).target


def test_a_hard_desk_is_no_flag() -> None:
    """As rated far below, with the same mix of cases like all others."""
    hard = replace(WORSE, adjusted=0.8)
    report = funnel_of(_report(*ALIKE, hard))
    assert not any(point.flagged for point in report.results)


def test_indicative_agents_are_left_out_and_count_for_how_many_are_enough() -> None:
    few, some = _row("Few", 9, 9), _row("Some", 20, 2)
    report = funnel_of(_report(*ALIKE, WORSE, few, some))
    assert {"Few", "Some"}.isdisjoint(point.agent.name for point in report.results)
    assert report.enough.n_agents == 21
    hits = [round((row.top2 or 0) * row.n) for row in (*ALIKE, WORSE, some)]
    icc = one_way_binary(hits, [row.n for row in (*ALIKE, WORSE, some)]).icc
    assert report.enough.icc == icc
    assert report.enough.needed_decisions == int(needed_n(icc, 0.8))
    assert report.enough.n_decisions == sum(
        row.n >= int(needed_n(icc, 0.8)) for row in (*ALIKE, WORSE, some)
    )


def test_limits_are_those_of_the_metric_and_close_with_more_ratings() -> None:
    report = funnel_of(_report(*ALIKE))
    assert report.target is not None
    for one in report.limits:
        inner = limits(one.n, report.target)
        assert (one.low_95, one.high_95) == (float(inner.low), float(inner.high))
        assert one.low_998 <= one.low_95 <= report.target <= one.high_95 <= one.high_998
    assert report.limits[0].low_95 < report.limits[-1].low_95


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (_row("One", 40, 30),),
        (_row("All", 40, 40), _row("Also", 50, 50)),
        (_row("None", 40, 0), _row("Few", 5, 1)),
        (replace(WORSE, adjusted=None, separable=False),),
    ],
)
def test_too_little_to_compare_is_no_flag_and_no_fault(rows: tuple[AgentRow, ...]) -> None:
    report = funnel_of(_report(*rows))
    assert not any(point.flagged for point in report.results)
    assert report.enough.needed_decisions is None
