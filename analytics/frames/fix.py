"""Fix answers as integer histograms. No statement here names a cause answer.

The agents' report reads nothing else, so a cause answer cannot move a byte of it. A case's cause
*category* may filter and stratify: it was known before anyone was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from analytics.columns import HISTOGRAM
from analytics.frames import packed, said
from analytics.frames.blocks import FIX_CODES
from analytics.frames.selection import Selection
from analytics.frames.sql import days_frame, frame

#: What is said of an agent: F2 where one agent handled the case and it was answered, else F1.
#: With several agents F2 is said of the team, and F1 of those with a share of at least one half.
AGENT_RATING: Final = "CASE WHEN n_agents = 1 THEN COALESCE(f2, f1) ELSE f1 END"
#: From the packed fix ratings to F1: one column per option.
_F1: Final = (np.arange(FIX_CODES)[:, None] // 6 == np.arange(1, 6)).astype(np.int64)
#: What a rating of the agent, 0 for none, counts as: its option, or whether it is 4 or 5.
_OPTION: Final = (-1, 0, 1, 2, 3, 4)
_HIT: Final = (-1, 0, 0, 0, 1, 1)
_SUMS: Final = ", ".join(f"COALESCE(sum(h{k}), 0)::bigint AS h{k}" for k in range(1, 6))


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
    days, counts = packed.daily(selection, "fix_ratings", FIX_CODES)
    return days_frame(days, counts @ _F1)


def total(selection: Selection) -> pd.DataFrame:
    """F1 of the whole selection.

    Shape: h1..h5; exactly one row.
    """
    scope = _rollup_scope(selection)
    if scope:
        where, values = selection.rollup(scope)
        return frame(f"SELECT {_SUMS} FROM analytics_fixday WHERE {where}", values)
    counts = packed.histogram(selection, "fix_ratings", FIX_CODES)
    return pd.DataFrame([counts @ _F1], columns=list(HISTOGRAM))


def by_agent(selection: Selection) -> pd.DataFrame:
    """The rating said of each agent.

    Shape: agent_id, h1..h5; one row per agent with ratings, by agent_id.
    """
    agents, _, counts = said.counted(selection, _OPTION)
    found = pd.DataFrame(counts, columns=list(HISTOGRAM))
    found.insert(0, "agent_id", agents)
    return found


def mixes(selection: Selection) -> pd.DataFrame:
    """Ratings of each agent within what was fixed before the agent acted.

    Shape: agent_id, mix (a number), cause_id, product_id, channel, h1..h5; one row per combination
    with ratings.
    """
    return _mixes(selection, HISTOGRAM, _OPTION)


def hits_of_mixes(selection: Selection) -> pd.DataFrame:
    """What `mixes` says, in half of its time: only how many ratings and how many of them 4 or 5.

    Shape: agent_id, mix, cause_id, product_id, channel, n, top2; rows as of `mixes`.
    """
    found = _mixes(selection, ("n", "top2"), _HIT)
    # So far: those below 4 and those from 4 on.
    found["n"] += found["top2"]
    return found


def _mixes(selection: Selection, names: Sequence[str], value: Sequence[int]) -> pd.DataFrame:
    agents, mix, counts = said.counted(selection, value, by_mix=True)
    known = packed.values("mix")
    cause, product = (
        np.array([one[place] if one[place] is not None else np.nan for one in known], float)
        for place in (0, 1)
    )
    code, channels = pd.factorize(np.array([one[2] for one in known], dtype=object))
    columns = {
        "agent_id": agents,
        "mix": mix,
        "cause_id": cause[mix],
        "product_id": product[mix],
        "channel": pd.Categorical.from_codes(code[mix], pd.Index(channels)),
    }
    shares = {name: counts[:, place] for place, name in enumerate(names)}
    only = pd.DataFrame({**columns, **shares})
    if selection.agent is not None:
        only = only[only["agent_id"].isin(selection.agent)].reset_index(drop=True)
    return only


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
