"""A small company whose every answer the attacker knows but for what was said in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils import timezone

from analytics.aggregates import apply_all
from surveys.models import Agent, AnswerChange, Cause, Response, Team, User
from surveys.services.access import Scope, scope_for
from tests.analytics.answered import answer
from tests.factories import (
    AgentFactory,
    CauseFactory,
    InvitationFactory,
    ProductFactory,
    ResolutionFactory,
    TeamFactory,
    UserFactory,
)

DAYS = 75
#: What an answer says: everything an attacker does not know.
SAID = (
    "f1", "f2", "f3", "s1", "c1", "c2", "c3", "c4", "o1", "o2", "fix_comment", "cause_comment",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """Readers of one company, by name."""

    teams: list[Team]
    agents: list[Agent]
    causes: list[Cause]
    users: dict[str, User]

    def scope(self, who: str) -> Scope:
        return scope_for(self.users[who])


def build(seed: int, n: int) -> World:
    """`n` answers of the last weeks, today included; some cases shared, some answers partial."""
    rng = np.random.default_rng(seed)
    teams = [TeamFactory.create(), TeamFactory.create()]
    agents = [AgentFactory.create(team=teams[k % 2]) for k in range(5)]
    owner = UserFactory.create(role=User.Role.CAUSE_OWNER)
    causes = [CauseFactory.create(owner=owner if k < 2 else None) for k in range(4)]
    products = [ProductFactory.create(), ProductFactory.create()]
    for _ in range(n):
        _answered(rng, teams, agents, causes, products)
    apply_all()
    users = {
        "lead": UserFactory.create(role=User.Role.TEAM_LEAD, team=teams[0]),
        "agent": UserFactory.create(role=User.Role.AGENT, agent=agents[0]),
        "owner": owner,
    }
    return World(teams, agents, causes, users)


def _answered(
    rng: np.random.Generator, teams: Any, agents: Any, causes: Any, products: Any
) -> None:
    at = timezone.now() - dt.timedelta(days=int(rng.integers(0, DAYS)), minutes=1)
    first = int(rng.choice(5, p=[0.4, 0.2, 0.2, 0.1, 0.1]))
    handlers = [agents[first]]
    if rng.random() < 0.2:
        handlers.append(agents[(first + 2) % 5])
    resolution = ResolutionFactory.create(
        team=teams[first % 2],
        cause=causes[int(rng.choice(4, p=[0.4, 0.15, 0.35, 0.1]))],
        product=products[int(rng.integers(2))],
        channel=("phone", "chat")[int(rng.integers(2))],
        agents=handlers,
        n_agents=len(handlers),
        resolved_at=at - dt.timedelta(days=int(rng.integers(0, 9))),
    )
    asked = InvitationFactory.create(resolution=resolution, sent_at=at)
    said: dict[str, Any] = {
        name: int(rng.integers(1, 5 if name == "c3" else 6))
        for name in ("f1", "f2", "c1", "c2", "c3", "o1")
        if rng.random() < 0.92
    }
    words = f"said {rng.integers(10**6)}"
    answer(asked, at=at, fix_comment=words, cause_comment=words[::-1], **said)


def exchange(first: int, second: int) -> None:
    """Two customers had said what the other said."""
    one, other = Response.objects.get(pk=first), Response.objects.get(pk=second)
    for name in SAID:
        mine, theirs = getattr(one, name), getattr(other, name)
        setattr(one, name, theirs)
        setattr(other, name, mine)
    for response in (one, other):
        store(response)
    apply_all()


def store(response: Response) -> None:
    """Save a changed answer and note it for the aggregation."""
    response.save(update_fields=SAID)
    AnswerChange.objects.create(response_id=response.pk)


def known_to_nobody(response: Response) -> None:
    """What a customer might mention in passing: answered in three goes, never to the end."""
    response.n_revisions, response.completed_at = 3, None
    response.save(update_fields=["n_revisions", "completed_at"])
    AnswerChange.objects.create(response_id=response.pk)
