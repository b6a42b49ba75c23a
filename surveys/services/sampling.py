"""Which cases are drawn for a survey: one rate for all, or more for agents with few answers. Pure.

The lot is a hash of the resolution, so that a replay draws the same one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

# What is taken for the share of surveys answered where too few were sent to know it.
ASSUMED_RESPONSE: Final = 0.2
# The company's share counts as much as this many surveys of an agent's own.
_PRIOR: Final = 50
# Who did less than half of a case has no figure of their own from it.
OWN_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Volume:
    """What an agent is to expect in 30 days: cases that come to the lot, and the share of those
    drawn that end in a complete answer."""

    cases: float
    answered: float


@dataclass(frozen=True, slots=True)
class Volumes:
    """By the id of the helpdesk; an agent not listed had no case lately."""

    by_agent: Mapping[str, Volume]

    def need(self, agent: str, target: int) -> float:
        """The share of the agent's cases to draw so that `target` answers a month are expected."""
        volume = self.by_agent.get(agent)
        expected = volume.cases * volume.answered if volume else 0.0
        return min(1.0, target / expected) if expected > 0 else 1.0


NO_VOLUMES: Final = Volumes({})


def answered_share(completed: int, drawn: int, company: float = ASSUMED_RESPONSE) -> float:
    """The share of drawn cases answered to the end, pulled towards the company's where few."""
    return (completed + company * _PRIOR) / (drawn + _PRIOR)


def rate_for(
    base: float, target: int | None, agents: Iterable[tuple[str, float]], volumes: Volumes
) -> float:
    """The probability with which a case is surveyed.

    `base` is the floor for everyone: an agent with many cases is never asked about more seldom,
    so that the company's figures keep their n. With a target it is raised to what the agent with
    the highest need takes, of those who did at least half of the case, and never above 1.
    """
    if target is None or base >= 1:
        return base
    needs = [volumes.need(agent, target) for agent, share in agents if share >= OWN_SHARE]
    return max([base, *needs])


def lot_of(source: str, external_id: str, resolved_at: datetime) -> float:
    """The resolution's own number in [0, 1): it is surveyed where that is below the rate."""
    name = f"{source}\x00{external_id}\x00{resolved_at.astimezone(UTC).isoformat()}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def answers_needed(reliability: float, icc: float) -> int:
    """How many answers an agent needs before their figure has this reliability.

    Source: Spearman (1910), Brown (1910): n = ρ/(1−ρ) · (1−ICC)/ICC.
    """
    needed = reliability / (1 - reliability) * (1 - icc) / icc
    return math.ceil(round(needed, 6))
