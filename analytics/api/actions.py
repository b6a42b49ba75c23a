"""`/api/v1/actions/`: preventive actions, registered, corrected and withdrawn. Whether they worked
says `/api/v1/reports/actions/`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import msgspec
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import actions as acting
from analytics.api import described_actions as described
from analytics.api.acting import LARGEST, member, text_of
from analytics.console.action_forms import visible_actions
from analytics.registered import Action
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.doing import Nothing, actor_of, fault, numbered
from surveys.api.paging import page_of_rows
from surveys.api.permissions import HasScope, sight_of
from surveys.models import Cause, User
from surveys.services.access import Scope

_READING: Final = HasScope("reports:read", writing=("admin",), narrowed=True)
_ANSWER_FOR: Final = frozenset(
    {User.Role.ADMIN, User.Role.MANAGER, User.Role.ANALYST, User.Role.CAUSE_OWNER}
)


class NewAction(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An action to be registered."""

    cause: str
    title: str
    began_on: dt.date
    done_on: dt.date | None = None
    text: str = ""
    owner: str | None = None


class ChangedAction(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays."""

    title: str | UnsetType = UNSET
    began_on: dt.date | UnsetType = UNSET
    done_on: dt.date | UnsetType | None = UNSET
    text: str | UnsetType = UNSET
    owner: str | UnsetType | None = UNSET
    note: str = ""


class Why(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why it is withdrawn."""

    note: str = ""


class Actions(ApiView):
    """`/actions/`"""

    permission_classes = [_READING]

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        found = _visible(sight_of(request))
        if code := request.query_params.get("cause", ""):
            found = found.filter(cause__in=_merged(_cause("cause", code)))
        shown, following = page_of_rows(request, found, by="registered_at")
        return page([_described(each) for each in shown], following)

    @extend_schema(**described.ADD)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, NewAction)
        cause = _cause("cause", sent.cause)
        wish = acting.Wish(
            text_of("title", sent.title, 200),
            text_of("text", sent.text, 4_000),
            _owner(sent.owner, cause),
            sent.began_on,
            sent.done_on,
        )

        def effect() -> tuple[int, Any]:
            try:
                action = acting.register(actor_of(request), cause, wish, timezone.now())
            except acting.ActionError as error:
                raise fault(error.field, str(error)) from error
            return 201, _with_log(action)

        return answer_once(request, body, effect)


class OneAction(ApiView):
    """`/actions/{id}/`"""

    permission_classes = [_READING]

    @extend_schema(**described.READ)
    def get(self, request: Request, number: int) -> Response:
        return one(_with_log(_found(number, sight_of(request))))

    @extend_schema(**described.CHANGE)
    def patch(self, request: Request, number: int) -> Response:
        sent = decode(body_of(request, largest=LARGEST), ChangedAction)
        action = _found(number, sight_of(request))
        demand_unchanged(request, _with_log(action))
        cause = action.cause.merged_into or action.cause
        wish = acting.Wish(
            action.title if sent.title is UNSET else text_of("title", sent.title, 200),
            action.text if sent.text is UNSET else text_of("text", sent.text, 4_000),
            action.owner if sent.owner is UNSET else _owner(sent.owner, cause),
            action.began_on if sent.began_on is UNSET else sent.began_on,
            action.done_on if sent.done_on is UNSET else sent.done_on,
        )
        note = text_of("note", sent.note, 500)
        try:
            acting.correct(number, actor_of(request), wish, note, timezone.now())
        except acting.ActionError as error:
            raise fault(error.field, str(error)) from error
        return one(_with_log(_found(number, sight_of(request))))


class Withdraw(ApiView):
    """`/actions/{id}/withdraw/`"""

    permission_classes = [_READING]

    @extend_schema(**described.WITHDRAW)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        note = text_of("note", decode(body, Why).note, 500)
        return _act(
            request,
            number,
            body,
            lambda: acting.withdraw(number, actor_of(request), note, timezone.now()),
        )


class Restore(ApiView):
    """`/actions/{id}/restore/`"""

    permission_classes = [_READING]

    @extend_schema(**described.RESTORE)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)
        return _act(
            request,
            number,
            body,
            lambda: acting.restore(number, actor_of(request), timezone.now()),
        )


def _act(request: Request, number: int, body: bytes, effect: Callable[[], Action]) -> HttpResponse:
    scope = sight_of(request)
    _found(number, scope)

    def run() -> tuple[int, Any]:
        effect()
        return 200, _with_log(_found(number, scope))

    return answer_once(request, body, run)


def _visible(scope: Scope) -> QuerySet[Action]:
    """Raises: Http404 for who sees no causes."""
    if not scope.sees_cause:
        raise Http404
    return visible_actions(scope)


def _found(number: int, scope: Scope) -> Action:
    return numbered(_visible(scope), number, "action")


def _cause(field: str, code: str) -> Cause:
    """A cause by its code, or what it was merged into. Raises: Problem."""
    found = (
        Cause.objects.select_related("merged_into").filter(code=text_of(field, code, 200)).first()
    )
    if found is None:
        raise fault(field, f"There is no cause “{code[:100]}”.")
    return found.merged_into or found


def _merged(cause: Cause) -> list[int]:
    return [cause.pk, *Cause.objects.filter(merged_into=cause).values_list("pk", flat=True)]


def _owner(email: str | None, cause: Cause) -> User | None:
    """Who answers for it: somebody who may see the cause. Raises: Problem."""
    if email is None:
        return None
    found = member("owner", email)
    if found.role not in _ANSWER_FOR and not found.is_superuser:
        raise fault("owner", f"{found.email} may not see causes.")
    if found.role == User.Role.CAUSE_OWNER and cause.owner_id != found.pk:
        raise fault("owner", f"{found.email} does not own this cause and would not see it.")
    return found


def _described(action: Action) -> dict[str, Any]:
    cause = action.cause.merged_into or action.cause
    return {
        "id": action.pk,
        "cause": {"code": cause.code, "name": cause.name},
        "title": action.title,
        "text": action.text,
        "owner": action.owner.email if action.owner else None,
        "began_on": action.began_on,
        "done_on": action.done_on,
        "registered_at": action.registered_at,
        "dated_at": action.dated_at,
        "withdrawn_at": action.withdrawn_at,
    }


def _with_log(action: Action) -> dict[str, Any]:
    log = [
        {
            "at": change.at,
            "who": change.actor,
            "what": change.kind,
            "before": change.before,
            "after": change.after,
            "note": change.note,
        }
        for change in action.changes.all()
    ]
    return {**_described(action), "log": log}
