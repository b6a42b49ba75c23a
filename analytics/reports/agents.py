"""Agents, by how their customers rated the fix. Imports nothing that reads a cause answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analytics.columns import HISTOGRAM, optional
from analytics.filters import Filters
from analytics.frames import fix, names
from analytics.frames.selection import Selection
from analytics.metrics.agents import agents as measure
from analytics.reports.access import require
from analytics.reports.cached import cached
from analytics.reports.figures import AgentName, AgentRow, AgentsReport
from analytics.reports.made import fix_figures, table_rows
from surveys.services.access import Scope

#: A mix of cause, product and channel with fewer ratings joins the rest of its cause: its own share
#: would be mostly chance, and mostly the agent's own.
SMALLEST_STRATUM = 50
_SHARES = (
    "mean", "top2", "top2_low", "top2_high", "shrunk", "shrunk_low", "shrunk_high",
    "adjusted", "adjusted_low", "adjusted_high",
)  # fmt: skip


def agents(filters: Filters, scope: Scope) -> AgentsReport:
    """Every agent with a rating in the period, by name.

    The filter on agents (and the scope's limit) chooses rows; pool, adjustment and ranks are always
    those of all agents under the other filters, so that a row reads the same alone and in company.

    Raises: FilterError; NotVisible.
    """
    require(scope, fix=True, agents=True)
    selection = Selection.of(filters, scope)
    everyone = selection.without("agent")
    table, company = cached("agents", everyone, lambda: _measure(everyone))
    shown = table
    if selection.agent is not None:
        shown = table[table["agent_id"].isin(selection.agent)]
    called = names.agents(shown["agent_id"].tolist())
    # One who was removed is gone from the report before their ratings are subtracted.
    rows = [
        _row(record, called[record["agent_id"]])
        for record in table_rows(shown)
        if record["agent_id"] in called
    ]
    return AgentsReport(
        results=tuple(
            sorted(rows, key=lambda row: (row.agent.name.casefold(), row.agent.external_id))
        ),
        company=fix_figures(company),
        n_ranked=int((~table["too_few"].astype(bool)).sum()),
    )


def _measure(selection: Selection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figures of every agent, and all their ratings together as one row of counts."""
    counted = fix.by_agent(selection)
    wider = None
    if selection.narrowed:
        wider = fix.by_agent(Selection(selection.basis, selection.from_, selection.to))
    table = measure(counted, _strata(fix.strata(selection)), wider)
    company = pd.DataFrame([counted[list(HISTOGRAM)].sum().astype(np.int64)])
    return table, company


def _strata(mixes: pd.DataFrame) -> pd.DataFrame:
    """agent_id, stratum, n, top2; thin mixes pooled within their cause."""
    cause = mixes["cause_id"].fillna(0).astype(np.int64)
    if mixes.empty:
        return mixes.assign(stratum=cause)[["agent_id", "stratum", "n", "top2"]].astype(np.int64)
    mix = mixes.assign(cause_id=cause, product_id=mixes["product_id"].fillna(0).astype(np.int64))
    keys = ["cause_id", "product_id", "channel"]
    grouped = mix.groupby(keys, sort=True)
    thin = grouped["n"].transform("sum") < SMALLEST_STRATUM
    # Numbers of mixes start above every cause's own stratum.
    stratum = (grouped.ngroup() + 1 + int(cause.max())).where(~thin, cause)
    return mix.assign(stratum=stratum)[["agent_id", "stratum", "n", "top2"]]


def _row(record: dict[str, Any], called: names.Name) -> AgentRow:
    few = bool(record["too_few"])
    shares: dict[str, Any] = {name: optional(record[name]) for name in _SHARES}
    ranks: dict[str, Any] = {name: record[name] for name in ("rank_low", "rank_high")}
    figures = shares | ranks | {"separable": bool(record["separable"])}
    return AgentRow(
        id=record["agent_id"],
        agent=AgentName(*called),
        n=record["n"],
        too_few=few,
        indicative=bool(record["indicative"]),
        **(dict.fromkeys(figures) if few else figures),
    )
