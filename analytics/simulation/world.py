"""A made-up company whose truth is known, and what its customers answer. Pure numpy, one seed.

Latent ratings are normal; each is cut into 1–5. The fix is the agent's quality plus how hard the
cause is to handle; the cause is its anger, softened a little by a good agent; a halo common to both
moves every customer's two ratings together. Causes are routed to the teams that know them, so that
raw scores of agents are unfair and can be seen to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HALO: Final = 0.4
SOFTENING: Final = 0.25
ROUTED: Final = 0.8
CHANNELS: Final = ("phone", "chat", "email", "shop", "web")
LANGUAGES: Final = ("en", "de", "fr", "es", "pt", "ar")
#: Where latent ratings are cut: of the fix (two thirds answer 4–5), of the cause, of O1.
_FIX_CUTS: Final = np.array([-2.0, -1.3, -0.5, 0.7])
_CAUSE_CUTS: Final = np.array([-0.9, -0.2, 0.5, 1.3])
_HOUR: Final = 3_600.0


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

    def fair_top2(self) -> Floats:
        """Each agent's share of fix ratings 4–5, had everyone met the whole company's cases."""
        return _above(_FIX_CUTS[2], self.quality[:, None] + self.difficulty) @ self.weight

    def dismayed(self) -> Floats:
        """Each cause's share of dismayed customers under an average agent."""
        spread = (1 + HALO**2 + (SOFTENING * self.quality.std()) ** 2) ** 0.5
        return _above(_CAUSE_CUTS[2], self.anger - SOFTENING * self.quality.mean(), spread)


@dataclass(frozen=True, slots=True)
class Draws:
    """One entry per case; 0 stands for "not answered" in the ratings.

    Times are seconds after the first midnight. `second` is a second agent's place, −1 for none.
    """

    cause: Ints
    team: Ints
    agent: Ints
    second: Ints
    channel: Ints
    language: Ints
    customer: Ints
    opened: Floats
    resolved: Floats
    sent: Floats
    failed: npt.NDArray[np.bool_]
    bounced: npt.NDArray[np.bool_]
    fix_first: npt.NDArray[np.bool_]
    answered: Floats
    ratings: dict[str, Ints]


def world(seed: int, agents: int = 40, causes: int = 20) -> World:
    """Draw the truth."""
    random = np.random.default_rng([seed, 1])
    n_teams, n_products = max(1, agents // 8), max(1, min(12, causes // 3))
    weight = random.gamma(1.2, size=causes)
    return World(
        n_teams=n_teams,
        n_products=n_products,
        agent_team=np.arange(agents) % n_teams,
        quality=random.normal(0, 0.35, agents),
        cause_team=np.arange(causes) % n_teams,
        cause_product=random.integers(0, n_products, causes),
        weight=weight / weight.sum(),
        difficulty=random.normal(0, 0.4, causes),
        anger=random.normal(0.1, 0.6, causes),
        avoidable=random.normal(0, 0.6, causes),
        recurring=random.beta(2, 6, causes),
    )


def draw(truth: World, seed: int, cases: int, days: int, response_rate: float) -> Draws:
    """Draw what happens to `cases` cases, resolved over `days` days, in order of resolution."""
    random = np.random.default_rng([seed, 2])
    n_agents = len(truth.agent_team)
    cause = random.choice(len(truth.weight), cases, p=truth.weight)
    team = np.where(
        random.random(cases) < ROUTED,
        truth.cause_team[cause],
        random.integers(0, truth.n_teams, cases),
    )
    # Agents of a team are n_teams apart; the last places may lack one.
    in_team = (n_agents - team - 1) // truth.n_teams + 1
    agent = team + truth.n_teams * random.integers(0, in_team)
    second = np.where(random.random(cases) < 0.06, (agent + 1) % n_agents, -1)
    second = np.where(second == agent, -1, second)
    resolved = np.sort(random.uniform(0, days * 24 * _HOUR, cases))
    sent = resolved + 4 * _HOUR
    failed = random.random(cases) < 0.01
    reached = random.random(cases) < response_rate
    delay = np.minimum(random.lognormal(2.0, 1.3, cases), 24 * 13.9) * _HOUR
    answered = np.where(reached & ~failed & (sent + delay < days * 24 * _HOUR), sent + delay, -1.0)
    return Draws(
        cause=cause,
        team=team,
        agent=agent,
        second=second,
        channel=random.choice(len(CHANNELS), cases, p=[0.4, 0.25, 0.2, 0.05, 0.1]),
        language=random.choice(len(LANGUAGES), cases, p=[0.6, 0.12, 0.1, 0.1, 0.05, 0.03]),
        customer=random.integers(0, max(1, cases * 4 // 5), cases),
        opened=resolved - random.exponential(20 * _HOUR, cases),
        resolved=resolved,
        sent=sent,
        failed=failed,
        bounced=~failed & ~reached & (random.random(cases) < 0.02),
        fix_first=random.random(cases) < 0.5,
        answered=answered,
        ratings=_ratings(truth, random, cause, agent, second, answered >= 0),
    )


def _ratings(
    truth: World,
    random: np.random.Generator,
    cause: Ints,
    agent: Ints,
    second: Ints,
    answered: npt.NDArray[np.bool_],
) -> dict[str, Ints]:
    cases = len(cause)

    def noise(size: float = 1.0) -> Floats:
        return random.normal(0, size, cases)

    quality = truth.quality[agent]
    quality = np.where(second >= 0, (quality + truth.quality[second]) / 2, quality)
    halo = HALO * noise()
    fix = quality + truth.difficulty[cause] + halo + noise()
    anger = truth.anger[cause] - SOFTENING * quality - halo + noise()
    found = {
        "f1": _cut(fix, _FIX_CUTS),
        "f2": _cut(1.2 * quality + 0.3 + 0.5 * (fix - quality) + noise(0.6), _FIX_CUTS),
        "s1": random.choice(4, cases, p=[0.7, 0.15, 0.1, 0.05]) + 1,
        "c1": _cut(anger, _CAUSE_CUTS),
        "c2": _cut(truth.avoidable[cause] + 0.2 * anger + noise(), _CAUSE_CUTS),
        "c3": _recurrence(truth.recurring[cause], random.random(cases)),
        "o1": _cut(0.5 * fix - 0.7 * anger + 0.4 + noise(), _FIX_CUTS + 0.3),
    }
    # Some stop after the first page, some skip an item.
    skipped = {"f1": 0.02, "f2": 0.1, "s1": 0.05, "c1": 0.05, "c2": 0.08, "c3": 0.08, "o1": 0.1}
    return {
        name: np.where(answered & (random.random(cases) >= skipped[name]), values, 0)
        for name, values in found.items()
    }


def _recurrence(had_before: Floats, drawn: Floats) -> Ints:
    """No · Once · More than once · Not sure."""
    had = drawn < had_before
    often = drawn < had_before / 3
    unsure = drawn > 0.93
    return np.select([often, had, unsure], [3, 2, 4], 1)


def _cut(latent: Floats, cuts: Floats) -> Ints:
    return np.digitize(latent, cuts) + 1


def _above(cut: float, mean: Floats, spread: float | None = None) -> Floats:
    """Share of a normal latent rating above a cut."""
    from scipy.special import ndtr

    found: Floats = ndtr((mean - cut) / (spread or (1 + HALO**2) ** 0.5))
    return found
