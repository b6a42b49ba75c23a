"""Fix answers as integer histograms. No statement here names a cause answer.

The agents' report reads nothing else, so a cause answer cannot move a byte of it. A case's cause
*category* may filter and stratify: it was known before anyone was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from analytics.columns import HISTOGRAM
from analytics.frames.selection import Selection
from analytics.frames.sql import frame, long_frame

#: What is said of an agent: F2 where one agent handled the case and it was answered, else F1.
#: With several agents F2 is said of the team, and F1 of those with a share of at least one half.
AGENT_RATING: Final = "CASE WHEN n_agents = 1 THEN COALESCE(f2, f1) ELSE f1 END"
_SUMS: Final = ", ".join(f"COALESCE(sum(h{k}), 0)::bigint AS h{k}" for k in range(1, 6))


def _counts(rating: str) -> str:
    return ", ".join(f"count(*) FILTER (WHERE {rating} = {k}) AS h{k}" for k in range(1, 6))


def daily(selection: Selection) -> pd.DataFrame:
    """F1 by day; a case handled by several agents counts once.

    Shape: day, h1..h5; one row per day with answers, by day.
    """
    scope = _rollup_scope(selection)
    if scope:
        where, values = selection.rollup(scope)
        return frame(
            f"SELECT day, {_SUMS} FROM analytics_fixday WHERE {where} GROUP BY day ORDER BY day",
            values,
        )
    where, values = selection.facts()
    day = selection.day_column
    return frame(
        f"SELECT {day} AS day, {_counts('f1')} FROM analytics_countedresponse"
        f" WHERE {where} AND f1 IS NOT NULL GROUP BY {day} ORDER BY {day}",
        values,
    )


def total(selection: Selection) -> pd.DataFrame:
    """F1 of the whole selection.

    Shape: h1..h5; exactly one row.
    """
    scope = _rollup_scope(selection)
    if scope:
        where, values = selection.rollup(scope)
        return frame(f"SELECT {_SUMS} FROM analytics_fixday WHERE {where}", values)
    where, values = selection.facts()
    return frame(
        f"SELECT {_counts('f1')} FROM analytics_countedresponse WHERE {where} AND f1 IS NOT NULL",
        values,
    )


def by_agent(selection: Selection) -> pd.DataFrame:
    """The rating said of each agent.

    Shape: agent_id, h1..h5; one row per agent with ratings, by agent_id.
    """
    if selection.narrowed <= {"agent"}:
        where, values = selection.rollup("agent")
        return frame(
            f"SELECT scope_id AS agent_id, {_SUMS} FROM analytics_fixday WHERE {where}"
            " GROUP BY scope_id HAVING sum(h1 + h2 + h3 + h4 + h5) > 0 ORDER BY scope_id",
            values,
        )
    return of_agents(mixes(selection))


def mixes(selection: Selection) -> pd.DataFrame:
    """Ratings of each agent within what was fixed before the agent acted.

    Shape: agent_id, cause_id, product_id, channel, h1..h5; one row per combination with ratings and
    group of agents who shared its cases, so that an agent's combination may come more than once.
    """
    return _mixes(selection, HISTOGRAM, _counts(AGENT_RATING))


def hits_of_mixes(selection: Selection) -> pd.DataFrame:
    """What `mixes` says, in half of its time: only how many ratings and how many of them 4 or 5.

    Shape: agent_id, cause_id, product_id, channel, n, top2; rows as of `mixes`.
    """
    hits = f"count(*) AS n, count(*) FILTER (WHERE {AGENT_RATING} >= 4) AS top2"
    return _mixes(selection, ("n", "top2"), hits)


def _mixes(selection: Selection, names: Sequence[str], counts: str) -> pd.DataFrame:
    where, values = selection.facts()
    only = ""
    if selection.agent is not None:
        only = " WHERE agent_id = ANY(%(agent)s::bigint[])"
    return long_frame(
        ("agent_id", "cause_id", "product_id", "channel", *names),
        # Counted for each group of agents and only then said of each: most groups are one agent,
        # and taking a hundred thousand answers apart takes longer than counting them.
        "SELECT * FROM (SELECT unnest(agent_ids) AS agent_id, cause_id, product_id, channel,"
        f" {', '.join(names)} FROM ("
        f"SELECT agent_ids, cause_id, product_id, channel, {counts}"
        f" FROM analytics_countedresponse WHERE {where} AND {AGENT_RATING} IS NOT NULL"
        f" GROUP BY agent_ids, cause_id, product_id, channel) AS counted) AS said{only}",
        values,
    )


def of_agents(found: pd.DataFrame) -> pd.DataFrame:
    """The frame of `mixes` as one of `by_agent`."""
    if found.empty:
        return found[["agent_id", *HISTOGRAM]]
    return found.groupby("agent_id", sort=True)[list(HISTOGRAM)].sum().reset_index()


def _rollup_scope(selection: Selection) -> str | None:
    """The rollup that answers this selection, if one does."""
    if not selection.narrowed:
        return "all"
    return "team" if selection.narrowed == {"team"} else None
