"""What a perfect report of a made-up company would find, computed, not drawn.

Public functions
    expected(world, response_rate=1.0) -> Expected

The customer's mood is normal and everything else follows from it, so every share is one sum over
Gauss–Hermite nodes. Only cases of one agent are covered (`Nature.shared` = 0), and no flaw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.simulation.draws import F2_FIX, F2_LEVEL, F2_NOISE, F2_QUALITY, SKIPPED, reply
from analytics.simulation.world import CAUSE_CUTS, FIX_CUTS, Floats, World

_NODES: Final = 24
_STEPS: Final = np.arange(1.0, 6.0)


@dataclass(frozen=True, slots=True)
class Expected:
    """Chances of a case and its answers; axes: agent, cause, rating of the fix, of the cause.

    `both[a, c, f − 1, k − 1]`: the case is agent a's and cause c's, is answered, and rated F1 = f
    and C1 = k. `agent`: the same with the rating said of the agent, F2 where asked, else F1.
    Both sum to the share of cases that are answered.
    """

    both: Floats
    agent: Floats

    def top2(self) -> Floats:
        """Per agent: share of ratings 4–5 of the cases the agent gets."""
        return _share(self.agent.sum(axis=(1, 3)))

    def mean(self) -> Floats:
        """Per agent: mean rating of the cases the agent gets, 1–5."""
        found = self.agent.sum(axis=(1, 3))
        return np.asarray(found @ _STEPS / found.sum(axis=1))

    def fair_top2(self) -> Floats:
        """Per agent: share of ratings 4–5, had everyone met the whole company's cases."""
        within = self.agent[:, :, 3:].sum(axis=(2, 3)) / self.agent.sum(axis=(2, 3))
        weight = self.agent.sum(axis=(0, 2, 3))
        return np.asarray(within @ weight / weight.sum())

    def dismayed(self) -> Floats:
        """Per cause: share of customers who mind it a lot or a great deal."""
        return _share(self.both.sum(axis=(0, 2)))

    def masked(self) -> tuple[Floats, Floats]:
        """Per cause, and last for all: the masked of all (M₁) and of the satisfied (M₂)."""
        cells = self.both.sum(axis=0)
        cells = np.concatenate([cells, cells.sum(axis=0, keepdims=True)])
        masked = cells[:, 3:, 3:].sum(axis=(1, 2))
        return masked / cells.sum(axis=(1, 2)), masked / cells[:, 3:].sum(axis=(1, 2))

    def correlation(self) -> Floats:
        """Per cause, and last for all: Pearson's r of F1 and C1."""
        cells = self.both.sum(axis=0)
        cells = np.concatenate([cells, cells.sum(axis=0, keepdims=True)])
        cells = cells / cells.sum(axis=(1, 2), keepdims=True)
        fix, cause = cells.sum(axis=2), cells.sum(axis=1)
        f, c = (_STEPS - (one @ _STEPS)[:, None] for one in (fix, cause))
        together = np.einsum("kf,kfc,kc->k", f, cells, c)
        return np.asarray(together / np.sqrt((fix * f**2).sum(axis=1) * (cause * c**2).sum(axis=1)))


def expected(world: World, response_rate: float = 1.0) -> Expected:
    """Every chance of the world, by numerical integration over the customers' mood.

    Shape: agents × causes × 5 × 5. Raises: ValueError where cases may have a second agent.
    """
    nature = world.nature
    if nature.shared:
        raise ValueError("the truth of cases with two agents is not computed; set shared to 0")
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    # Axes: mood, agent, cause.
    mood = nature.halo * nodes[:, None, None]
    quality, difficulty = world.quality[None, :, None], world.difficulty[None, None, :]
    fix = _ratings(FIX_CUTS, quality + difficulty + mood, 1.0)
    treated = _ratings(
        FIX_CUTS,
        F2_QUALITY * quality + F2_LEVEL + F2_FIX * (difficulty + mood),
        float(np.hypot(F2_FIX, F2_NOISE)),
    )
    minded = _ratings(CAUSE_CUTS, world.anger - nature.softening * quality - mood, 1.0)
    minded = minded * reply(response_rate, nature.angry_answer)
    asked = 1 - SKIPPED["f2"]
    instead = SKIPPED["f2"] * (1 - SKIPPED["f1"])
    rated = (asked * treated + instead * fix) / (asked + instead)
    weight = weights / weights.sum()
    cases = (_routes(world) * world.weight)[:, :, None, None]
    both, agent = (
        cases * np.einsum("m,mack,macj->ackj", weight, ratings, minded, optimize=True)
        for ratings in (fix, rated)
    )
    return Expected(both, agent)


def _routes(world: World) -> Floats:
    """Chance that a case of a cause comes to an agent. Shape: agents × causes."""
    sizes = np.bincount(world.agent_team, minlength=world.n_teams)
    routed = world.nature.routed
    knows = world.agent_team[:, None] == world.cause_team
    chance = routed * knows + (1 - routed) / world.n_teams
    return np.asarray(chance / sizes[world.agent_team][:, None])


def _ratings(cuts: Floats, mean: Floats, spread: float) -> Floats:
    """Chances of the ratings 1…5, on a new last axis."""
    from scipy.special import ndtr

    below = ndtr((cuts - mean[..., None]) / spread)
    edges = np.zeros((*below.shape[:-1], 1))
    return np.diff(np.concatenate([edges, below, edges + 1], axis=-1), axis=-1)


def _share(histograms: Floats) -> Floats:
    return np.asarray(histograms[:, 3:].sum(axis=1) / histograms.sum(axis=1))
