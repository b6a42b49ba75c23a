"""What lands on one agent's desk, beside what lands on everyone's. Fix answers only: a case's cause
category was known before anyone was asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.columns import optional
from analytics.filters import Filters
from analytics.frames import fix, names
from analytics.frames.said import Ratings
from analytics.frames.selection import Selection
from analytics.metrics.agents import TOO_FEW
from analytics.metrics.intervals import share, wilson
from analytics.reports.access import NotVisible, refuse_hidden, require
from analytics.reports.cached import cached
from analytics.reports.figures import CauseName, Figures
from surveys.services.access import Scope


@dataclass(frozen=True, slots=True)
class MixRow(Figures):
    """One cause category among the ratings of an agent: `part` of the agent's ratings and of
    everyone's (`part_of_all`); `top2` of the agent's own, None under 10, and of everyone's."""

    cause: CauseName
    n: int
    part: float
    part_of_all: float
    top2: float | None
    top2_low: float | None
    top2_high: float | None
    top2_of_all: float | None


@dataclass(frozen=True, slots=True)
class MixReport(Figures):
    """The cause categories an agent's ratings are about, most first; what has no cause left out."""

    results: tuple[MixRow, ...]


def agent_mix(filters: Filters, scope: Scope, agent_id: int) -> MixReport:
    """The mix of one agent under the other filters.

    Raises: FilterError; NotVisible, also for a bound reader: agents and causes cross here.
    """
    require(scope, fix=True, agents=True)
    if not scope.is_unlimited or scope.for_strangers:
        raise NotVisible
    refuse_hidden(filters, scope)
    everyone = Selection.of(filters, scope).without("agent")
    mixes = cached("mixes-by-cause", everyone, lambda: _by_cause(everyone))
    own = mixes[mixes["agent_id"] == agent_id].set_index("cause_id")
    total = mixes.groupby("cause_id")[["n", "top2"]].sum()
    everything = max(int(total["n"].sum()), 1)
    called = names.causes(own.index.tolist())
    ordered = own.sort_values("n", ascending=False, kind="stable")
    rows = []
    for cause_id, n, hits in zip(
        ordered.index.tolist(), ordered["n"].tolist(), ordered["top2"].tolist(), strict=True
    ):
        if cause_id not in called:
            continue
        enough = n >= TOO_FEW
        low, high = wilson(hits, n)
        of_all = total.loc[cause_id]
        rows.append(
            MixRow(
                cause=CauseName(*called[cause_id]),
                n=n,
                part=n / max(int(own["n"].sum()), 1),
                part_of_all=int(of_all["n"]) / everything,
                top2=hits / n if enough else None,
                top2_low=float(low) if enough else None,
                top2_high=float(high) if enough else None,
                top2_of_all=optional(share(int(of_all["top2"]), int(of_all["n"]))),
            )
        )
    return MixReport(tuple(rows))


def _by_cause(selection: Selection) -> pd.DataFrame:
    counted = fix.hits_of_mixes(Ratings(selection))
    cause = fix.kinds_of_cases()["cause_id"].to_numpy()[counted["mix"].to_numpy()]
    known = ~np.isnan(cause)
    counted = counted[known].drop(columns="mix").assign(cause_id=cause[known].astype(np.int64))
    sums: pd.DataFrame = counted.groupby(["agent_id", "cause_id"], sort=True).sum()
    return sums.reset_index()
