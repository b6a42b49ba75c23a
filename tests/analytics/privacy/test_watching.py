"""An attacker who writes down today what tomorrow's figures are compared with."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from analytics import reports
from analytics.aggregates import apply_all
from analytics.filters import Filters
from surveys.models import AnswerChange, Response, User
from surveys.services.access import Scope, scope_for
from tests.analytics.answered import answer
from tests.factories import (
    AgentFactory,
    CauseFactory,
    InvitationFactory,
    ResolutionFactory,
    ResponseRevisionFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Figures = tuple[int, float | None, float | None]


def _says(response: Response, at: dt.datetime, **said: int) -> None:
    """One more go at the survey, as the survey's pages store it."""
    for name, rating in said.items():
        setattr(response, name, rating)
    response.changed_at = at
    response.n_revisions += 1
    response.save()
    told = {name.upper(): rating for name, rating in said.items()}
    ResponseRevisionFactory.create(
        response=response, number=response.n_revisions, answers=told, submitted_at=at
    )
    AnswerChange.objects.create(response_id=response.pk)


def _seen(scope: Scope) -> Figures:
    apply_all()
    report = reports.overview(Filters(), scope)
    if report.fix is not None:
        return report.fix.n, report.fix.mean, report.fix.top2
    assert report.cause is not None
    return report.cause.n, report.cause.mean, report.cause.dismayed


@pytest.mark.parametrize(("side", "other", "least"), [("f1", "c1", 5), ("c1", "f1", 5)])
def test_a_rating_that_comes_late_moves_nobody_into_another_group(
    side: str, other: str, least: int
) -> None:
    """The second page is sent days after the first: the one who did it stands in no group that was
    told before. Else its sum would change by one leaving and one coming, and tell both."""
    team, agent = TeamFactory.create(), AgentFactory.create()
    owner = UserFactory.create(role=User.Role.CAUSE_OWNER)
    cause = CauseFactory.create(owner=owner)
    lead = UserFactory.create(role=User.Role.TEAM_LEAD, team=team)
    scope = scope_for(lead if side == "f1" else owner)
    start = timezone.now() - dt.timedelta(days=9)

    def began(hours: int, **said: int) -> Response:
        at = start + dt.timedelta(hours=hours)
        resolution = ResolutionFactory.create(
            team=team, agents=[agent], cause=cause, resolved_at=start
        )
        asked = InvitationFactory.create(resolution=resolution, sent_at=start)
        response = answer(asked, at=at, **said)
        told = {name.upper(): rating for name, rating in said.items()}
        ResponseRevisionFactory.create(response=response, answers=told, submitted_at=at)
        return response

    late = began(0, **{other: 2})
    for k in range(least):
        began(k + 1, **{side: 5 if k else 1, other: 3})
    told = _seen(scope)
    assert told[0] == least
    _says(late, timezone.now(), **{side: 3})
    assert _seen(scope) == told
    # With the next four it makes a group of its own.
    for k in range(least - 1):
        began(200 + k, **{side: 4})
    assert _seen(scope)[0] == 2 * least
