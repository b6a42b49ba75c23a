"""A made-up company whose truth is known. Pure numpy, one seed.

Public names
    Nature(halo, softening, routed, shared, angry_answer, *_spread)     how its customers behave
    Flaw(cause, day)                                 from a day on, twice as many are dismayed
    World, world(seed, agents, causes, nature)       who works where, how well, what angers

Latent ratings are normal; each is cut into 1–5. The fix is the agent's quality plus how hard the
cause is to handle; the cause is its anger, softened a little by a good agent; a mood of the
customer (the halo) moves both of their ratings together. Causes are routed to the teams that know
them, so that raw scores of agents are unfair and can be seen to be. `draws` makes answers of it,
`truth` says what a perfect report would find.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Where latent ratings are cut: of the fix (two thirds answer 4–5), of the cause.
FIX_CUTS: Final = np.array([-2.0, -1.3, -0.5, 0.7])
CAUSE_CUTS: Final = np.array([-0.9, -0.2, 0.5, 1.3])


@dataclass(frozen=True, slots=True)
class Nature:
    """How customers behave and cases are routed; spreads are standard deviations of the latent.

    halo: spread of the customer's mood, common to both ratings (their own noise is 1).
    softening: path from the agent's quality to C1. routed: share of cases that go to the team
    that knows the cause, the rest to any. shared: share of cases with a second agent.
    angry_answer: log odds of answering per step of C1 from the middle; 0 = anger does not matter.
    """

    halo: float = 0.4
    softening: float = 0.25
    routed: float = 0.8
    shared: float = 0.06
    angry_answer: float = 0.0
    quality_spread: float = 0.35
    difficulty_spread: float = 0.4
    anger_spread: float = 0.6

    @property
    def leak(self) -> float:
        """How much of a new anger colours the same customer's fix rating: as much as the mood makes
        one rating tell of the other, the regression of one on the other within a case."""
        return self.halo**2 / (1 + self.halo**2)


@dataclass(frozen=True, slots=True)
class Flaw:
    """From `day` (0 = the first) on, twice the share of customers is dismayed at `cause`."""

    cause: int
    day: float


@dataclass(frozen=True, slots=True)
class World:
    """The truth: who works where, how well, and what makes customers angry.

    Arrays over agents: `agent_team`, `quality`; over causes: `cause_team`, `cause_product`,
    `weight` (sums to 1), `difficulty`, `anger`, `avoidable`, `recurring`. Units: standard
    deviations of the latent rating, but for `recurring`, a share.
    """

    n_teams: int
    n_products: int
    agent_team: Ints
    quality: Floats
    cause_team: Ints
    cause_product: Ints
    weight: Floats
    difficulty: Floats
    anger: Floats
    avoidable: Floats
    recurring: Floats
    nature: Nature = field(default_factory=Nature)

    def fair_top2(self) -> Floats:
        """Each agent's share of F1 ratings 4–5, had everyone met the whole company's cases."""
        spread = (1 + self.nature.halo**2) ** 0.5
        return above(FIX_CUTS[2], self.quality[:, None] + self.difficulty, spread) @ self.weight

    def dismayed(self) -> Floats:
        """Each cause's share of dismayed customers under an average agent."""
        mean = self.anger - self.nature.softening * self.quality.mean()
        return above(CAUSE_CUTS[2], mean, self._anger_spread())

    def doubling(self, cause: int) -> float:
        """How far the latent C1 of a cause moves for twice the share of dismayed customers.

        Raises: ValueError where more than 47.5 % are dismayed already: twice that is everybody.
        """
        from scipy.special import ndtri

        before = float(self.dismayed()[cause])
        if before > 0.475:
            raise ValueError(f"{before:.0%} are dismayed at cause {cause}; it cannot double")
        return float(self._anger_spread() * (ndtri(2 * before) - ndtri(before)))

    def _anger_spread(self) -> float:
        softened = self.nature.softening * float(self.quality.std())
        return float(np.sqrt(1 + self.nature.halo**2 + softened**2))


def world(seed: int, agents: int = 40, causes: int = 20, nature: Nature | None = None) -> World:
    """Draw the truth. The same arguments draw the same."""
    nature = nature or Nature()
    random = np.random.default_rng([seed, 1])
    n_teams, n_products = max(1, agents // 8), max(1, min(12, causes // 3))
    weight = random.gamma(1.2, size=causes)
    return World(
        n_teams=n_teams,
        n_products=n_products,
        agent_team=np.arange(agents) % n_teams,
        quality=random.normal(0, nature.quality_spread, agents),
        cause_team=np.arange(causes) % n_teams,
        cause_product=random.integers(0, n_products, causes),
        weight=weight / weight.sum(),
        difficulty=random.normal(0, nature.difficulty_spread, causes),
        anger=random.normal(0.1, nature.anger_spread, causes),
        avoidable=random.normal(0, 0.6, causes),
        recurring=random.beta(2, 6, causes),
        nature=nature,
    )


def above(cut: float, mean: Floats, spread: float) -> Floats:
    """Share of a normal latent rating above a cut."""
    from scipy.special import ndtr

    found: Floats = ndtr((mean - cut) / spread)
    return found
