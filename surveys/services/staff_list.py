"""Who may sign in: added with a password that is shown once, given another role, shut out."""

from __future__ import annotations

import secrets
from typing import Final, TypedDict

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from surveys.models import Agent, Team, User
from surveys.services.intake_sql import rows
from surveys.services.storable import is_storable

#: One who changes admins at a time: two must not shut each other out at once.
_ADMINS: Final = 7_205_764
LONGEST_NAME: Final = 200


class StaffFault(ValueError):  # noqa: N818 -- it names what is wrong, in words
    """What is wrong with a login: ``field`` says where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Changes(TypedDict, total=False):
    """What is to be different about a login; whatever is not named stays. ``team`` is a name,
    ``agent`` an id of the helpdesk's."""

    role: str
    name: str
    team: str | None
    agent: str | None
    is_active: bool


@transaction.atomic
def add(email: str, changes: Changes) -> tuple[User, str]:
    """A new login and its password, which cannot be read again.

    Raises: StaffFault.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise StaffFault("email", "is not an e-mail address") from error
    if len(email) > 254 or User.objects.filter(email=email).exists():
        raise StaffFault("email", "belongs to a login already")
    password = secrets.token_urlsafe(12)
    user = User(email=email)
    user.set_password(password)
    _apply(user, changes)
    return user, password


@transaction.atomic
def change(user_id: int, changes: Changes) -> User:
    """Give a login another role, team, agent or name, shut it out or let it in again.

    The last admin who may sign in stays one. Raises: User.DoesNotExist; StaffFault.
    """
    rows("SELECT pg_advisory_xact_lock(%s)", _ADMINS)
    user = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    was_admin = _is_admin(user)
    _apply(user, changes)
    if was_admin and not _is_admin(user) and not _other_admins(user):
        field = "active" if not user.is_active else "role"
        raise StaffFault(field, "must stay: nobody else could set things up any more")
    return user


def _apply(user: User, changes: Changes) -> None:
    if "role" in changes:
        if changes["role"] not in User.Role.values:
            raise StaffFault("role", f"must be one of {', '.join(User.Role.values)}")
        user.role = changes["role"]
    if "name" in changes:
        name = " ".join(changes["name"].split())
        if len(name) > LONGEST_NAME or not is_storable(name) or not name.isprintable():
            raise StaffFault("name", f"must have at most {LONGEST_NAME} printable characters")
        user.name = name
    if "team" in changes:
        user.team = _team(changes["team"])
    if "agent" in changes:
        user.agent = _agent(changes["agent"])
    if "is_active" in changes:
        user.is_active = changes["is_active"]
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        field = "agent" if "agent" in str(error) else "email"
        raise StaffFault(field, "belongs to another login already") from error


def _team(name: str | None) -> Team | None:
    """The team of this name, or what it became."""
    if name is None:
        return None
    known = Team.objects.select_related("merged_into")
    found = known.filter(name=name).first() if is_storable(name) else None
    if found is None:
        raise StaffFault("team", "must be the name of a team that is known, or null")
    return found.merged_into or found


def _agent(external_id: str | None) -> Agent | None:
    is_text = external_id and is_storable(external_id)
    found = Agent.objects.filter(external_id=external_id).first() if is_text else None
    if external_id is not None and found is None:
        raise StaffFault("agent", "must be the id of an agent who is known, or null")
    # What comes under another id of the same person is theirs.
    return found.joined_into or found if found else None


def _is_admin(user: User) -> bool:
    return user.is_active and (user.is_superuser or user.role == User.Role.ADMIN)


def _other_admins(user: User) -> bool:
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    return others.filter(role=User.Role.ADMIN).exists() or others.filter(is_superuser=True).exists()
