"""Several ids of one person, such as in two helpdesks, joined into one agent, and that undone.

History follows, through the same queue as a changed answer. Where both handled one case their
shares add up, and it counts as handled by one person.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from surveys.models import Agent, AgentChange, Resolution, ResolutionAgent, User
from surveys.services.authors import Author, can_undo, signed
from surveys.services.cause_moves import count_again, count_answers


class JoinError(ValueError):
    """Identities that cannot be joined or parted; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What joining would move. `n_both`: resolutions that both handled."""

    source: Agent
    target: Agent
    n_cases: int
    n_answers: int
    n_both: int
    takes_login: bool


def preview(external_id: str, into: str) -> Preview:
    """What `join` would do now.

    Raises: JoinError, as `join` does.
    """
    agents = Agent.objects.filter(external_id__in=(external_id, into))
    source, target = _pair(external_id, into, {agent.external_id: agent for agent in agents})
    shares = _shares(source)
    both = ResolutionAgent.objects.filter(agent=target, resolution__in=shares)
    takes_login = User.objects.filter(agent=source).exists()
    return Preview(
        source, target, len(shares), count_answers(list(shares)), both.count(), takes_login
    )


@transaction.atomic
def join(external_id: str, into: str, now: dt.datetime, by: Author = None) -> AgentChange:
    """Make one agent's id another id of the other agent, with its history.

    Raises: JoinError.
    """
    source, target = _pair(external_id, into, _locked(external_id, into))
    shares = _shares(source)
    held = ResolutionAgent.objects.filter(agent=target, resolution__in=shares)
    both = dict(held.values_list("resolution_id", "share"))
    moved = sorted(set(shares) - set(both))
    ResolutionAgent.objects.filter(agent=source, resolution__in=moved).update(agent=target)
    ResolutionAgent.objects.filter(agent=source).delete()
    for resolution, share in both.items():
        added = min(share + shares[resolution], 1.0)
        held.filter(resolution=resolution).update(share=added)
    Resolution.objects.filter(pk__in=both).update(n_agents=F("n_agents") - 1)
    identities = list(source.identities.values_list("pk", flat=True))
    source.identities.update(joined_into=target)
    login = User.objects.filter(agent=source).values_list("pk", flat=True).first()
    User.objects.filter(agent=source).update(agent=target)
    Agent.objects.filter(pk=source.pk).update(joined_into=target)
    was: dict[str, Any] = {
        "moved": moved,
        "both": [[number, shares[number], share] for number, share in sorted(both.items())],
        "identities": identities,
        "login": login,
    }
    return AgentChange.objects.create(
        kind=AgentChange.Kind.JOINED,
        external_id=external_id,
        into=into,
        n_resolutions=len(shares),
        n_answers=count_again(list(shares), now),
        was=was,
        **signed(by),
    )


@transaction.atomic
def undo(change_id: int, now: dt.datetime, by: Author = None) -> AgentChange:
    """Part them again, with the history that was moved; what came in since stays where it is.

    Raises: AgentChange.DoesNotExist; JoinError where something later stands in the way.
    """
    change = AgentChange.objects.select_for_update(of=("self",)).get(pk=change_id)
    if not can_undo(change):
        raise JoinError("That was undone already.")
    found = _locked(change.external_id, change.into)
    source, target = _known(change.external_id, found), _known(change.into, found)
    if source.joined_into_id != target.pk:
        raise JoinError(f"“{change.into}” was itself joined since; undo that first.")
    was = change.was
    own = ResolutionAgent.objects.filter(agent=target)
    back = list(own.filter(resolution__in=was["moved"]).values_list("resolution_id", flat=True))
    own.filter(resolution__in=back).update(agent=source)
    for number, share, before in was["both"]:
        if own.filter(resolution=number).update(share=before):
            ResolutionAgent.objects.create(resolution_id=number, agent=source, share=share)
            Resolution.objects.filter(pk=number).update(n_agents=F("n_agents") + 1)
            back.append(number)
    Agent.objects.filter(pk=source.pk).update(joined_into=None)
    Agent.objects.filter(pk__in=was["identities"], joined_into=target).update(joined_into=source)
    User.objects.filter(pk=was["login"], agent=target).update(agent=source)
    return AgentChange.objects.create(
        kind=AgentChange.Kind.UNDONE,
        external_id=change.external_id,
        into=change.into,
        n_resolutions=len(back),
        n_answers=count_again(back, now),
        undoes=change,
        **signed(by),
    )


def _pair(external_id: str, into: str, found: dict[str, Agent]) -> tuple[Agent, Agent]:
    if external_id == into:
        raise JoinError("An agent cannot be joined with itself.")
    source, target = _known(external_id, found), _known(into, found)
    for agent in (source, target):
        if agent.joined_into_id is not None:
            raise JoinError(f"“{agent.external_id}” is another id of somebody already.")
    if source.is_bot != target.is_bot:
        raise JoinError("A person and a machine are not the same agent.")
    if User.objects.filter(agent__in=(source, target)).count() > 1:
        raise JoinError("Both have a login of their own; take it from one of them first.")
    return source, target


def _known(external_id: str, found: dict[str, Agent]) -> Agent:
    if external_id not in found:
        raise JoinError(f"There is no agent “{external_id}”.")
    return found[external_id]


def _locked(*ids: str) -> dict[str, Agent]:
    """The agents, locked in the order of their keys, as the intake does."""
    held = Agent.objects.select_for_update(of=("self",)).filter(external_id__in=ids)
    return {agent.external_id: agent for agent in held.order_by("pk")}


def _shares(agent: Agent) -> dict[int, float]:
    return dict(ResolutionAgent.objects.filter(agent=agent).values_list("resolution_id", "share"))
