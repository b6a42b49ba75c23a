"""What a new flaw does to the scores of agents who have nothing to do with it.

Twins: each company is drawn twice, the same customers with and without a flaw that doubles the
share dismayed at one cause from half time on. The difference of two figures of the second half is
what the flaw did. Customers are angrier at the company; their mood colours the fix rating, too, as
much as the halo makes one rating tell of the other. So an agent's answers do fall a little, and
what must not move is the mean adjusted score: F2 where asked, averaged over the company's cases,
with an effect of each cause, which takes what the flawed cause does to whoever handles it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analytics.metrics.agents import adjusted
from analytics.simulation import Flaw
from bench.truth.worlds import DAYS, SEED, SETTINGS, Company, Setting, company

#: The mean adjusted score may move by so much.
WITHIN = 0.005
#: Who has this part of their cases of the flawed cause would be blamed for it by a raw score.
_EXPOSED = 0.3


@dataclass(frozen=True, slots=True)
class Moves:
    """Means over the runs of what the flaw did, in share points 0–1, and the largest of `score`.

    `score` the mean adjusted score, `csat` one question on the same customers, `dismayed` the
    cause's dismay; `raw` and `fair` the raw and the adjusted score of agents with 30 % or more of
    their cases from the cause, beside all other agents'.
    """

    score: float
    largest: float
    csat: float
    dismayed: float
    raw: float
    fair: float


#: The same flaw in companies whose customers' mood counts for more, or in the largest cause: the
#: mean adjusted score is one of the company's own mix of cases, and the flawed cause is in it.
BEYOND = (
    ("a mood of 0.6", 0.6, False),
    ("a mood of 0.8", 0.8, False),
    ("a mood of 1", 1.0, False),
    ("the largest cause", 0.4, True),
    ("the largest cause, a mood of 0.8", 0.8, True),
)


def beyond(runs: int, halo: float, largest: bool) -> Moves:
    """The flaw under one of BEYOND."""
    usual = SETTINGS[1]
    return study(runs, replace(usual, nature=replace(usual.nature, halo=halo)), largest=largest)


def study(runs: int, setting: Setting = SETTINGS[1], *, largest: bool = False) -> Moves:
    """The cause is the one of those that can double whose part of the cases is nearest to usual, or
    the largest."""
    found = [_moves(setting, SEED + run, largest) for run in range(runs)]
    table = np.array(found)
    csat, dismayed, raw, fair = np.nanmean(table[:, 1:], axis=0)
    return Moves(
        float(np.abs(table[:, 0]).mean()),
        float(np.abs(table[:, 0]).max()),
        float(csat),
        float(dismayed),
        float(raw),
        float(fair),
    )


def _moves(setting: Setting, seed: int, largest: bool) -> tuple[float, ...]:
    plain = company(setting, seed)
    cause = flawed_cause(plain, largest=largest)
    twin = company(setting, seed, Flaw(cause, DAYS / 2))
    before, after = _figures(plain, cause), _figures(twin, cause)
    return tuple(float(b - a) for a, b in zip(before, after, strict=True))


def flawed_cause(one: Company, *, largest: bool = False) -> int:
    """The cause nearest to the usual size, or the largest, whose share of dismayed customers can
    double."""
    weight = one.world.weight
    can = one.world.dismayed() <= 0.475
    if largest:
        return int(np.argmax(np.where(can, weight, -1)))
    return int(np.argmin(np.where(can, np.abs(weight - 1 / len(weight)), np.inf)))


def _figures(one: Company, cause: int) -> tuple[float, ...]:
    late = one.drawn.resolved >= DAYS / 2 * 86_400.0
    rated = one.rated[one.rated["late"]]
    hits = rated.assign(n=1, top2=(rated["rating"] >= 4).astype(np.int64))
    strata = hits.groupby(["agent_id", "stratum"])[["n", "top2"]].sum().reset_index()
    scores = adjusted(strata).set_index("agent_id")["adjusted"]
    sums = strata.groupby("agent_id")[["n", "top2"]].sum()
    raw = sums["top2"] / sums["n"]
    met = strata[strata["stratum"] == cause].set_index("agent_id")["n"]
    exposed = (met.reindex(sums.index).fillna(0) / sums["n"]) >= _EXPOSED
    c1 = one.drawn.ratings["c1"][late & (one.drawn.cause == cause)]
    return (
        float(scores.mean()),
        float((one.drawn.csat[late] >= 4).mean()),
        float((c1[c1 > 0] >= 4).mean()),
        _apart(raw, exposed),
        _apart(scores, exposed),
    )


def _apart(scores: pd.Series, exposed: pd.Series) -> float:
    """How far the exposed agents lie above all others; NaN where nobody is exposed."""
    if not exposed.any():
        return float("nan")
    return float(scores[exposed].mean() - scores[~exposed].mean())
