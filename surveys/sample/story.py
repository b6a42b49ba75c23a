"""The sample half year as pure data: cases as an API client would send them, and the answers.

A latent model draws the two ratings: the fix from the agent's skill, the cause from how annoying
the cause is, and both a little from the customer's temper (the halo the product measures). Given
the same seed, number of cases and moment, every draw is the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from surveys.sample import cast

DAYS = 182
FLAW_STARTS_ON_DAY = 91
BILLS_CHECKED_FROM_DAY = 105
# What is left of the wrong bills once they are checked before they go out.
LEFT_WHEN_CHECKED = 0.35
HALO = 0.4
RESPONSE_RATE = 0.4
# Handled by another team than the cause's own, as where a queue is full: without, nobody could be
# told from what lands on their desk.
OVERFLOW = 0.2
# What the story’s cases are called; a case tried out is called otherwise.
CASE_PREFIX = "T-"
RATING_CUTS = (-1.55, -0.95, -0.45, 0.55)
DISMAY_CUTS = (-0.9, -0.2, 0.5, 1.3)


@dataclass(frozen=True)
class StoryCase:
    """One resolved case and, where the customer answered, what and when.

    `case` is the body of `POST /api/v1/cases/`; `answers` maps item ids to what a form would post.
    """

    case: dict[str, Any]
    answers: dict[str, str | list[str]] | None
    answer_delay: dt.timedelta
    reopened_at: dt.datetime | None = field(default=None)


def tell(n_cases: int, seed: int, now: dt.datetime) -> Iterator[StoryCase]:
    """The cases of the half year before `now`, in order of resolution."""
    rng = Random(f"stabledoor sample {seed}")  # noqa: S311 -- a story, not a secret
    skills = {name: rng.gauss(0.0, 0.38) for team in cast.TEAMS.values() for name in team}
    days = sorted(_draw_day(rng) for _ in range(n_cases))
    for number, day in enumerate(days):
        yield _one(rng, number, day, skills, now)


def agent_id(name: str) -> str:
    """The helpdesk's id of an agent of the cast."""
    return "agent-" + name.lower().replace(" ", "-").replace("'", "")


def _draw_day(rng: Random) -> float:
    # The flaw brings extra cases in the second half; the rest is level.
    if rng.random() < 0.14:
        return rng.uniform(FLAW_STARTS_ON_DAY, DAYS)
    return rng.uniform(0, DAYS)


def _one(
    rng: Random, number: int, day: float, skills: dict[str, float], now: dt.datetime
) -> StoryCase:
    flawed = day >= FLAW_STARTS_ON_DAY
    cause = _draw_cause(rng, day)
    team = rng.choice(list(cast.TEAMS)) if rng.random() < OVERFLOW else cause.team
    agent = rng.choice(cast.TEAMS[team])
    second = rng.choice(cast.TEAMS[team]) if rng.random() < 0.06 else None
    resolved_at = now - dt.timedelta(days=DAYS - day, minutes=rng.randint(1, 59))
    # Nothing in it is still to be sent: a real mail server must never see these addresses.
    resolved_at = min(resolved_at.replace(microsecond=0), now - dt.timedelta(hours=12))
    case = _case(rng, number, cause, team, agent, second, resolved_at)
    answers = None
    if rng.random() < RESPONSE_RATE:
        is_flaw = flawed and cause.code == cast.FLAW
        answers = _answers(rng, cause, skills[agent], is_flaw=is_flaw)
    delay = dt.timedelta(minutes=3 + min(60 * 24 * 9, rng.expovariate(1 / 700)))
    reopened = None
    if answers is not None and answers.get("S1") == "3" and rng.random() < 0.25:
        reopened = resolved_at + delay + dt.timedelta(hours=rng.randint(2, 40))
    return StoryCase(case, answers, delay, reopened)


def _draw_cause(rng: Random, day: float) -> cast.SampleCause:
    times = {
        cast.FLAW: 3.8 if day >= FLAW_STARTS_ON_DAY else 1.0,
        cast.CHECKED: LEFT_WHEN_CHECKED if day >= BILLS_CHECKED_FROM_DAY else 1.0,
    }
    weights = [cause.weight * times.get(cause.code, 1.0) for cause in cast.CAUSES]
    return rng.choices(cast.CAUSES, weights)[0]


def _case(
    rng: Random,
    number: int,
    cause: cast.SampleCause,
    team: str,
    agent: str,
    second: str | None,
    resolved_at: dt.datetime,
) -> dict[str, Any]:
    given, family = rng.choice(cast.GIVEN_NAMES), rng.choice(cast.FAMILY_NAMES)
    names = [agent] if second in (None, agent) else [agent, second]
    shares = [1.0] if len(names) == 1 else [0.7, 0.3]
    return {
        "source": "demo",
        "external_id": f"{CASE_PREFIX}{10_000 + number}",
        "status": "resolved",
        "opened_at": (resolved_at - dt.timedelta(hours=rng.uniform(0.5, 60))).isoformat(),
        "resolved_at": resolved_at.isoformat(),
        "customer": {
            "email": f"{given}.{family}.{number}@customers.example".lower(),
            "name": f"{given} {family}",
            "language": _weighted(rng, cast.LANGUAGES),
            "timezone": "Europe/London",
        },
        "agents": [
            {"external_id": agent_id(name), "name": name, "share": share}
            for name, share in zip(names, shares, strict=True)
        ],
        "team": team,
        "product": cause.product,
        "cause": cause.code,
        "channel": _weighted(rng, cast.CHANNELS),
        "severity": rng.choices(("low", "normal", "high"), (2, 6, 2))[0],
        "subject": cause.name,
    }


def _weighted(rng: Random, pairs: tuple[tuple[str, float], ...]) -> str:
    return rng.choices([value for value, _ in pairs], [weight for _, weight in pairs])[0]


def _ordinal(latent: float, cuts: tuple[float, ...]) -> str:
    return str(1 + sum(latent > cut for cut in cuts))


def _answers(
    rng: Random, cause: cast.SampleCause, skill: float, *, is_flaw: bool
) -> dict[str, str | list[str]]:
    temper = rng.gauss(0, 1)
    anger = cause.anger + (1.25 if is_flaw else 0.0)
    fix = 0.5 + skill + HALO * temper + rng.gauss(0, 0.8)
    bother = anger - HALO * temper + rng.gauss(0, 0.9)
    answers: dict[str, str | list[str]] = {
        "F1": _ordinal(fix, RATING_CUTS),
        "F2": _ordinal(fix + 0.25 + rng.gauss(0, 0.5), RATING_CUTS),
        "F3": _efforts(rng, fix),
        "S1": rng.choices("1234", (0.74, 0.12, 0.06, 0.08) if fix > 0 else (0.4, 0.25, 0.25, 0.1))[
            0
        ],
    }
    if rng.random() < 0.07:  # left after the first page
        return answers
    answers |= {
        "C1": _ordinal(bother, DISMAY_CUTS),
        "C2": _ordinal(cause.avoidable + (0.8 if is_flaw else 0) + rng.gauss(0, 1), DISMAY_CUTS),
        "C3": rng.choices("1234", _recurrence(cause.recurring))[0],
        "O1": _ordinal(0.5 + 0.35 * fix - 0.55 * bother + rng.gauss(0, 0.7), RATING_CUTS),
        "C4": _ordinal(rng.gauss(-0.1 - 0.2 * anger, 1), DISMAY_CUTS),
        "O2": _ordinal(0.2 + 0.3 * fix - 0.5 * bother + rng.gauss(0, 0.8), RATING_CUTS),
    }
    if rng.random() < 0.16:
        answers["fix_comment"] = rng.choice(cast.PRAISE if fix > 0.2 else cast.CRITICISM)
    if rng.random() < (0.34 if is_flaw else 0.14):
        answers["cause_comment"] = rng.choice(cause.complaints)
    return answers


def _recurrence(share: float) -> tuple[float, float, float, float]:
    return (0.95 - share, share * 0.6, share * 0.4, 0.05)


def _efforts(rng: Random, fix: float) -> list[str]:
    chance = 0.08 if fix > 0.3 else 0.3
    ticked = [str(value) for value in range(1, 5) if rng.random() < chance / value**0.5]
    return ticked or ["5"]
