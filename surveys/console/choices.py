"""What may be chosen in a filter: names the reader may see, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

from surveys.console.inbox import language_choices
from surveys.models import Agent, Cause, Product, Resolution, ResolutionAgent, Team
from surveys.services.access import Scope

LATELY = 5_000
#: A list to choose from that is longer than this serves nobody, and no browser.
LONGEST = 1_000
_MORE = [("", "… and more: open one from its report")]
Options = list[tuple[str, str]]
#: What filters are called, in the order in which they are offered.
LABELS: Final = {
    "team": "Team",
    "agent": "Agent",
    "product": "Product",
    "cause": "Cause",
    "branch": "Cause with all below it",
    "channel": "Channel",
}


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
        own = (
            _listed(_agents(scope))
            if scope.sees_agents
            else _listed(_causes(scope), _branches(scope))
        )
        rows = [Choice(name, LABELS[name], options) for name, options in own.items()]
        return sorted(rows, key=lambda choice: tuple(LABELS).index(choice.name))
    agents = [_agents(scope)] if scope.sees_agents else []
    causes = (_causes(scope), _branches(scope))
    listed = _listed(_teams(), *agents, _products(), *causes, _channels())
    found = [Choice(name, label, listed.get(name, [])) for name, label in LABELS.items()]
    found.append(Choice("language", "Language", language_choices()))
    return [choice for choice in found if choice.options]


def labels_of(choices: Sequence[Choice], codes: Sequence[str]) -> dict[tuple[str, str], str]:
    """What the options are called, by filter and value; of `codes`, those of merged causes by what
    they became, and those of branches that are a single cause by that."""
    labels = {(c.name, value): label for c in choices for value, label in c.options}
    unknown = [code for code in codes if ("cause", code) not in labels]
    if unknown and any(choice.name == "cause" for choice in choices):
        merged = Cause.objects.filter(code__in=unknown).exclude(merged_into=None)
        for code, became in merged.values_list("code", "merged_into__code"):
            if ("cause", became) in labels:
                labels["cause", code] = labels["cause", became]
    for code in codes:
        if ("branch", code) not in labels and ("cause", code) in labels:
            labels["branch", code] = labels["cause", code]
    return labels


#: A list, and what it offers: (name of the list, value, label) each.
Listed = QuerySet[Any, tuple[str, str, str]]


def _listed(first: Listed, *others: Listed) -> dict[str, Options]:
    """The options of these lists by name, all in one statement: every report's page asks for them.

    By label, as the database sorts; the last of a list that is too long says so.
    """
    whole = first.union(*others).order_by("list", "label", "value") if others else first
    found: dict[str, Options] = {}
    for name, value, label in whole:
        found.setdefault(name, []).append((value, label))
    return {
        name: options if len(options) <= LONGEST else options[:LONGEST] + _MORE
        for name, options in found.items()
    }


def _part(found: QuerySet[Any, Any], name: str, value: str, label: Combinable) -> Listed:
    """One list as a part of the statement."""
    named = found.annotate(list=Value(name), value=F(value), label=label)
    listed: Listed = named.values_list("list", "value", "label")
    return listed


def _teams() -> Listed:
    return _part(Team.objects.filter(merged_into=None).order_by("name"), "team", "name", F("name"))


def _agents(scope: Scope) -> Listed:
    agents = Agent.objects.filter(is_bot=False, joined_into=None).order_by("name", "external_id")
    if scope.team_ids is not None:
        agents = agents.filter(team_id__in=scope.team_ids)
    called = Coalesce(NullIf("name", Value("")), "external_id")
    return _part(agents, "agent", "external_id", called)[: LONGEST + 1]


def _products() -> Listed:
    products = Product.objects.filter(merged_into=None).order_by("name")
    return _part(products, "product", "name", F("name"))


def _causes(scope: Scope) -> Listed:
    causes = Cause.objects.filter(merged_into=None).order_by("name", "code")
    if scope.cause_ids is not None:
        causes = causes.filter(pk__in=scope.cause_ids)
    called = Coalesce(NullIf("name", Value("")), "code")
    return _part(causes, "cause", "code", called)[: LONGEST + 1]


def _branches(scope: Scope) -> Listed:
    """Causes with others below them, of which the reader sees both."""
    below = Cause.objects.filter(parent=OuterRef("pk"))
    causes = Cause.objects.filter(merged_into=None).order_by("name", "code")
    if scope.cause_ids is not None:
        below = below.filter(pk__in=scope.cause_ids)
        causes = causes.filter(pk__in=scope.cause_ids)
    called = Coalesce(NullIf("name", Value("")), "code")
    return _part(causes.filter(Exists(below)), "branch", "code", called)[: LONGEST + 1]


def _channels() -> Listed:
    # Of the latest resolutions only: reading millions of rows for a list of four would not pay.
    latest = Resolution.objects.exclude(channel="").order_by("-id")
    return _part(latest, "channel", "channel", F("channel"))[:LATELY]


@dataclass(frozen=True)
class Known:
    """An agent or a cause a page is about."""

    id: int
    code: str
    name: str
    note: str
    owner_id: int | None = None
    team_id: int | None = None


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
    causes = Cause.objects.select_related("owner", "owner_team")
    if not scope.sees_cause:
        causes = causes.none()
    if scope.cause_ids is not None:
        causes = causes.filter(pk__in=scope.cause_ids)
    # An old link with the code of a merged cause leads to what it became.
    became = Cause.objects.filter(code=code).values_list("merged_into__code", flat=True).first()
    cause = causes.get(code=became or code)
    owner = "" if scope.alias_key else cause.owned_by
    name = str(cause) or cause.code
    return Known(cause.pk, cause.code, name, owner, cause.owner_id, cause.owner_team_id)
