"""One case told in order: what happened, what was decided, what was sent, what was said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.text import capfirst

from surveys.console.case_list import (
    agents_of,
    customer_of,
    invitation_of,
)
from surveys.console.survey_words import (
    DeliveryLine,
    Survey,
    may_know_answers,
    survey_of,
)
from surveys.models import CaseEvent, Invitation, Resolution, Response
from surveys.services import own_answers
from surveys.services.access import Scope, visible_cases, visible_resolutions
from surveys.services.own_answers import OwnAnswer

__all__ = ["Answer", "CaseStory", "DeliveryLine", "EventLine", "ResolutionStory", "tell"]


@dataclass(frozen=True)
class EventLine:
    status: str
    label: str
    occurred_at: dt.datetime
    received_at: dt.datetime


@dataclass(frozen=True)
class Answer:
    """What was answered, each side only where the reader may see that side."""

    answered_at: dt.datetime
    is_complete: bool
    n_revisions: int
    fix: int | None
    cause: int | None
    fix_comment: str
    cause_comment: str
    sees_fix: bool
    sees_cause: bool
    own: tuple[OwnAnswer, ...]


@dataclass(frozen=True)
class ResolutionStory:
    """A resolution, with who and what it was at that moment."""

    number: int
    resolved_at: dt.datetime
    reopened_at: dt.datetime | None
    facts: list[tuple[str, str]]
    survey: Survey
    answer: Answer | None
    answer_is_hidden: bool


@dataclass(frozen=True)
class CaseStory:
    id: int
    source: str
    external_id: str
    subject: str
    status: str
    status_label: str
    severity: str
    tags: list[str]
    opened_at: dt.datetime | None
    customer: str
    hides_identity: bool
    is_sample: bool
    events: list[EventLine]
    resolutions: list[ResolutionStory]


def tell(scope: Scope, **key: int | str) -> CaseStory:
    """The story of a case, by `pk` or by `source` and `external_id`.

    Raises Case.DoesNotExist where the scope does not reach it.
    """
    resolutions = (
        visible_resolutions(scope)
        .select_related("team", "product", "cause", "invitation__policy", "invitation__response")
        .prefetch_related("handled_by__agent", "invitation__deliveries__reports")
        .order_by("-resolved_at", "-id")
    )
    case = (
        visible_cases(scope)
        .select_related("customer")
        .prefetch_related(
            Prefetch("events", CaseEvent.objects.order_by("occurred_at", "id")),
            Prefetch("resolutions", resolutions, to_attr="seen"),
        )
        .get(**key)
    )
    seen: list[Resolution] = case.seen
    return CaseStory(
        id=case.pk,
        source=case.source,
        external_id=case.external_id,
        subject=case.subject,
        status=case.status,
        status_label=case.get_status_display(),
        severity=case.severity,
        tags=list(case.tags),
        opened_at=case.opened_at,
        customer=customer_of(case) if scope.sees_identity else "",
        hides_identity=not scope.sees_identity,
        is_sample=case.is_sample,
        events=[_event(event) for event in case.events.all()],
        resolutions=[
            _resolution(resolution, len(seen) - position, scope)
            for position, resolution in enumerate(seen)
        ],
    )


def _event(event: CaseEvent) -> EventLine:
    return EventLine(event.status, event.get_status_display(), event.occurred_at, event.received_at)


def _resolution(resolution: Resolution, number: int, scope: Scope) -> ResolutionStory:
    invitation = invitation_of(resolution)
    return ResolutionStory(
        number=number,
        resolved_at=resolution.resolved_at,
        reopened_at=resolution.reopened_at,
        facts=_facts(resolution, scope),
        survey=survey_of(invitation, scope),
        answer=_answer(invitation, scope),
        answer_is_hidden=not may_know_answers(scope),
    )


def _facts(resolution: Resolution, scope: Scope) -> list[tuple[str, str]]:
    facts = [
        ("Cause", str(resolution.cause or "")),
        ("Product", str(resolution.product or "")),
        ("Channel", capfirst(resolution.channel)),
        ("Severity", capfirst(resolution.severity)),
    ]
    if scope.sees_agents:
        handled = agents_of(resolution) if resolution.human_handled else "no person"
        facts = [("Handled by", handled), ("Team", str(resolution.team or "")), *facts]
    return [(label, value) for label, value in facts if value]


def _answer(invitation: Invitation | None, scope: Scope) -> Answer | None:
    if invitation is None or not may_know_answers(scope):
        return None
    try:
        response = invitation.response
    except Response.DoesNotExist:
        return None
    return Answer(
        answered_at=response.answered_at,
        is_complete=response.completed_at is not None,
        n_revisions=response.n_revisions,
        fix=response.f1 if scope.sees_fix else None,
        cause=response.c1 if scope.sees_cause else None,
        fix_comment=response.fix_comment if scope.sees_fix else "",
        cause_comment=response.cause_comment if scope.sees_cause else "",
        sees_fix=scope.sees_fix,
        sees_cause=scope.sees_cause,
        own=_own_answers(invitation, response, scope),
    )


def _own_answers(invitation: Invitation, response: Response, scope: Scope) -> tuple[OwnAnswer, ...]:
    if invitation.version_id is None or not response.extra:
        return ()
    seen = own_answers.seen(invitation.version_id, response.extra, scope)
    product = str(invitation.resolution.product or "")
    return own_answers.in_words(invitation.version_id, seen, product=product)
