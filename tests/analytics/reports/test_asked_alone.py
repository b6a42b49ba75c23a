"""A survey that asks about the fix alone, or the cause alone: each report counts its own n."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from analytics import reports
from analytics.aggregates import apply_all, verify
from analytics.filters import Filters
from surveys.models import Invitation, Response
from surveys.services.access import API_REPORTS
from surveys.services.publishing import ensure_defaults
from surveys.services.tokens import token_of
from tests.factories import (
    AgentFactory,
    CauseFactory,
    InvitationFactory,
    QuestionnaireVersionFactory,
    ResolutionFactory,
)

pytestmark = pytest.mark.django_db


def _answer(invitation: Invitation, **posted: str) -> None:
    token = token_of(invitation.nonce)
    answer = Client().post(f"/s/{token}/", posted)
    assert answer.status_code in {200, 302, 303}


def test_each_report_counts_what_it_was_answered() -> None:
    cache.clear()
    ensure_defaults()
    agent, cause = AgentFactory(), CauseFactory()
    version = QuestionnaireVersionFactory()
    asked = {}
    for asks in ("both", "fix", "cause", "fix"):
        resolution = ResolutionFactory(agents=[agent], cause=cause)
        asked[resolution.pk] = InvitationFactory(
            resolution=resolution, version=version, asks=asks, arm="cause_first", expires_at=None
        )
    both, fix, blame, silent = asked.values()
    _answer(both, F1="5", C1="5", F2="4")
    # What is not asked is not taken, whoever posts it.
    _answer(fix, F1="4", F2="5", C1="5")
    _answer(blame, C1="4", F1="1")
    assert Response.objects.filter(completed_at__isnull=False).count() == 3
    apply_all()
    assert verify() == []
    seen = reports.overview(Filters(), API_REPORTS)
    assert (seen.invited, seen.completed, seen.response_rate) == (4, 3, 0.75)
    [row] = reports.agents(Filters(), API_REPORTS).results
    assert row.n == 2
    [row_of_cause] = reports.causes(Filters(), API_REPORTS).results
    assert (row_of_cause.cases, row_of_cause.n) == (4, 2)
    assert seen.fix is not None
    assert seen.cause is not None
    assert seen.masked is not None
    assert (seen.fix.n, seen.cause.n, seen.masked.n) == (2, 2, 1)
    assert silent.asks == "fix"
