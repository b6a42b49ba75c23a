"""What may be chosen in a filter: names the reader may see, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from surveys.console.inbox import language_choices
from surveys.models import Agent, Cause, Product, Resolution, ResolutionAgent, Team
from surveys.services.access import Scope

LATELY = 5_000
#: A list to choose from that is longer than this serves nobody, and no browser.
LONGEST = 1_000
_MORE = [("", "… and more: open one from its report")]
Options = list[tuple[str, str]]


@dataclass(frozen=True)
class Choice:
    """One filter: `name` as in the URL, the options as (value, label)."""

    name: str
    label: str
    options: Options


def choices_for(scope: Scope) -> list[Choice]:
    """The filters a reader may use: with limits, those of the own rows alone, an agent none. Where
    two filters cross, one answer could be singled out and its customer guessed."""
    if scope.agent_ids is not None:
        return []
    if not scope.is_unlimited:
        rows = (
            Choice("agent", "Agent", _agents(scope))
            if scope.sees_agents
            else Choice("cause", "Cause", _causes(scope))
        )
        return [rows] if rows.options else []
    found = [
        Choice("team", "Team", _teams()),
        Choice("agent", "Agent", _agents(scope) if scope.sees_agents else []),
        Choice("product", "Product", _products()),
        Choice("cause", "Cause", _causes(scope)),
        Choice("channel", "Channel", _channels()),
        Choice("language", "Language", language_choices()),
    ]
    return [choice for choice in found if choice.options]


def labels_of(choices: list[Choice], codes: Iterable[str]) -> dict[tuple[str, str], str]:
    """What the options are called, by filter and value; of `codes`, those of merged causes by what
    they became."""
    labels = {(c.name, value): label for c in choices for value, label in c.options}
    unknown = [code for code in codes if ("cause", code) not in labels]
    if unknown and any(choice.name == "cause" for choice in choices):
        merged = Cause.objects.filter(code__in=unknown).exclude(merged_into=None)
        for code, became in merged.values_list("code", "merged_into__code"):
            if ("cause", became) in labels:
                labels["cause", code] = labels["cause", became]
    return labels


def _teams() -> Options:
    return [(name, name) for name in Team.objects.values_list("name", flat=True)]


def _agents(scope: Scope) -> Options:
    agents = Agent.objects.filter(is_bot=False)
    if scope.team_ids is not None:
        agents = agents.filter(team_id__in=scope.team_ids)
    return _offered(agents.values_list("external_id", "name"))


def _offered(found: QuerySet[Any, tuple[str, str]]) -> Options:
    options = [(code, name or code) for code, name in found[: LONGEST + 1]]
    return options if len(options) <= LONGEST else options[:LONGEST] + _MORE


def _products() -> Options:
    return [(name, name) for name in Product.objects.values_list("name", flat=True)]


def _causes(scope: Scope) -> Options:
    causes = Cause.objects.filter(merged_into=None)
    if scope.cause_ids is not None:
        causes = causes.filter(pk__in=scope.cause_ids)
    return _offered(causes.values_list("code", "name"))


def _channels() -> Options:
    # Of the latest resolutions only: reading millions of rows for a list of four would not pay.
    latest = Resolution.objects.order_by("-id").values_list("channel", flat=True)[:LATELY]
    names = set(latest)
    return [(name, name) for name in sorted(names) if name]


@dataclass(frozen=True)
class Known:
    """An agent or a cause a page is about."""

    id: int
    code: str
    name: str
    note: str
    owner_id: int | None = None


def visible_agent(scope: Scope, pk: int) -> Known:
    """An agent inside the scope.

    Raises Agent.DoesNotExist for any other, so that asking tells nothing.
    """
    agents = Agent.objects.select_related("team")
    if not scope.sees_agents:
        agents = agents.none()
    if scope.agent_ids is not None:
        agents = agents.filter(pk__in=scope.agent_ids)
    if scope.team_ids is not None:
        handled = ResolutionAgent.objects.filter(
            agent_id=OuterRef("pk"), resolution__team_id__in=scope.team_ids
        )
        agents = agents.filter(Q(team_id__in=scope.team_ids) | Q(Exists(handled)))
    agent = agents.get(pk=pk)
    return Known(agent.pk, agent.external_id, str(agent), str(agent.team or ""))


def visible_cause(scope: Scope, code: str) -> Known:
    """A cause inside the scope. Raises Cause.DoesNotExist for any other."""
    causes = Cause.objects.select_related("owner")
    if not scope.sees_cause:
        causes = causes.none()
    if scope.cause_ids is not None:
        causes = causes.filter(pk__in=scope.cause_ids)
    # An old link with the code of a merged cause leads to what it became.
    became = Cause.objects.filter(code=code).values_list("merged_into__code", flat=True).first()
    cause = causes.get(code=became or code)
    owner = "" if scope.alias_key else str(cause.owner or "")
    return Known(cause.pk, cause.code, str(cause) or cause.code, owner, cause.owner_id)
