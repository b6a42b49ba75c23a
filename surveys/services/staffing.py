"""Logins of staff."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import DataError, IntegrityError, transaction

from surveys.models import Agent, Cause, Team, User
from surveys.services.access import Scope


class StaffingError(ValueError):
    """A login that cannot be made, in words."""


def set_user(
    email: str,
    *,
    role: str,
    password: str,
    name: str = "",
    team: str | None = None,
    agent: str | None = None,
) -> tuple[User, bool]:
    """Make the login of an e-mail, or set it anew; True where it is new.

    `team` is a name, `agent` an external id; a team lead or agent whom nothing is assigned to sees
    nothing. An agent not heard of yet is created, as the helpdesk would do at the first case.

    Raises: StaffingError.
    """
    try:
        with transaction.atomic():
            return _set(email, role, password, name, team, agent)
    except DataError as error:
        raise StaffingError("the e-mail, a name or an id is too long") from error
    except IntegrityError as error:
        raise StaffingError(f"the agent {agent!r} belongs to another login already") from error


def _set(
    email: str, role: str, password: str, name: str, team: str | None, agent: str | None
) -> tuple[User, bool]:
    user = User.objects.select_for_update().filter(email=email).first()
    is_new = user is None
    user = user or User(email=email)
    user.role = role
    user.name = name or user.name
    user.is_active = True
    user.team = _team(team) if team else None
    user.agent = Agent.objects.get_or_create(external_id=agent)[0] if agent else None
    user.set_password(password)
    user.save()
    return user, is_new


def _team(name: str) -> Team:
    """The team of this name, or what it became."""
    team, _ = Team.objects.select_related("merged_into").get_or_create(name=name)
    return team.merged_into or team


def possible_owners() -> list[tuple[int, str]]:
    """Who may own a cause: the active cause owners, by id and name."""
    owners = User.objects.filter(role=User.Role.CAUSE_OWNER, is_active=True)
    return [(owner.pk, str(owner)) for owner in owners]


def owning_teams() -> list[tuple[int, str]]:
    """The teams that may own a cause, by id and name: all there are."""
    return list(Team.objects.filter(merged_into=None).values_list("pk", "name"))


def owners_of(codes: Iterable[str]) -> dict[str, str]:
    """Who owns these causes, by code: a person's name or a team's; those without are left out."""
    held = Cause.objects.filter(code__in=set(codes)).select_related("owner", "owner_team")
    return {cause.code: cause.owned_by for cause in held if cause.owned_by}


def owners_told(codes: Iterable[str], scope: Scope) -> dict[str, str]:
    """The same as a reader of reports is told it: a stranger of none."""
    return {} if scope.for_strangers else owners_of(codes)


def assign_cause(cause_id: int, owner_id: int | None, team_id: int | None = None) -> Cause:
    """Give a cause its owner, a person or a team, or none.

    Raises: Cause.DoesNotExist; StaffingError where the user or team cannot own causes.
    """
    with transaction.atomic():
        cause = Cause.objects.select_for_update().get(pk=cause_id)
        if owner_id is not None and team_id is not None:
            raise StaffingError("a cause belongs to a person or to a team, not to both")
        if owner_id is not None and owner_id not in dict(possible_owners()):
            raise StaffingError("only an active user with the role of cause owner can own a cause")
        if team_id is not None and team_id not in dict(owning_teams()):
            raise StaffingError("there is no such team")
        cause.owner_id, cause.owner_team_id = owner_id, team_id
        cause.save(update_fields=["owner", "owner_team"])
    return cause
