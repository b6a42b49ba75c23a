"""Which agents differ by more than chance, and how many ratings are enough to say so.

Made from the agents' report and nothing else, so that what is withheld there is withheld here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.columns import IntArray, optional
from analytics.filters import Filters
from analytics.metrics.agents import INDICATIVE
from analytics.metrics.funnel import ACTION, WARNING, Funnel, as_counts, funnel
from analytics.metrics.reliability import (
    FOR_COMPARISON,
    FOR_DECISIONS,
    needed_n,
    one_way_binary,
    reliability,
)
from analytics.reports.agents import agents
from analytics.reports.figures import AgentName, AgentRow, AgentsReport, Figures
from surveys.services.access import Scope

#: Points of the limits' curves: enough to look smooth at any width.
_CURVE: Final = 60


@dataclass(frozen=True, slots=True)
class FunnelPoint(Figures):
    """One agent from 30 ratings on. `share`: what `adjusted` says, or the raw share where agent and
    cases are `separable` by nothing; such an agent is never flagged. `flagged`: beyond chance
    by Benjamini and Hochberg at 5 %, `q` the level at which it just would be."""

    agent: AgentName
    n: int
    share: float
    top2: float | None
    adjusted: float | None
    separable: bool
    flagged: bool
    q: float | None
    id: int = 0


@dataclass(frozen=True, slots=True)
class FunnelLimits(Figures):
    """Between which an agent like all others lies at `n` ratings, 95 % and 99.8 % of the time."""

    n: int
    low_95: float
    high_95: float
    low_998: float
    high_998: float


@dataclass(frozen=True, slots=True)
class HowMany(Figures):
    """How many ratings are enough: the intraclass correlation of the adjusted shares of `n_agents`,
    the number it takes for a reliability of 0.7 and 0.8, and how many agents have as many. None
    where agents differ no more than chance: no number of ratings would do. What landed on their
    desks is not among the differences: it would pass for their own, and as reliable."""

    n_agents: int
    icc: float | None
    needed_comparison: int | None
    needed_decisions: int | None
    n_comparison: int
    n_decisions: int
    median_reliability: float | None


@dataclass(frozen=True, slots=True)
class FunnelReport(Figures):
    """Agents by name, the limits of chance about `target`, and whether agents spread more than
    chance (`overdispersed`, `tau` the standard deviation between them)."""

    results: tuple[FunnelPoint, ...]
    limits: tuple[FunnelLimits, ...]
    target: float | None
    overdispersed: bool
    tau: float
    enough: HowMany


def agents_funnel(filters: Filters, scope: Scope) -> FunnelReport:
    """The funnel of the agents' report.

    Raises: FilterError; NotVisible.
    """
    return funnel_of(agents(filters, scope))


def funnel_of(report: AgentsReport) -> FunnelReport:
    """The same of a report that was made before. An agent's adjusted share is compared, for a
    desk full of hard cases is not a fault; indicative agents (under 30 ratings) are left out."""
    drawn = [row for row in report.results if row.n >= INDICATIVE and row.top2 is not None]
    n = np.array([row.n for row in drawn], dtype=np.int64)
    judged = np.array([row.adjusted is not None for row in drawn], dtype=bool)
    found = funnel(*_counts(drawn))
    points = tuple(
        FunnelPoint(
            agent=row.agent,
            n=row.n,
            share=_share(row),
            top2=row.top2,
            adjusted=row.adjusted,
            separable=bool(judged[place]),
            flagged=bool(found.flagged[place]),
            q=optional(found.q[place]),
            id=row.id,
        )
        for place, row in enumerate(drawn)
    )
    return FunnelReport(
        results=points,
        limits=_limits(found, n),
        target=optional(found.target),
        overdispersed=found.overdispersed,
        tau=float(np.sqrt(found.tau2)),
        enough=_enough(report),
    )


def _counts(rows: Sequence[AgentRow]) -> tuple[IntArray, IntArray]:
    """Hits and answers as the exact test wants them: a calculated share falls between two counts,
    and is worth fewer answers than were given. None of an agent who is not separable."""
    value, low, high = (
        np.array([getattr(row, name) for row in rows], dtype=float)
        for name in ("adjusted", "adjusted_low", "adjusted_high")
    )
    return as_counts(value, low, high, np.array([row.n for row in rows], dtype=float))


def _share(row: AgentRow) -> float:
    return row.adjusted if row.adjusted is not None else row.top2 or 0.0


def _limits(found: Funnel, n: np.ndarray) -> tuple[FunnelLimits, ...]:
    if not len(n) or not 0 < found.target < 1:
        return ()
    # Closer together where the curve bends most.
    most = int(n.max() * 1.05) + 1
    at = np.unique(np.geomspace(INDICATIVE * 0.8, most, _CURVE).astype(np.int64))
    inner, outer = found.limits(at, WARNING), found.limits(at, ACTION)
    table = zip(at, inner.low, inner.high, outer.low, outer.high, strict=True)
    return tuple(FunnelLimits(int(size), *map(float, rest)) for size, *rest in table)


def _enough(report: AgentsReport) -> HowMany:
    known = [row for row in report.results if row.adjusted is not None]
    hits, n = _counts(known)
    icc = optional(one_way_binary(hits, n).icc) if known else None
    if not icc:
        return HowMany(len(known), icc, None, None, 0, 0, None)
    comparison, decisions = (
        int(needed_n(icc, wanted)) for wanted in (FOR_COMPARISON, FOR_DECISIONS)
    )
    return HowMany(
        n_agents=len(known),
        icc=icc,
        needed_comparison=comparison,
        needed_decisions=decisions,
        n_comparison=int((n >= comparison).sum()),
        n_decisions=int((n >= decisions).sum()),
        median_reliability=float(np.median(reliability(icc, n))),
    )
