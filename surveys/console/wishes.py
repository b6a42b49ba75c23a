"""What customers asked for on the thank-you page: to be called back, to hear when it is fixed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from surveys.console.case_list import customer_of
from surveys.console.survey_words import may_know_answers
from surveys.models import Response
from surveys.services.access import Scope, visible_resolutions

MOST = 200


@dataclass(frozen=True)
class Wish:
    """One customer's wish. `customer` is empty for who may not know who answered; `fix` and
    `comment` are for who may know what a single case was answered."""

    case_id: int
    subject: str
    external_id: str
    customer: str
    cause: str
    wants_call_back: bool
    wants_news: bool
    fix: int | None
    comment: str
    wished_at: dt.datetime


def newest_wishes(scope: Scope) -> list[Wish]:
    """The newest wishes inside the limits of a scope, at most 200, call-backs and news alike."""
    found = (
        Response.objects.filter(Q(wants_call_back=True) | Q(wants_news=True))
        .filter(invitation__resolution__in=visible_resolutions(scope))
        .select_related("invitation__resolution__case__customer", "invitation__resolution__cause")
        .order_by("-changed_at", "-pk")[:MOST]
    )
    return [_wish(response, scope) for response in found]


def _wish(response: Response, scope: Scope) -> Wish:
    resolution = response.invitation.resolution
    case = resolution.case
    shows_answer = scope.sees_fix and may_know_answers(scope)
    return Wish(
        case_id=case.pk,
        subject=case.subject,
        external_id=case.external_id,
        customer=customer_of(case) if scope.calls_back else "",
        cause=str(resolution.cause) if resolution.cause else "",
        wants_call_back=response.wants_call_back,
        wants_news=response.wants_news,
        fix=response.f1 if shows_answer else None,
        comment=response.fix_comment if shows_answer else "",
        wished_at=response.changed_at,
    )
