"""The first sentence of a digest where few answered: no judgement is made of "too few"."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.aggregates import apply_all
from analytics.kept import DigestMail, DigestSubscription
from analytics.sharing.digests import planning
from analytics.sharing.digests.content import digest
from surveys.models import User
from tests.analytics.answered import answer
from tests.analytics.sharing.conftest import MONDAY
from tests.factories import (
    AgentFactory,
    CauseFactory,
    InvitationFactory,
    ResolutionFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def _finding(reader: User) -> str:
    apply_all()
    planning.subscribe(reader, "weekly", 8, MONDAY - dt.timedelta(days=40))
    DigestSubscription.objects.update(next_due_at=MONDAY)
    planning.plan(MONDAY)
    told = digest(DigestMail.objects.get(), MONDAY)
    assert told is not None
    return told.finding


def test_few_ratings_of_a_team_are_counted_and_not_judged() -> None:
    team = TeamFactory.create()
    at = MONDAY - dt.timedelta(days=3)
    for _ in range(3):
        resolution = ResolutionFactory.create(
            team=team, agents=[AgentFactory.create(team=team)], resolved_at=at
        )
        answer(InvitationFactory.create(resolution=resolution, sent_at=at), at=at, f1=5)
    lead = UserFactory.create(role=User.Role.TEAM_LEAD, team=team)
    assert _finding(lead) == "3 ratings so far: too few to say how your team’s customers felt."


def test_without_a_rating_of_the_fix_nothing_is_said_of_it() -> None:
    at = MONDAY - dt.timedelta(days=3)
    resolution = ResolutionFactory.create(cause=CauseFactory.create(), resolved_at=at)
    answer(InvitationFactory.create(resolution=resolution, sent_at=at), at=at, c1=5)
    manager = UserFactory.create(role=User.Role.MANAGER)
    assert _finding(manager) == "Too few answered to say what to mend first."
