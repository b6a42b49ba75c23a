"""Answers for the tests of what is counted: raw rows, changed and erased as the product does it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from surveys.models import AnswerChange, Case, Cause, Invitation, Resolution, Response
from tests.factories import (
    NOW,
    AgentFactory,
    CauseFactory,
    InvitationFactory,
    ProductFactory,
    ResolutionFactory,
    ResponseFactory,
    TeamFactory,
)

RATINGS = ("f1", "f2", "c1", "c2", "c3", "o1")


def answer(invitation: Invitation, *, at: dt.datetime = NOW, **ratings: Any) -> Response:
    """Store an answer with its note for the aggregation, in one transaction."""
    empty = {"f1": None, "c1": None}
    with transaction.atomic():
        response: Response = ResponseFactory(
            invitation=invitation, answered_at=at, **{**empty, **ratings}
        )
        AnswerChange.objects.create(response_id=response.pk)
    return response


def change(response_id: int, **ratings: Any) -> None:
    """Answer differently."""
    with transaction.atomic():
        Response.objects.filter(pk=response_id).update(**ratings)
        AnswerChange.objects.create(response_id=response_id)


def erase(response_id: int) -> None:
    """Take a response away altogether."""
    with transaction.atomic():
        Response.objects.filter(pk=response_id).delete()
        AnswerChange.objects.create(response_id=response_id)


def invitations(n: int) -> list[Invitation]:
    """Invitations of cases that differ in everything that is counted by: one agent, two, three or
    none; with and without team, cause and product; resolved on different days."""
    teams = [TeamFactory(), TeamFactory(), None]
    causes = [CauseFactory(), CauseFactory(), None]
    products = [ProductFactory(), None]
    agents = [AgentFactory(team=None) for _ in range(4)]
    made = []
    for k in range(n):
        handlers = [agents[(k + j) % 4] for j in range((1, 2, 1, 3, 1, 0)[k % 6])]
        resolution = ResolutionFactory(
            team=teams[k % 3],
            cause=causes[(k // 2) % 3],
            product=products[k % 2],
            channel=("phone", "chat")[k % 2],
            agents=handlers,
            n_agents=len(handlers),
            human_handled=bool(handlers),
            resolved_at=NOW - dt.timedelta(days=k % 5, hours=11),
        )
        made.append(
            InvitationFactory.create(
                resolution=resolution, arm=("fix_first", "cause_first")[k % 2], sent_at=NOW
            )
        )
    return made


def resolved(cause: Cause, at: dt.datetime, n: int) -> list[Resolution]:
    """So many cases that one cause brought, resolved by somebody at a time."""
    made = Case.objects.bulk_create(
        Case(source="x", external_id=f"{cause.pk}-{at}-{k}", status="resolved", last_event_at=at)
        for k in range(n)
    )
    return Resolution.objects.bulk_create(
        Resolution(case=case, resolved_at=at, cause=cause, n_agents=1, human_handled=True)
        for case in made
    )
