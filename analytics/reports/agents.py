"""Agents, by how their customers rated the fix. Imports nothing that reads a cause answer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.columns import HISTOGRAM
from analytics.filters import Filters
from analytics.frames import fix, names
from analytics.frames.said import Ratings
from analytics.frames.selection import Selection
from analytics.metrics.agents import adjusted, rated, with_adjusted
from analytics.metrics.shrinkage import MINIMUM_UNITS
from analytics.reports import strangers, told_fix
from analytics.reports.access import FEWEST_FOR_AGENTS, refuse_hidden, require
from analytics.reports.agent_rows import AgentRows
from analytics.reports.cached import cached
from analytics.reports.figures import AgentsReport, FixFigures
from analytics.reports.made import fix_figures
from analytics.reports.strata import strata
from surveys.services.access import Scope


def agents(filters: Filters, scope: Scope) -> AgentsReport:
    """Every agent with a rating in the period, by name.

    The filter on agents (and the scope's limit) chooses rows; pool, adjustment and ranks are always
    those of all agents under the other filters, so that a row reads the same alone and in company.

    Raises: FilterError; NotVisible.
    """
    require(scope, fix=True, agents=True)
    refuse_hidden(filters, scope)
    selection = Selection.of(filters, scope)
    if scope.is_unlimited:
        everyone = selection.without("agent")
        table, company = cached("agents", everyone, lambda: _measure(everyone), behind=True)
        shown = strangers.rows(table, FEWEST_FOR_AGENTS, scope)
    else:
        table, counts, own = told_fix.agents(filters, scope)
        company = fix_figures(counts)
        shown = table[table["agent_id"].isin(own)]
    if selection.agent is not None:
        shown = shown[shown["agent_id"].isin(selection.agent)]
    called = {
        one: strangers.named(one, *name, scope)
        for one, name in names.agents(shown["agent_id"].tolist()).items()
    }
    return AgentsReport(
        results=AgentRows.by_name(shown, called),
        company=company,
        n_ranked=int(table["rank_low"].notna().sum()),
    )


def _measure(selection: Selection) -> tuple[pd.DataFrame, FixFigures]:
    """Figures of every agent, and those of all their ratings together."""
    ratings = Ratings(selection)
    mixes = strata(fix.hits_of_mixes(ratings), fix.kinds_of_cases())
    counted = fix.histograms(ratings)
    wider = _wider(selection, len(counted)) if selection.narrowed else None
    table = with_adjusted(rated(counted, wider), adjusted(mixes))
    company = pd.DataFrame([counted[list(HISTOGRAM)].sum().astype(np.int64)])
    return table, fix_figures(company)


def _wider(selection: Selection, n_agents: int) -> pd.DataFrame | None:
    """The ratings of everyone in the period, where too few are left to learn the spread from."""
    if n_agents >= MINIMUM_UNITS:
        return None
    return fix.by_agent(Selection(selection.basis, selection.from_, selection.to))
