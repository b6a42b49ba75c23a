"""The causes as a list of words: renamed, given an owner, kept, merged, and all of it undone."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_causes as described
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.doing import (
    Nothing,
    author_of,
    chosen,
    fault,
    logged,
    named,
    numbered,
    refusing,
    storable,
)
from surveys.api.paging import page_of_names, page_of_rows
from surveys.api.permissions import HasScope
from surveys.models import Cause, CauseChange, Team, User
from surveys.questionnaire.texts import languages
from surveys.services import cause_tree, staffing
from surveys.services import causes as service
from surveys.services.authors import Author
from surveys.services.causes import CauseError
from surveys.services.storable import is_storable

LARGEST: Final = 16 * 1024
#: Which causes: those that wait, those in use, those that became part of another.
STATES: Final = {
    "unmapped": Q(mapped_at=None, merged_into=None),
    "mapped": Q(mapped_at__isnull=False, merged_into=None),
    "merged": Q(merged_into__isnull=False),
}
_ADMIN: Final = HasScope("admin")


class ChangedCause(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays."""

    name: str | UnsetType = UNSET
    owner: str | UnsetType | None = UNSET
    owner_team: str | UnsetType | None = UNSET
    parent: str | UnsetType | None = UNSET
    description: str | UnsetType = UNSET
    names: dict[str, str] | UnsetType = UNSET


class Merge(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which cause it becomes part of."""

    into: str


class Causes(ApiView):
    """`/causes/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        found = _every()
        if state := chosen(request, "state", STATES):
            found = found.filter(STATES[state])
        if parent := request.query_params.get("parent", ""):
            found = found.filter(parent=_found(parent))
        if words := request.query_params.get("q", "").strip().replace("\x00", "")[:200]:
            found = found.filter(Q(name__icontains=words) | Q(code__icontains=words))
        shown, following = page_of_names(request, found, by="code")
        return page([_described(each) for each in shown], following)


class OneCause(ApiView):
    """`/causes/{code}/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.READ)
    def get(self, request: Request, code: str) -> Response:
        return one(_described(_found(code)))

    @extend_schema(**described.CHANGE)
    def patch(self, request: Request, code: str) -> Response:
        sent = decode(body_of(request, largest=LARGEST), ChangedCause)
        with transaction.atomic():
            Cause.objects.select_for_update().filter(pk=_found(code).pk).first()
            cause = _found(code)
            demand_unchanged(request, _described(cause))
            _change_words(cause, sent, author_of(request))
            _assign(cause, sent)
        return one(_described(_found(code)))


class Keep(ApiView):
    """`/causes/{code}/keep/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.KEEP)
    def post(self, request: Request, code: str) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)
        cause = _found(code)

        def effect() -> tuple[int, Any]:
            with refusing(CauseError):
                done = service.keep(cause.code, timezone.now(), author_of(request))
            return 201, change_told(done)

        return answer_once(request, body, effect)


class Merging(ApiView):
    """`/causes/{code}/merge/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.PREVIEW)
    def get(self, request: Request, code: str) -> Response:
        into = request.query_params.get("into", "")
        cause = _found(code)
        other = _target(into)
        with refusing(CauseError):
            found = service.preview(cause.code, other.code)
        return one(
            {
                "code": found.source.code,
                "into": found.target.code,
                "n_cases": found.n_cases,
                "n_answers": found.n_answers,
                "aliases": list(found.aliases),
                "takes_owner": found.takes_owner,
            }
        )

    @extend_schema(**described.MERGE)
    def post(self, request: Request, code: str) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, Merge)
        cause = _found(code)

        def effect() -> tuple[int, Any]:
            other = _target(sent.into)
            with refusing(CauseError):
                done = service.merge(cause.code, other.code, timezone.now(), author_of(request))
            return 201, change_told(done)

        return answer_once(request, body, effect)


class Changes(ApiView):
    """`/cause-changes/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.CHANGES)
    def get(self, request: Request) -> Response:
        found = CauseChange.objects.select_related("by", "by_key", "undone_by").defer(
            "moved", "was"
        )
        if code := request.query_params.get("code", "").replace("\x00", ""):
            found = found.filter(code=code)
        shown, following = page_of_rows(request, found, by="made_at")
        return page([change_told(each) for each in shown], following)


class Undo(ApiView):
    """`/cause-changes/{number}/undo/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.UNDO)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)

        def effect() -> tuple[int, Any]:
            known = numbered(CauseChange.objects.defer("moved", "was"), number, "change")
            with refusing(CauseError):
                done = service.undo(known.pk, timezone.now(), author_of(request))
            return 201, change_told(done)

        return answer_once(request, body, effect)


def _every() -> QuerySet[Cause]:
    return Cause.objects.select_related("owner", "owner_team", "merged_into", "parent")


def _found(code: str) -> Cause:
    return named(_every(), "cause", code=code)


def _target(code: str) -> Cause:
    found = _every().filter(code=code).first() if is_storable(code) else None
    if found is None:
        raise fault("into", "must be the code of a cause")
    return found


def _change_words(cause: Cause, sent: ChangedCause, by: Author) -> None:
    """Name, place in the tree and description, each as an entry of the log where it differs."""
    if sent.name is not UNSET and sent.name != cause.name:
        with refusing(CauseError, field="name"):
            service.rename(cause.code, sent.name, by)
    parent = cause.parent.code if cause.parent else None
    if sent.parent is not UNSET and sent.parent != parent:
        if sent.parent is not None and not is_storable(sent.parent):
            raise fault("parent", "must be the code of a cause, or null")
        with refusing(CauseError, field="parent"):
            cause_tree.place(cause.code, sent.parent or "", by)
    description = cause.description if sent.description is UNSET else sent.description
    names = cause.names if sent.names is UNSET else sent.names
    if (description, names) != (cause.description, cause.names):
        _refuse_unstorable(description, names)
        with refusing(CauseError, field="description" if sent.names is UNSET else "names"):
            cause_tree.describe(cause.code, description, names, by)


def _refuse_unstorable(description: str, names: dict[str, str]) -> None:
    storable("description", description, cause_tree.LONGEST_DESCRIPTION)
    for tag, name in names.items():
        if tag not in languages():
            raise fault("names", "must be by languages that surveys speak")
        storable(f"names.{tag}", name, 200)


def _assign(cause: Cause, sent: ChangedCause) -> None:
    """The owner that is named takes the other's place; `owner: null` leaves nobody."""
    if sent.owner is UNSET and sent.owner_team is UNSET:
        return
    user = _user(sent.owner) if isinstance(sent.owner, str) else None
    team = _team(sent.owner_team) if isinstance(sent.owner_team, str) else None
    if user is not None and team is not None:
        raise fault("owner_team", "cannot be given beside owner: it is a person or a team")
    keeps = cause.owner_id if sent.owner is UNSET and team is None else None
    try:
        staffing.assign_cause(cause.pk, user.pk if user else keeps, team.pk if team else None)
    except staffing.StaffingError as error:
        raise fault("owner", str(error)) from error


def _user(email: str) -> User:
    user = User.objects.filter(email=email).first() if is_storable(email) else None
    if user is None:
        raise fault("owner", "must be the address of an active cause owner, or null")
    return user


def _team(name: str) -> Team:
    """The team of this name, or what it became."""
    found = Team.objects.select_related("merged_into")
    team = found.filter(name=name).first() if is_storable(name) else None
    if team is None:
        raise fault("owner_team", "must be the name of a team, or null")
    return team.merged_into or team


def _described(cause: Cause) -> dict[str, Any]:
    merged = cause.merged_into
    state = "merged" if merged else "mapped" if cause.mapped_at else "unmapped"
    return {
        "code": cause.code,
        "name": cause.name,
        "owner": cause.owner.email if cause.owner else None,
        "owner_team": cause.owner_team.name if cause.owner_team else None,
        "state": state,
        "mapped_at": cause.mapped_at,
        "merged_into": merged.code if merged else None,
        "parent": cause.parent.code if cause.parent else None,
        "description": cause.description,
        "names": cause.names,
    }


def change_told(change: CauseChange) -> dict[str, Any]:
    """An entry of the log."""
    return logged(change) | {
        "code": change.code,
        "before": change.before,
        "after": change.after,
    }
