"""Follow-ups: listed, given to somebody, closed with an outcome, opened again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import msgspec
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_follow_ups as described
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.doing import Nothing, actor_of, chosen, fault, numbered
from surveys.api.paging import page_of_rows
from surveys.api.permissions import HasScope, sight_of
from surveys.models import FollowUp, User
from surveys.services import follow_ups
from surveys.services.access import Scope
from surveys.services.follow_ups import LONGEST_OUTCOME, FollowUpError

LARGEST: Final = 16 * 1024
_READING: Final = HasScope("responses:read", writing=("admin",), narrowed=True)


class Assignment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Who takes care of it; null for nobody."""

    assignee: str | None


class Outcome(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What came of it."""

    outcome: str


class FollowUps(ApiView):
    """`/follow-ups/`"""

    permission_classes = [_READING]

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        scope = sight_of(request)
        found = _narrowed(request, _visible(scope))
        shown, following = page_of_rows(request, found, by="opened_at")
        return page([_described(each, scope) for each in shown], following)


class OneFollowUp(ApiView):
    """`/follow-ups/{id}/`"""

    permission_classes = [_READING]

    @extend_schema(**described.READ)
    def get(self, request: Request, number: int) -> Response:
        scope = sight_of(request)
        return one(_with_log(_found(number, scope), scope))


class Assign(ApiView):
    """`/follow-ups/{id}/assign/`"""

    permission_classes = [_READING]

    @extend_schema(**described.ASSIGN)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, Assignment)

        def effect(by: str, now: dt.datetime) -> None:
            follow_ups.assign(number, _user(sent.assignee), by, now)

        return _act(request, number, body, effect)


class Close(ApiView):
    """`/follow-ups/{id}/close/`"""

    permission_classes = [_READING]

    @extend_schema(**described.CLOSE)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, Outcome)
        if len(sent.outcome) > LONGEST_OUTCOME:
            raise fault("outcome", f"must have at most {LONGEST_OUTCOME:,} characters")

        def effect(by: str, now: dt.datetime) -> None:
            follow_ups.close(number, sent.outcome, by, now)

        return _act(request, number, body, effect)


class Reopen(ApiView):
    """`/follow-ups/{id}/reopen/`"""

    permission_classes = [_READING]

    @extend_schema(**described.REOPEN)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)

        def effect(by: str, now: dt.datetime) -> None:
            follow_ups.reopen(number, by, now)

        return _act(request, number, body, effect)


def _act(
    request: Request, number: int, body: bytes, effect: Callable[[str, dt.datetime], None]
) -> HttpResponse:
    scope = sight_of(request)
    _found(number, scope)

    def run() -> tuple[int, Any]:
        try:
            effect(actor_of(request), timezone.now())
        except FollowUpError as error:
            raise fault(error.field, str(error)) from error
        return 200, _with_log(_found(number, scope), scope)

    return answer_once(request, body, run)


def _user(email: str | None) -> User | None:
    """A member of staff by address. Raises: Problem."""
    if email is None:
        return None
    found = User.objects.filter(email=email.strip().lower().replace("\x00", "")[:254]).first()
    if found is None:
        raise fault("assignee", "There is no such member of staff.")
    return found


def _narrowed(request: Request, found: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    """By `status`, `kind`, `assignee` and `overdue`. Raises: Problem."""
    for name, known in (("status", FollowUp.Status.values), ("kind", FollowUp.Kind.values)):
        if value := chosen(request, name, known):
            found = found.filter(**{name: value})
    if email := request.query_params.get("assignee", ""):
        found = found.filter(assignee=_user(email))
    overdue = request.query_params.get("overdue", "")
    if overdue not in ("", "0", "1"):
        raise fault("overdue", "must be 1")
    if overdue == "1":
        found = found.filter(status=FollowUp.Status.OPEN, due_at__lt=timezone.now())
    return found


def _visible(scope: Scope) -> QuerySet[FollowUp]:
    """Raises: Http404 for roles that have no part in follow-ups."""
    if not scope.sees_fix or scope.agent_ids is not None:
        raise Http404
    return follow_ups.visible(scope)


def _found(number: int, scope: Scope) -> FollowUp:
    return numbered(_visible(scope), number, "follow-up")


def _described(found: FollowUp, scope: Scope) -> dict[str, Any]:
    resolution = found.response.invitation.resolution
    customer = resolution.case.customer
    is_told = scope.calls_back and customer is not None and customer.erased_at is None
    return {
        "id": found.pk,
        "kind": found.kind,
        "status": found.status,
        "case": {"source": resolution.case.source, "external_id": resolution.case.external_id},
        "cause": resolution.cause.code if resolution.cause else None,
        "assignee": found.assignee.email if found.assignee else None,
        "opened_at": found.opened_at,
        "due_at": found.due_at,
        "closed_at": found.closed_at,
        "customer": {name: getattr(customer, name) or None for name in ("email", "phone", "name")}
        if is_told
        else None,
        # Words of staff, who may name the customer.
        "outcome": (found.outcome or None) if scope.calls_back else None,
    }


def _with_log(found: FollowUp, scope: Scope) -> dict[str, Any]:
    log = [
        {
            "at": change.at,
            "who": change.actor,
            "what": change.kind,
            "note": (change.note or None) if scope.calls_back else None,
        }
        for change in found.changes.all()
    ]
    return {**_described(found, scope), "log": log}
