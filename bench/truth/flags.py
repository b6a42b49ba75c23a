"""Whether somebody is flagged, and differences are called real, where all agents are alike.

Companies of equal agents: whatever is found among them is chance, or what landed on their desks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.metrics.agents import INDICATIVE, agents
from analytics.metrics.funnel import FLAG_LEVEL, as_counts, funnel
from analytics.metrics.reliability import one_way_binary
from bench.truth.worlds import Setting, companies, equal

#: Companies in which anybody is flagged: of false discoveries alone, the level itself.
MOST = FLAG_LEVEL + 0.015


@dataclass(frozen=True, slots=True)
class Flags:
    """`companies`: part of all in which anybody is flagged; `icc` and `raw_icc`: mean intraclass
    correlation of adjusted and of raw shares, of which the truth is 0."""

    companies: float
    icc: float
    raw_icc: float


def study(setting: Setting, runs: int) -> Flags:
    """As the reports judge: adjusted shares of agents with 30 answers or more."""
    flagged, found, raw = 0, [], []
    for one in companies(equal(setting), runs):
        table = agents(one.agents(), one.strata(), draws=1)
        n = table["n"].to_numpy()
        value, low, high = (
            table[f"adjusted{side}"].to_numpy(float) for side in ("", "_low", "_high")
        )
        hits, worth = as_counts(value, low, high, n)
        drawn = n >= INDICATIVE
        flagged += bool(funnel(hits[drawn], worth[drawn]).flagged.any())
        told = ~table["too_few"].to_numpy(dtype=bool)
        found.append(one_way_binary(hits[told], worth[told]).icc)
        share = np.nan_to_num(table["top2"].to_numpy(float)[told])
        raw.append(one_way_binary(np.rint(share * n[told]), n[told]).icc)
    return Flags(flagged / runs, float(np.nanmean(found)), float(np.nanmean(raw)))
