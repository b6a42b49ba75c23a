"""Who may sign in, and which keys exist."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_staff as described
from surveys.api.base import one, page
from surveys.api.bodies import body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.doing import LARGEST, Doing, Nothing, asked, chosen, fault, numbered, refusing
from surveys.api.paging import page_of_names, page_of_rows
from surveys.models import ApiKey, User
from surveys.services import keys, staff_list
from surveys.services.staff_list import Changes, StaffFault


class NewStaff(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A login to be."""

    email: str
    role: str
    name: str = ""
    team: str | None = None
    agent: str | None = None


class ChangedStaff(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays."""

    role: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    team: str | UnsetType | None = UNSET
    agent: str | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


class NewKey(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A key to be."""

    name: str
    scopes: list[str]


class Staff(Doing):
    """`/staff/`"""

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        found = User.objects.select_related("team", "agent")
        if role := chosen(request, "role", User.Role.values):
            found = found.filter(role=role)
        if active := chosen(request, "active", ("true", "false")):
            found = found.filter(is_active=active == "true")
        if words := asked(request, "q"):
            found = found.filter(email__icontains=words) | found.filter(name__icontains=words)
        shown, following = page_of_names(request, found, by="email")
        return page([_described(each) for each in shown], following)

    @extend_schema(**described.ADD)
    def post(self, request: Request) -> HttpResponse:
        made: list[str] = []

        def effect(sent: NewStaff) -> Any:
            told = Changes(role=sent.role, name=sent.name, team=sent.team, agent=sent.agent)
            try:
                user, password = staff_list.add(sent.email, told)
            except StaffFault as error:
                raise fault(error.field, str(error)) from error
            made.append(password)
            return _described(user)

        return self.done(request, NewStaff, effect, show=_once("password", made))


class OneOfStaff(Doing):
    """`/staff/{number}/`"""

    @extend_schema(**described.READ)
    def get(self, request: Request, number: int) -> Response:
        return one(_described(_user(number)))

    @extend_schema(**described.CHANGE)
    @transaction.atomic
    def patch(self, request: Request, number: int) -> Response:
        sent = decode(body_of(request, largest=LARGEST), ChangedStaff)
        User.objects.select_for_update(of=("self",)).filter(pk=_user(number).pk).first()
        demand_unchanged(request, _described(_user(number)))
        try:
            return one(_described(staff_list.change(number, _changes(sent))))
        except StaffFault as error:
            raise fault(error.field, str(error)) from error


class Keys(Doing):
    """`/keys/`"""

    @extend_schema(**described.KEYS)
    def get(self, request: Request) -> Response:
        shown, following = page_of_rows(request, ApiKey.objects.all(), by="created_at")
        return page([_key(each) for each in shown], following)

    @extend_schema(**described.ADD_KEY)
    def post(self, request: Request) -> HttpResponse:
        made: list[str] = []

        def effect(sent: NewKey) -> Any:
            unknown = [scope for scope in sent.scopes if scope not in ApiKey.Scope.values]
            if unknown or not sent.scopes:
                raise fault("scopes", f"must be some of {', '.join(ApiKey.Scope.values)}")
            with refusing(ValueError, field="name"):
                key, secret = keys.create(sent.name, sent.scopes)
            made.append(secret)
            return _key(key)

        return self.done(request, NewKey, effect, show=_once("key", made))


class RevokeKey(Doing):
    """`/keys/{number}/revoke/`"""

    @extend_schema(**described.REVOKE_KEY)
    def post(self, request: Request, number: int) -> HttpResponse:
        key = numbered(ApiKey.objects.all(), number, "key")

        def effect(_: Nothing) -> Any:
            keys.revoke(key)
            return _key(key)

        return self.done(request, Nothing, effect, status=200)


def _changes(sent: ChangedStaff) -> Changes:
    found: Changes = {}
    if sent.role is not UNSET:
        found["role"] = sent.role
    if sent.name is not UNSET:
        found["name"] = sent.name
    if sent.team is not UNSET:
        found["team"] = sent.team
    if sent.agent is not UNSET:
        found["agent"] = sent.agent
    if sent.active is not UNSET:
        found["is_active"] = sent.active
    return found


def _once(name: str, made: list[str]) -> Any:
    """Adds a secret to the answer in which it was made, and null to one that is repeated: it is
    stored nowhere."""
    return lambda told: told | {name: made[0] if made else None}


def _user(number: int) -> User:
    return numbered(User.objects.select_related("team", "agent"), number, "login")


def _described(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "role": User.Role.ADMIN.value if user.is_superuser else user.role,
        "team": user.team.name if user.team else None,
        "agent": user.agent.external_id if user.agent else None,
        "active": user.is_active,
        "joined_at": user.joined_at,
    }


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.pk,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }
