"""What happens to the cases of a made-up company, and what its customers answer. Pure, one seed.

Public names
    Draws, draw(truth, seed, cases, days, response_rate, flaw=None)
    CHANNELS, LANGUAGES, SKIPPED, reply(rate, angry_answer)

Chance is the same with a flaw and without: the same customers, with the same moods, meet it. So the
difference of two draws is what the flaw did, and nothing else, where anger does not decide who
answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.simulation.world import CAUSE_CUTS, FIX_CUTS, Bools, Flaw, Floats, Ints, World

CHANNELS: Final = ("phone", "chat", "email", "shop", "web")
LANGUAGES: Final = ("en", "de", "fr", "es", "pt", "ar")
#: Some stop after the first page, some skip an item.
SKIPPED: Final = {
    "f1": 0.02, "f2": 0.1, "s1": 0.05, "c1": 0.05, "c2": 0.08, "c3": 0.08, "o1": 0.1,
}  # fmt: skip
#: How F2 follows from quality and F1: 1.2 × quality + 0.3 + 0.5 × (fix − quality) + noise of 0.6.
F2_QUALITY, F2_LEVEL, F2_FIX, F2_NOISE = 1.2, 0.3, 0.5, 0.6
_HOUR: Final = 3_600.0
_DAY: Final = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Draws:
    """One entry per case; 0 stands for "not answered" in the ratings.

    Times are seconds after the first midnight. `second` is a second agent's place, −1 for none.
    `csat` is what every customer would say to one question, "How satisfied are you?", in which fix
    and cause weigh the same; nobody is asked it here.
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
    failed: Bools
    bounced: Bools
    fix_first: Bools
    answered: Floats
    ratings: dict[str, Ints]
    csat: Ints


def draw(
    truth: World,
    seed: int,
    cases: int,
    days: int,
    response_rate: float,
    flaw: Flaw | None = None,
) -> Draws:
    """Draw what happens to `cases` cases, resolved over `days` days, in order of resolution.

    Raises: ValueError for a flaw in a cause whose share of dismayed customers cannot double.
    """
    random = np.random.default_rng([seed, 2])
    cause, team, agent, second = _routed(truth, random, cases)
    resolved = np.sort(random.uniform(0, days * _DAY, cases))
    sent = resolved + 4 * _HOUR
    failed = random.random(cases) < 0.01
    willing = random.random(cases)
    delay = np.minimum(random.lognormal(2.0, 1.3, cases), 24 * 13.9) * _HOUR
    channel = random.choice(len(CHANNELS), cases, p=[0.4, 0.25, 0.2, 0.05, 0.1])
    language = random.choice(len(LANGUAGES), cases, p=[0.6, 0.12, 0.1, 0.1, 0.05, 0.03])
    customer = random.integers(0, max(1, cases * 4 // 5), cases)
    opened = resolved - random.exponential(20 * _HOUR, cases)
    undeliverable, fix_first = random.random(cases) < 0.02, random.random(cases) < 0.5
    shift = _shift(truth, cause, resolved, flaw)
    ratings, csat = _ratings(truth, random, cause, agent, second, shift)
    reached = willing < reply(response_rate, truth.nature.angry_answer)[ratings["c1"] - 1]
    answered = np.where(reached & ~failed & (sent + delay < days * _DAY), sent + delay, -1.0)
    given = answered >= 0
    for name, skipped in SKIPPED.items():
        ratings[name] = np.where(given & (random.random(cases) >= skipped), ratings[name], 0)
    bounced = ~failed & ~reached & undeliverable
    return Draws(
        cause, team, agent, second, channel, language, customer, opened, resolved, sent, failed,
        bounced, fix_first, answered, ratings, csat,
    )  # fmt: skip


def _routed(truth: World, random: np.random.Generator, cases: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Cause, team, agent and second agent of each case."""
    n_agents = len(truth.agent_team)
    cause = random.choice(len(truth.weight), cases, p=truth.weight)
    team = np.where(
        random.random(cases) < truth.nature.routed,
        truth.cause_team[cause],
        random.integers(0, truth.n_teams, cases),
    )
    # Agents of a team are n_teams apart; the last places may lack one.
    in_team = (n_agents - team - 1) // truth.n_teams + 1
    agent = team + truth.n_teams * random.integers(0, in_team)
    second = np.where(random.random(cases) < truth.nature.shared, (agent + 1) % n_agents, -1)
    return cause, team, agent, np.where(second == agent, -1, second)


def _shift(truth: World, cause: Ints, resolved: Floats, flaw: Flaw | None) -> Floats:
    """What a flaw adds to the latent C1 of each case."""
    shift = np.zeros(len(cause))
    if flaw is not None:
        hit = (cause == flaw.cause) & (resolved >= flaw.day * _DAY)
        shift[hit] = truth.doubling(flaw.cause)
    return shift


def reply(rate: float, angry_answer: float) -> Floats:
    """Chance to answer by how much the customer minds the cause, C1 = 1…5; `rate` at C1 = 3."""
    if angry_answer == 0 or not 0 < rate < 1:
        return np.full(5, float(rate))
    odds = rate / (1 - rate) * np.exp(angry_answer * np.arange(-2.0, 3.0))
    return np.asarray(odds / (1 + odds))


def _ratings(
    truth: World,
    random: np.random.Generator,
    cause: Ints,
    agent: Ints,
    second: Ints,
    shift: Floats,
) -> tuple[dict[str, Ints], Ints]:
    """What each customer would answer; `shift` is added to the latent C1."""
    cases = len(cause)

    def noise(size: float = 1.0) -> Floats:
        return random.normal(0, size, cases)

    nature = truth.nature
    quality = truth.quality[agent]
    quality = np.where(second >= 0, (quality + truth.quality[second]) / 2, quality)
    mood = nature.halo * noise()
    fix = quality + truth.difficulty[cause] + mood + noise() - nature.leak * shift
    anger = truth.anger[cause] - nature.softening * quality - mood + noise() + shift
    treated = F2_QUALITY * quality + F2_LEVEL + F2_FIX * (fix - quality) + noise(F2_NOISE)
    found = {
        "f1": _cut(fix, FIX_CUTS),
        "f2": _cut(treated, FIX_CUTS),
        "s1": random.choice(4, cases, p=[0.7, 0.15, 0.1, 0.05]) + 1,
        "c1": _cut(anger, CAUSE_CUTS),
        "c2": _cut(truth.avoidable[cause] + 0.2 * anger + noise(), CAUSE_CUTS),
        "c3": _recurrence(truth.recurring[cause], random.random(cases)),
        "o1": _cut(0.5 * fix - 0.7 * anger + 0.4 + noise(), FIX_CUTS + 0.3),
    }
    # One answer for everything: as spread as F1, and cut where F1 is.
    return found, _cut((fix - anger) / 2**0.5, FIX_CUTS)


def _recurrence(had_before: Floats, drawn: Floats) -> Ints:
    """No · Once · More than once · Not sure."""
    had = drawn < had_before
    often = drawn < had_before / 3
    unsure = drawn > 0.93
    return np.select([often, had, unsure], [3, 2, 4], 1)


def _cut(latent: Floats, cuts: Floats) -> Ints:
    return np.digitize(latent, cuts) + 1
