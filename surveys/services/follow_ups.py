"""Follow-ups: opened by a wish, assigned, done with an outcome, opened again.

    follow(response_id, wanted, now)                 what the customer wishes now
    assign(pk, assignee, by, now), close(pk, outcome, by, now), reopen(pk, by, now)
    visible(scope), may_act(scope), possible_assignees(follow_up)

Each change locks its row, is written down, and told to whoever asked for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from surveys.models import FollowUp, FollowUpChange, Response, User
from surveys.services.access import Scope, visible_resolutions
from surveys.services.outgoing import kinds, noting, payloads

Kind = FollowUp.Kind
Status = FollowUp.Status
Change = FollowUpChange.Kind
LONGEST_OUTCOME: Final = 1000
#: Whom the log names where no member of staff did it.
CUSTOMER: Final = "the customer"
_SATURDAY: Final = 5
#: Who may be given any follow-up; a lead of its team may as well.
_ANYTHING: Final = (User.Role.ADMIN, User.Role.MANAGER)


class FollowUpError(ValueError):
    """Why a change is refused, in words; `field` is the one to mend, or empty."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def due_after(now: dt.datetime, working_days: int) -> dt.datetime:
    """The same time of day so many working days later: Monday to Friday, where the company is.
    Public holidays are not known."""
    local = now.astimezone(ZoneInfo(settings.COMPANY_TIME_ZONE))
    for _ in range(working_days):
        local += dt.timedelta(days=1)
        while local.weekday() >= _SATURDAY:
            local += dt.timedelta(days=1)
    return local.astimezone(dt.UTC)


def follow(response_id: int, wanted: Mapping[Kind, bool], now: dt.datetime) -> None:
    """Open and withdraw the follow-ups of a response as its customer wishes now, within the
    caller's transaction, which holds the response. One that is done stays done: the page sends each
    wish again whenever it is saved."""
    held = {one.kind: one for one in FollowUp.objects.filter(response_id=response_id)}
    for kind, is_wanted in wanted.items():
        found = held.get(kind)
        if is_wanted and (found is None or found.status == Status.WITHDRAWN):
            _open(found or FollowUp(response_id=response_id, kind=kind), now)
        elif not is_wanted and found is not None and found.status == Status.OPEN:
            found.status, found.closed_at = Status.WITHDRAWN, now
            found.save(update_fields=["status", "closed_at"])
            _note(found, CUSTOMER, Change.WITHDRAWN, now)
            _tell(kinds.FOLLOW_UP_CLOSED, found, now)


def _open(found: FollowUp, now: dt.datetime) -> None:
    found.status, found.opened_at, found.closed_at, found.outcome = Status.OPEN, now, None, ""
    is_call = found.kind == Kind.CALL_BACK
    found.due_at = due_after(now, settings.FOLLOW_UP_DAYS) if is_call else None
    found.save()
    _note(found, CUSTOMER, Change.OPENED, now)
    _tell(kinds.FOLLOW_UP_OPENED, found, now)


def assign(pk: int, assignee: User | None, by: str, now: dt.datetime) -> FollowUp:
    """Give an open follow-up to somebody, or to nobody. `by` stands in the log.

    Raises: FollowUpError; FollowUp.DoesNotExist.
    """
    with transaction.atomic():
        found = _locked(pk)
        if found.status != Status.OPEN:
            raise FollowUpError("", "It is closed; open it again before giving it to anybody.")
        if assignee is not None and not possible_assignees(found).filter(pk=assignee.pk).exists():
            raise FollowUpError("assignee", f"{assignee} may not see this customer.")
        if found.assignee_id == (assignee.pk if assignee else None):
            return found
        found.assignee = assignee
        found.save(update_fields=["assignee"])
        _note(found, by, Change.ASSIGNED, now, assignee.email if assignee else "nobody")
        _tell(kinds.FOLLOW_UP_CHANGED, found, now)
    return found


def close(pk: int, outcome: str, by: str, now: dt.datetime) -> FollowUp:
    """Mark a follow-up as done, with what came of it. Again changes nothing but the words.

    Raises: FollowUpError; FollowUp.DoesNotExist.
    """
    words = _words(outcome)
    with transaction.atomic():
        found = _locked(pk)
        if found.status == Status.WITHDRAWN:
            raise FollowUpError("", "The customer has taken the wish back.")
        if found.status == Status.DONE and found.outcome == words:
            return found
        is_new = found.status == Status.OPEN
        found.status, found.outcome = Status.DONE, words
        found.closed_at = now if is_new else found.closed_at
        found.save(update_fields=["status", "outcome", "closed_at"])
        _note(found, by, Change.DONE, now, words)
        _tell(kinds.FOLLOW_UP_CLOSED if is_new else kinds.FOLLOW_UP_CHANGED, found, now)
    return found


def reopen(pk: int, by: str, now: dt.datetime) -> FollowUp:
    """Undo that a follow-up is done; it is due when it was. What was noted stays in the log.

    Raises: FollowUpError where the customer took the wish back; FollowUp.DoesNotExist.
    """
    with transaction.atomic():
        found = _locked(pk)
        if found.status == Status.WITHDRAWN:
            raise FollowUpError("", "The customer has taken the wish back.")
        if found.status == Status.OPEN:
            return found
        found.status, found.closed_at, found.outcome = Status.OPEN, None, ""
        found.save(update_fields=["status", "closed_at", "outcome"])
        _note(found, by, Change.REOPENED, now)
        _tell(kinds.FOLLOW_UP_CHANGED, found, now)
    return found


def visible(scope: Scope) -> QuerySet[FollowUp]:
    """The follow-ups inside the limits of a scope. They name a case, so agents and owners of
    causes, whose figures come in groups, see none."""
    if not scope.sees_fix or scope.agent_ids is not None or scope.cause_ids is not None:
        return FollowUp.objects.none()
    found = FollowUp.objects.select_related(
        "assignee",
        "response__invitation__resolution__cause",
        "response__invitation__resolution__case__customer",
    )
    if scope.is_unlimited:
        return found
    return found.filter(response__invitation__resolution__in=visible_resolutions(scope))


def may_act(scope: Scope) -> bool:
    """Whether somebody who may see who asked: nobody else could do what was asked for."""
    return scope.calls_back


def possible_assignees(found: FollowUp) -> QuerySet[User]:
    """Who may be given a follow-up: those who may see whom it is about."""
    team = found.response.invitation.resolution.team_id
    leads = Q(role=User.Role.TEAM_LEAD, team__isnull=False, team=team)
    return User.objects.filter(
        Q(role__in=_ANYTHING) | leads | Q(is_superuser=True), is_active=True
    ).order_by("name", "email")


def waiting_for_news(cause_id: int) -> int:
    """How many customers wait to hear that a cause is fixed."""
    about = Q(response__invitation__resolution__cause_id=cause_id)
    return FollowUp.objects.filter(about, kind=Kind.NEWS, status=Status.OPEN).count()


def _locked(pk: int) -> FollowUp:
    found = FollowUp.objects.select_for_update(of=("self",)).select_related(
        "assignee", "response__invitation__resolution"
    )
    return found.get(pk=pk)


def _words(outcome: str) -> str:
    """The outcome as it is kept. Raises: FollowUpError."""
    lines = ("".join(c if c.isprintable() else " " for c in one) for one in outcome.splitlines())
    words = "\n".join(line.rstrip() for line in lines).strip()
    if not words:
        raise FollowUpError("outcome", "Say in a few words what came of it.")
    if len(words) > LONGEST_OUTCOME:
        raise FollowUpError("outcome", f"At most {LONGEST_OUTCOME:,} characters.")
    return words


def _note(found: FollowUp, actor: str, kind: Change, now: dt.datetime, note: str = "") -> None:
    FollowUpChange.objects.create(
        follow_up=found, actor=actor[:254], kind=kind, at=now, note=note[:LONGEST_OUTCOME]
    )


def _tell(event: str, found: FollowUp, now: dt.datetime) -> None:
    """Tell endpoints that asked for it; sample data is told to nobody."""
    invitation_id, is_sample = Response.objects.values_list(
        "invitation_id", "invitation__is_sample"
    ).get(pk=found.response_id)
    if not is_sample:
        make = partial(payloads.of_follow_up, found, invitation_id)
        noting.tell(event, make, now, invitation_id=invitation_id)
