"""What stands on the page of one agent or one cause beside its row: the mix of an agent's cases,
who comes back with a cause, and the words that its customers use."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import reports
from analytics.api import described_stories, files
from analytics.api.views import Report, answers, as_report_file
from analytics.filters import FilterError, Filters
from analytics.reports import NotVisible
from analytics.reports.mix import MixRow
from surveys.api.base import one
from surveys.api.permissions import Scope as KeyScope
from surveys.api.permissions import scopes_of, sight_of
from surveys.console.choices import visible_cause
from surveys.models import Agent, Cause
from surveys.services.access import Scope

_MIX: Final = files.columns_of(MixRow)


class AgentMix(Report):
    """`/reports/agents/{external_id}/mix/`"""

    @extend_schema(**described_stories.AGENT_MIX)
    @answers()
    def get(
        self, request: Request, filters: Filters, scope: Scope, external_id: str
    ) -> HttpResponseBase:
        if filters.agent:
            raise FilterError("agent", "The agent stands in the address.")
        report = reports.agent_mix(filters, scope, _agent(external_id)).as_dict()
        rows = report["results"]
        return as_report_file(request, "agent-mix", filters, rows, _MIX) or one(
            {**report, "next": None}
        )


class CauseStory(Report):
    """`/reports/causes/{code}/story/`"""

    @extend_schema(**described_stories.CAUSE_STORY)
    def get(self, request: Request, code: str) -> Response:
        scope = sight_of(request)
        if KeyScope.RESPONSES_READ not in scopes_of(request, narrowed=True):
            scope = replace(scope, hears_comments=False)  # words are of comments
        try:
            cause = visible_cause(scope, code)
            report = reports.cause_story(scope, cause.id, timezone.now().date())
        except (Cause.DoesNotExist, NotVisible, ValueError):
            raise Http404 from None
        return one(report.as_dict())


def _agent(external_id: str) -> int:
    """The agent that an id belongs to. Raises: Http404."""
    if "\x00" in external_id:
        raise Http404
    found = Agent.objects.filter(external_id=external_id).first()
    if found is None:
        raise Http404
    return found.joined_into_id or found.pk
