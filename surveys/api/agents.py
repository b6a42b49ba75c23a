"""Agents and their ids: those of one person joined, as it was shown before, and that undone."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_agents as described
from surveys.api.base import one, page
from surveys.api.doing import (
    Doing,
    Nothing,
    asked,
    author_of,
    fault,
    logged,
    numbered,
    refusing,
)
from surveys.api.paging import page_of_names, page_of_rows
from surveys.models import Agent, AgentChange
from surveys.services import agent_identities as service
from surveys.services.agent_identities import JoinError
from surveys.services.storable import is_storable


class Join(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The id of the agent that this one is."""

    into: str


class Agents(Doing):
    """`/agents/`"""

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        found = _every().filter(joined_into=None)
        if words := asked(request, "q"):
            known = Q(name__icontains=words) | Q(external_id__icontains=words)
            known |= Q(identities__external_id__icontains=words)
            found = found.filter(known).distinct()
        if team := asked(request, "team"):
            found = found.filter(team__name=team)
        shown, following = page_of_names(request, found, by="external_id")
        return page([_described(each) for each in shown], following)


class OneAgent(Doing):
    """`/agents/{number}/`"""

    @extend_schema(**described.READ)
    def get(self, request: Request, number: int) -> Response:
        return one(_described(numbered(_every(), number, "agent")))


class Joining(Doing):
    """`/agents/{number}/join/`"""

    @extend_schema(**described.PREVIEW)
    def get(self, request: Request, number: int) -> Response:
        agent = numbered(_every(), number, "agent")
        into = _target(asked(request, "into"))
        with refusing(JoinError):
            found = service.preview(agent.external_id, into)
        return one(
            {
                "external_id": found.source.external_id,
                "into": found.target.external_id,
                "n_cases": found.n_cases,
                "n_answers": found.n_answers,
                "n_both": found.n_both,
                "takes_login": found.takes_login,
            }
        )

    @extend_schema(**described.JOIN)
    def post(self, request: Request, number: int) -> HttpResponse:
        agent = numbered(_every(), number, "agent")

        def effect(sent: Join) -> Any:
            into = _target(sent.into)
            with refusing(JoinError):
                done = service.join(agent.external_id, into, timezone.now(), author_of(request))
            return _change(done)

        return self.done(request, Join, effect)


class Changes(Doing):
    """`/agent-changes/`"""

    @extend_schema(**described.CHANGES)
    def get(self, request: Request) -> Response:
        found = AgentChange.objects.select_related("by", "by_key", "undone_by").defer("was")
        if agent := asked(request, "external_id"):
            found = found.filter(Q(external_id=agent) | Q(into=agent))
        shown, following = page_of_rows(request, found, by="made_at")
        return page([_change(each) for each in shown], following)


class Undo(Doing):
    """`/agent-changes/{number}/undo/`"""

    @extend_schema(**described.UNDO)
    def post(self, request: Request, number: int) -> HttpResponse:
        known = numbered(AgentChange.objects.all(), number, "change")

        def effect(_: Nothing) -> Any:
            with refusing(JoinError):
                return _change(service.undo(known.pk, timezone.now(), author_of(request)))

        return self.done(request, Nothing, effect)


def _every() -> QuerySet[Agent]:
    return Agent.objects.select_related("team", "joined_into").prefetch_related("identities")


def _target(external_id: str) -> str:
    is_known = is_storable(external_id) and Agent.objects.filter(external_id=external_id).exists()
    if not is_known:
        raise fault("into", "must be the id of an agent")
    return external_id


def _described(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.pk,
        "external_id": agent.external_id,
        "name": agent.name,
        "email": agent.email,
        "team": agent.team.name if agent.team else None,
        "is_bot": agent.is_bot,
        "other_ids": sorted(known.external_id for known in agent.identities.all()),
        "joined_into": agent.joined_into.external_id if agent.joined_into else None,
    }


def _change(change: AgentChange) -> dict[str, Any]:
    return logged(change) | {
        "external_id": change.external_id,
        "into": change.into,
    }
