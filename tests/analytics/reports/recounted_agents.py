"""Every cell about agents beside what plain SQL and slow arithmetic make of the raw answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from analytics import reports
from analytics.filters import Filters
from surveys.models import Agent
from surveys.services.access import API_REPORTS
from tests.analytics.reports import slow
from tests.analytics.reports.cells import FIX, Shown, near, rated
from tests.analytics.reports.plain import recount

SAID = "CASE WHEN n_agents = 1 THEN COALESCE(f2, f1) ELSE f1 END"
AgentSaid = dict[str, list[int]]


def _said(filters: Filters) -> tuple[AgentSaid, list[tuple[Any, ...]]]:
    """Ratings of each agent, and the rows that strata are made of."""
    rows = recount(
        f"SELECT external_id, cause, product, channel, {SAID} AS said FROM asked"  # noqa: S608
        f" JOIN named ON resolution_id = resolution WHERE {SAID} > 0",
        filters,
        without="agent",
    )
    said: AgentSaid = {}
    for row in rows:
        said.setdefault(row[0], []).append(row[4])
    return said, [(*row[:4], row[4] >= 4) for row in rows]


def agents(filters: Filters) -> None:
    said, rows = _said(filters)
    wider, _ = _said(Filters(from_=filters.from_, to=filters.to, by=filters.by))
    counts = {name: (sum(r >= 4 for r in one), len(one)) for name, one in said.items()}
    all_of = [(sum(r >= 4 for r in one), len(one)) for one in wider.values()]
    report = reports.agents(filters, API_REPORTS)
    near(report.company, FIX, rated([rating for one in said.values() for rating in one]))
    shown = {name for name in said if not filters.agent or name in filters.agent}
    assert {row.agent.external_id for row in report.results} == shown
    if not said:
        assert report.n_ranked == 0
        return
    pool = slow.Pool(list(counts.values()), all_of)
    cells = slow.strata(rows)
    told, scores = slow.separable(cells), slow.adjusted(cells)
    # By the same mix of cases, never by the answers as they are.
    sure = {name: slow.plain_answers(*scores[name]) for name in told}
    ranked = sorted(name for name in told if len(said[name]) >= 10)
    assert report.n_ranked == len(ranked)
    of_ranks = slow.Pool(list(sure.values()), list(sure.values()))
    chances = slow.rank_chances([of_ranks.posterior(*sure[name], order=True) for name in ranked])
    for row in report.results:
        name = row.agent.external_id
        n = len(said[name])
        near(row, FIX, rated(said[name], least=10))
        near(row, ("too_few", "indicative"), (n < 10, 10 <= n < 30))
        if n < 10:
            empty = ("shrunk", "shrunk_low", "shrunk_high", *ADJUSTED, "rank_low", "rank_high")
            near(row, (*empty, "separable"), (None,) * 9)
            continue
        near(row, ("shrunk", "shrunk_low", "shrunk_high"), pool.shrunk(*counts[name]), by=1e-3)
        near(row, ("separable",), (name in told,))
        near(row, ADJUSTED, scores[name] if name in told else (None,) * 3, by=2e-3)
        if name in told:
            _rank(row, chances[ranked.index(name)])
        else:
            near(row, ("rank_low", "rank_high"), (None, None))


ADJUSTED = ("adjusted", "adjusted_low", "adjusted_high")


def _rank(row: Any, chances: np.ndarray) -> None:
    """No run that is one rank shorter or longer is nearer to 90 %, but by the error of the draws;
    and what is left out is not all at one end."""
    low, high, units = row.rank_low, row.rank_high, len(chances)
    assert 1 <= low <= high <= units

    def off(first: int, last: int) -> float:
        return abs(float(chances[first - 1 : last].sum()) - 0.9)

    others = ((low + 1, high), (low, high - 1), (low - 1, high), (low, high + 1))
    nearer = [run for run in others if 1 <= run[0] <= run[1] <= units]
    assert all(off(low, high) <= off(*run) + 0.02 for run in nearer), (low, high, chances)
    assert max(chances[: low - 1].sum(), chances[high:].sum()) <= 0.2 + 0.02, (low, high, chances)


def funnel(filters: Filters) -> None:
    """From the agents' rows, which `agents` has counted again."""
    rows = reports.agents(filters, API_REPORTS).results
    report = reports.agents_funnel(filters, API_REPORTS)
    judged = [row for row in rows if row.adjusted is not None]
    counts = {}
    for row in judged:
        value, low, high = (float(getattr(row, name) or 0.0) for name in ADJUSTED)
        size = slow.worth(value, low, high, row.n)
        counts[row.agent.external_id] = (round(value * size), size)
    _enough(report.enough, list(counts.values()))
    drawn = [row for row in rows if row.n >= 30]
    assert [point.agent for point in report.results] == [row.agent for row in drawn]
    flat = [counts[row.agent.external_id] for row in drawn if row.adjusted is not None]
    hits, size = sum(x for x, _ in flat), sum(n for _, n in flat)
    if not flat or hits in (0, size):
        assert not any(point.flagged for point in report.results)
        return
    target, tau2, q = slow.judged(flat)
    near(report, ("target", "overdispersed", "tau"), (target, tau2 > 0, tau2**0.5))
    left = iter(q)
    for point, row in zip(report.results, drawn, strict=True):
        told = row.adjusted is not None
        share = row.adjusted if told else row.top2
        names = ("n", "share", "top2", "adjusted", "separable")
        near(point, names, (row.n, share, row.top2, row.adjusted, told))
        expected = next(left) if told else None
        near(
            point, ("q", "flagged"), (expected, expected is not None and expected <= 0.05), by=1e-6
        )
    slow.check_limits(report.limits, target, tau2)


def _enough(found: Any, counts: list[tuple[int, int]]) -> None:
    icc = slow.intraclass(counts)
    near(found, ("n_agents", "icc"), (len(counts), icc), by=1e-9)
    if not icc:
        near(found, ("needed_comparison", "needed_decisions", "median_reliability"), (None,) * 3)
        return
    needed = [max(1, int(np.ceil(odds * (1 - icc) / icc - 1e-7))) for odds in (7 / 3, 4)]
    near(found, ("needed_comparison", "needed_decisions"), tuple(needed))
    enough = tuple(sum(n >= one for _, n in counts) for one in needed)
    near(found, ("n_comparison", "n_decisions"), enough)
    each = [n * icc / (1 + (n - 1) * icc) for _, n in counts]
    near(found, ("median_reliability",), (float(np.median(each)),))


def one_agent(filters: Filters) -> None:
    """What landed on the desk of the agent with most ratings."""
    said, rows = _said(filters)
    if not said:
        return
    name = max(sorted(said), key=lambda one: len(said[one]))
    agent = Agent.objects.get(external_id=name)
    report = reports.agent_mix(filters, API_REPORTS, agent.pk)
    rows = [row for row in rows if row[1] is not None]
    own = Counter(row[1] for row in rows if row[0] == name)
    hits = Counter(row[1] for row in rows if row[0] == name and row[4])
    everyone, all_hits = (Counter(row[1] for row in rows if row[4] or k) for k in (True, False))
    assert {row.cause.code: row.n for row in report.results} == dict(own)
    for row in report.results:
        code = row.cause.code
        top2: tuple[Shown, ...] = (None,) * 3
        if row.n >= 10:
            top2 = (hits[code] / row.n, *slow.wilson(hits[code], row.n))
        near(row, ("top2", "top2_low", "top2_high"), top2)
        parts = (row.n / own.total(), everyone[code] / everyone.total())
        near(row, ("part", "part_of_all"), parts)
        near(row, ("top2_of_all",), (all_hits[code] / everyone[code],))
