"""Follow-ups as their pages show them, and the list narrowed by what the URL asks for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from surveys.console.case_list import customer_of
from surveys.console.survey_words import may_know_answers
from surveys.models import Cause, FollowUp, User
from surveys.services import follow_ups
from surveys.services.access import Scope

PAGE: Final = 50
#: What can be shown, by its name in the URL.
SHOWS: Final = {
    "open": "Open",
    "mine": "Mine",
    "overdue": "Overdue",
    "done": "Done",
    "withdrawn": "Taken back",
    "all": "All",
}
KINDS: Final = dict(FollowUp.Kind.choices)


@dataclass(frozen=True)
class Line:
    """One follow-up. `customer` is empty for who may not know who answered; `fix` and `comment` are
    for who may know what a single case was answered."""

    found: FollowUp
    case_id: int
    subject: str
    external_id: str
    customer: str
    cause: str
    fix: int | None
    comment: str
    is_overdue: bool


def asked_for(
    show: str, kind: str, cause: Cause | None, user: User, scope: Scope, now: dt.datetime
) -> QuerySet[FollowUp]:
    """Those that are asked for: what is due first where they are open, else the newest."""
    found = follow_ups.visible(scope)
    if kind in KINDS:
        found = found.filter(kind=kind)
    if cause is not None:
        found = found.filter(response__invitation__resolution__cause=cause)
    is_open = Q(status=FollowUp.Status.OPEN)
    narrow = {
        "open": is_open,
        "mine": is_open & Q(assignee=user),
        "overdue": is_open & Q(due_at__lt=now),
        "done": Q(status=FollowUp.Status.DONE),
        "withdrawn": Q(status=FollowUp.Status.WITHDRAWN),
    }.get(show, Q())
    found = found.filter(narrow)
    if show in ("open", "mine", "overdue"):
        # A wish for news has no day: behind the calls, the oldest first.
        return found.order_by("due_at", "pk")
    return found.order_by("-closed_at", "-pk") if show == "done" else found


def line_of(found: FollowUp, scope: Scope, now: dt.datetime) -> Line:
    """A follow-up as this reader sees it."""
    response = found.response
    resolution = response.invitation.resolution
    case = resolution.case
    shows_answer = scope.sees_fix and may_know_answers(scope)
    return Line(
        found=found,
        case_id=case.pk,
        subject=case.subject,
        external_id=case.external_id,
        customer=customer_of(case) if scope.calls_back else "",
        cause=str(resolution.cause) if resolution.cause else "",
        fix=response.f1 if shows_answer else None,
        comment=response.fix_comment if shows_answer else "",
        is_overdue=found.status == FollowUp.Status.OPEN
        and found.due_at is not None
        and found.due_at < now,
    )
