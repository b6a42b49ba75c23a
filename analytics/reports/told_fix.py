"""The ratings of the fix that a bound reader is told of. Imports nothing that reads a cause answer.

See `reports.suppression` for what a group is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from django.utils import timezone

from analytics.columns import HISTOGRAM
from analytics.filters import Filters
from analytics.frames import fix, fix_facts
from analytics.frames.selection import Selection
from analytics.metrics.agents import rated, with_adjusted
from analytics.metrics.elsewhere import adjusted_elsewhere
from analytics.reports import suppression
from analytics.reports.access import fewest
from analytics.reports.cached import cached
from analytics.reports.strata import strata
from surveys.services.access import Scope


def ratings(filters: Filters, scope: Scope) -> suppression.Told:
    """The ratings of the fix a bound reader is told of, for the agents asked for.

    One agent reads one series; a team lead one of each group of agents who handled cases together,
    so that a case that two handled never tells one row from the other.

    Raises: FilterError.
    """
    limits = suppression.limits_of(scope)
    alone = scope.agent_ids is not None and len(scope.agent_ids) == 1
    least = fewest(scope)

    def counted() -> pd.DataFrame:
        facts = fix_facts.facts(limits)
        handled = [() if alone else tuple(ids) for ids in facts["agent_ids"]]
        return suppression.group(facts, handled, least)

    table = cached(f"told-fix-{least}-{alone}", limits, counted)
    asked = Selection.of(filters, scope)
    if asked.agent is not None:
        wanted = set(asked.agent)
        rows = [not wanted.isdisjoint(ids) for ids in table["agent_ids"]]
        table = table[np.array(rows, dtype=bool)]
    return suppression.within(table, filters)


class Rows(NamedTuple):
    """The table of the agents' report, the company's counts, and whose rows may be shown: the
    others are what these are compared with."""

    table: pd.DataFrame
    company: pd.DataFrame
    shown: frozenset[int]


def agents(filters: Filters, scope: Scope) -> Rows:
    """What the agents' report says to a bound reader.

    Own rows are in whole groups. Pool, ranks and what each kind of case is like are learned from
    the answers of others in the months of reference alone: the same whatever is asked for, and
    moved by no answer that the reader could see in part.
    """
    limits = suppression.limits_of(scope)
    told = ratings(filters.with_(agent=()), scope)
    since, until = suppression.reference()
    usual = cached(
        f"others-{since}-{until}", limits, lambda: fix_facts.of_others(limits, since, until)
    )
    own = by_agent(told.answers, limits.agent)
    mine = own["agent_id"].tolist()
    usual = usual[~usual["agent_id"].isin([*mine, *(limits.agent or ())])]
    table = rated(pd.concat([own, _as_counts(usual)], ignore_index=True))
    lately = ratings(Filters(from_=since, to=until), scope)
    kinds, mix = (_kinds(said_of(one.answers, limits.agent)) for one in (told, lately))
    table = with_adjusted(table, _adjusted(own, kinds, mix, usual))
    waiting = said_of(told.waiting, limits.agent)
    table = _with_waiting(table, waiting, mine)
    shown = frozenset((*mine, *waiting["agent_id"]))
    return Rows(table, everyone(told, filters, scope), shown)


def _with_waiting(table: pd.DataFrame, waiting: pd.DataFrame, mine: list[int]) -> pd.DataFrame:
    """Rows of those whose every answer still waits: with their number alone."""
    numbers = waiting.loc[~waiting["agent_id"].isin(mine), "agent_id"].value_counts().sort_index()
    if numbers.empty:
        return table
    unknown = {"agent_id": numbers.index.to_numpy(), "n": numbers.to_numpy(np.int64)}
    rows = pd.DataFrame(unknown).assign(too_few=True, indicative=False, separable=False)
    return pd.concat([table[~table["agent_id"].isin(numbers.index)], rows], ignore_index=True)


def _as_counts(mixes: pd.DataFrame) -> pd.DataFrame:
    """Others by agent; nobody reads their rows, so 5 stands for 4–5 and 1 for the rest."""
    sums = mixes.groupby("agent_id", sort=True)[["n", "top2"]].sum()
    cells = {name: np.zeros(len(sums), np.int64) for name in HISTOGRAM}
    cells["h1"] = (sums["n"] - sums["top2"]).to_numpy(np.int64)
    cells["h5"] = sums["top2"].to_numpy(np.int64)
    return pd.DataFrame({"agent_id": sums.index.to_numpy(np.int64), **cells})


def _kinds(said: pd.DataFrame) -> pd.DataFrame:
    """How many answers of each kind of case each agent has; what they say counts in groups only."""
    keys = ["agent_id", "cause_id", "product_id", "channel"]
    return said.groupby(keys, dropna=False).size().reset_index(name="n").assign(top2=0)


def _adjusted(
    own: pd.DataFrame, kinds: pd.DataFrame, lately: pd.DataFrame, usual: pd.DataFrame
) -> pd.DataFrame:
    """`adjusted_elsewhere` of the kinds of cases that own agents were told of in the period asked
    for, and the company's mix of the months of reference; thin ones are pooled by that mix."""
    parts = [kinds.assign(n=0), lately, usual]
    ends = np.cumsum([len(part) for part in parts])
    every = strata(pd.concat(parts, ignore_index=True))
    mine, mix, others = every[: ends[0]], every[ends[0] :], every[ends[1] :]
    mine = mine.assign(n=kinds["n"].to_numpy(np.int64))
    hits = own.set_index("agent_id")[["h4", "h5"]].sum(axis=1)
    return adjusted_elsewhere(mine, hits, others, mix)


def everyone(told: suppression.Told, filters: Filters, scope: Scope) -> pd.DataFrame:
    """First ratings of the fix: those told of, and everybody else's in the company. These come in
    groups, too: whole days, until there are enough, on the last of them, the present day never.

    Shape: h1..h5; exactly one row.
    """
    limits = suppression.limits_of(scope)
    total = cached("fix-daily", Selection(), lambda: fix.daily(Selection()))
    others = dict(zip(total["day"], total[list(HISTOGRAM)].to_numpy(np.int64), strict=True))
    own = fix_facts.facts(limits)
    of, days = pd.factorize(own["answered_on"], sort=True)
    codes = of * 5 + own["f1"].to_numpy(np.int64) - 1
    mine = np.bincount(codes, minlength=5 * len(days)).reshape(-1, 5)
    for day, cells in zip(days, mine, strict=True):
        # Answers that were counted between the two readings are nobody's for now.
        others[day] = np.maximum(others.get(day, 0) - cells, 0)
    filled = suppression.counts(told.answers["f1"], 5)
    waiting = np.zeros(5, np.int64)
    for day in sorted(day for day in others if day < timezone.now().date()):
        waiting = waiting + others[day]
        if waiting.sum() >= fewest(scope):
            if (filters.from_ or day) <= day <= (filters.to or day):
                filled = filled + waiting
            waiting = np.zeros(5, np.int64)
    return pd.DataFrame([filled], columns=list(HISTOGRAM))


def by_agent(answers: pd.DataFrame, only: tuple[int, ...] | None) -> pd.DataFrame:
    """The ratings said of each agent. Shape: agent_id, h1..h5; `only` these agents."""
    return suppression.histograms(said_of(answers, only), "agent_id", {"rating": HISTOGRAM})


def said_of(answers: pd.DataFrame, only: tuple[int, ...] | None) -> pd.DataFrame:
    """One row per answer and agent it may be said of, with `agent_id`."""
    each = answers.rename(columns={"agent_ids": "agent_id"}).explode("agent_id")
    each = each[each["agent_id"].notna()]
    if only is not None:
        each = each[each["agent_id"].isin(only)]
    return each.assign(agent_id=each["agent_id"].astype("int64"))
