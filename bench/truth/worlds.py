"""Made-up companies that the metrics are tried on, and what the product's frames say of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analytics.columns import AVOIDABLE, HISTOGRAM, RECURRENCE
from analytics.simulation import Draws, Expected, Flaw, Nature, World, draw, expected, world

SEED = 2026
#: So long a time that hardly an answer is still to come when it ends.
DAYS = 4_000


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of company. `says` tells it in words for the page."""

    name: str
    says: str
    nature: Nature
    agents: int
    causes: int
    cases: int
    response_rate: float = 1.0


#: Routing by cause, a mood in both ratings, agents that soften C1, causes that differ much: raw
#: scores of 60 agents from 12,000 answers on 12 causes are then off by .10, for reasons that are
#: not theirs. How much depends on each of these: `BEYOND` turns them one by one.
_SPECIALISED = Nature(halo=0.4, softening=0.5, routed=0.8, shared=0.0, difficulty_spread=1.0)

SETTINGS = (
    Setting(
        "plain",
        "60 agents, 12 causes, 12,000 answers; cases go to anyone, no mood, no path",
        Nature(halo=0.0, softening=0.0, routed=0.0, shared=0.0),
        60,
        12,
        12_000,
    ),
    Setting(
        "specialised",
        "the same with 80 % of cases routed by cause, causes hard and easy, a mood of 0.4 in both "
        "ratings, and a path of 0.5 from the agent to C1",
        _SPECIALISED,
        60,
        12,
        12_000,
    ),
    Setting(
        "angry answer",
        "40,000 cases, routed; the odds of answering grow by half with every step of C1, about "
        "30 % answer; a mood of 0.6",
        Nature(halo=0.6, softening=0.5, routed=0.8, shared=0.0, angry_answer=0.4),
        60,
        12,
        40_000,
        0.3,
    ),
    Setting(
        "small",
        "24 agents, 20 causes of very different size, 1,000 answers; routed, mood and path",
        Nature(halo=0.4, softening=0.25, routed=0.8, shared=0.0),
        24,
        20,
        1_000,
    ),
)


def _beyond(name: str, says: str, nature: Nature = _SPECIALISED, **sizes: int) -> Setting:
    return Setting(name, says, nature, **{"agents": 60, "causes": 12, "cases": 12_000, **sizes})


#: The specialised company with one thing turned: where the figures end, and which.
BEYOND = (
    _beyond("mood 0.8", "a mood of 0.8 in both ratings", replace(_SPECIALISED, halo=0.8)),
    _beyond("mood 1.2", "a mood of 1.2, more than all else", replace(_SPECIALISED, halo=1.2)),
    _beyond(
        "causes alike",
        "causes hardly harder or easier to handle than each other (0.4 instead of 1)",
        replace(_SPECIALISED, difficulty_spread=0.4),
    ),
    _beyond("routed 60 %", "60 % of cases routed by cause", replace(_SPECIALISED, routed=0.6)),
    _beyond("routed 95 %", "95 % of cases routed by cause", replace(_SPECIALISED, routed=0.95)),
    _beyond("50 each", "50 answers for each agent", cases=3_000),
    _beyond("20 each", "20 answers for each agent", cases=1_200),
    _beyond("200 causes", "200 causes, 60 answers for each", causes=200),
)


def equal(setting: Setting) -> Setting:
    """The same kind of company, in which no agent is better than another."""
    return replace(setting, nature=replace(setting.nature, quality_spread=0.0))


@dataclass(frozen=True)
class Company:
    """One drawn company: its truth, its answers, and the frames the metrics are given."""

    setting: Setting
    world: World
    drawn: Draws

    @cached_property
    def truth(self) -> Expected:
        return expected(self.world, self.setting.response_rate)

    @cached_property
    def rated(self) -> pd.DataFrame:
        """One row per answer said of an agent: F2 where asked, else F1."""
        ratings = self.drawn.ratings
        rating = np.where(ratings["f2"] > 0, ratings["f2"], ratings["f1"])
        known = rating > 0
        return pd.DataFrame(
            {
                "agent_id": self.drawn.agent[known],
                "stratum": self.drawn.cause[known],
                "rating": rating[known],
                "late": self.drawn.resolved[known] >= DAYS * 43_200.0,
            }
        )

    def agents(self) -> pd.DataFrame:
        """agent_id, h1..h5: every agent."""
        return _histograms("agent_id", self.rated["agent_id"], self.rated["rating"], self._agents)

    def strata(self) -> pd.DataFrame:
        """agent_id, stratum, n, top2."""
        hits = self.rated.assign(n=1, top2=(self.rated["rating"] >= 4).astype(np.int64))
        return hits.groupby(["agent_id", "stratum"])[["n", "top2"]].sum().reset_index()

    def causes(self) -> pd.DataFrame:
        """cause_id, cases, h1..h5, and no answers to C2 and C3: every cause."""
        c1 = self.drawn.ratings["c1"]
        frame = _histograms("cause_id", self.drawn.cause[c1 > 0], c1[c1 > 0], self._causes)
        unasked = {name: np.zeros(self._causes, np.int64) for name in (*AVOIDABLE, *RECURRENCE)}
        cases = np.bincount(self.drawn.cause, minlength=self._causes)
        return frame.assign(cases=cases, **unasked)

    def cells(self) -> np.ndarray:
        """Causes × F1 × C1, and last all causes together."""
        f1, c1 = self.drawn.ratings["f1"], self.drawn.ratings["c1"]
        both = (f1 > 0) & (c1 > 0)
        found = np.zeros((self._causes, 5, 5), np.int64)
        np.add.at(found, (self.drawn.cause[both], f1[both] - 1, c1[both] - 1), 1)
        return np.concatenate([found, found.sum(axis=0, keepdims=True)])

    @property
    def _agents(self) -> int:
        return len(self.world.agent_team)

    @property
    def _causes(self) -> int:
        return len(self.world.weight)


def companies(setting: Setting, runs: int, seed: int = SEED) -> Iterator[Company]:
    """So many companies of a kind, each with a truth of its own; the same every time."""
    for run in range(runs):
        yield company(setting, seed + run)


def company(setting: Setting, seed: int, flaw: Flaw | None = None) -> Company:
    """One company of a kind, with or without a flaw that befell it."""
    truth = world(seed, setting.agents, setting.causes, setting.nature)
    return Company(
        setting,
        truth,
        draw(truth, seed, setting.cases, DAYS, setting.response_rate, flaw),
    )


def _histograms(name: str, unit: object, rating: object, units: int) -> pd.DataFrame:
    cells = np.zeros((units, 5), np.int64)
    np.add.at(cells, (np.asarray(unit), np.asarray(rating) - 1), 1)
    return pd.DataFrame(
        {name: np.arange(units), **{h: cells[:, k] for k, h in enumerate(HISTOGRAM)}}
    )
