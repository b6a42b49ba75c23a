"""Fix answers as integer histograms. No statement here names a cause answer.

The agents' report reads nothing else, so a cause answer cannot move a byte of it. A case's cause
*category* may filter and stratify: it was known before anyone was asked.
"""

from __future__ import annotations

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
    return histograms(said.Ratings(selection))


def histograms(ratings: said.Ratings) -> pd.DataFrame:
    """The frame of `by_agent`, of ratings that are counted otherwise, too."""
    counts = ratings.histograms()
    some = counts.any(axis=1)
    found = pd.DataFrame(counts[some], columns=list(HISTOGRAM))
    found.insert(0, "agent_id", ratings.agents[some])
    return found


def hits_of_mixes(ratings: said.Ratings) -> pd.DataFrame:
    """Ratings of each agent within what was fixed before the agent acted, and those of 4 or 5.

    Shape: agent_id, mix (a row of `kinds_of_cases`), n, top2; one row per combination with ratings,
    by agent and mix.
    """
    found = ratings.hits()
    columns = {"agent_id": ratings.agents[found.agent], "mix": found.mix}
    return pd.DataFrame({**columns, "n": found.n, "top2": found.top2})


def kinds_of_cases() -> pd.DataFrame:
    """What the mixes stand for. Shape: cause_id, product_id (NaN for none), channel."""
    known = packed.values("mix")[:]
    cause, product = (
        np.array([one[place] if one[place] is not None else np.nan for one in known], float)
        for place in (0, 1)
    )
    channel = np.array([one[2] for one in known], dtype=object)
    return pd.DataFrame({"cause_id": cause, "product_id": product, "channel": channel})


def _rollup_scope(selection: Selection) -> str | None:
    """The rollup that answers this selection, if one does."""
    if not selection.narrowed:
        return "all"
    return "team" if selection.narrowed == {"team"} else None
