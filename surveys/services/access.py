"""What a member of staff may see: one `Scope` per request, default deny.

Everything that lists, counts, searches or exports takes a Scope and intersects it with what was
asked for, so that a page, the API and an export agree on what a person may see.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from surveys.models import Case, Cause, Resolution, ResolutionAgent, User


@dataclass(frozen=True)
class Scope:
    """Limits of what may be seen. `None` in an id field means no limit; an empty tuple, nothing.

    Ids are primary keys of teams, agents and causes.
    """

    team_ids: tuple[int, ...] | None = ()
    agent_ids: tuple[int, ...] | None = ()
    cause_ids: tuple[int, ...] | None = ()
    sees_fix: bool = False
    sees_cause: bool = False
    sees_agents: bool = False
    sees_identity: bool = False
    # Who asked to be contacted, and nobody else: the thank-you page promises just that.
    calls_back: bool = False
    can_administer: bool = False
    can_design: bool = False
    # Off where a report is shown to somebody outside: what customers wrote stays inside.
    hears_comments: bool = True
    # Shown to whoever holds a link: nothing of so few that a stranger could tell who they are.
    for_strangers: bool = False
    # With a key, agents stand under names made with it, which lead to nobody; without, by name.
    alias_key: bytes | None = None

    @property
    def is_unlimited(self) -> bool:
        return self.team_ids is None and self.agent_ids is None and self.cause_ids is None


NOTHING = Scope()
EVERYTHING = Scope(None, None, None, True, True, True, True, True, True, True)
# A key of the API reads every number, and nobody's identity unless it has the scope `admin`.
API_REPORTS = Scope(None, None, None, True, True, True)

_UNLIMITED = {
    User.Role.ADMIN: EVERYTHING,
    User.Role.MANAGER: Scope(None, None, None, True, True, True, True, True),
    User.Role.ANALYST: Scope(None, None, None, True, True, True),
    User.Role.DESIGNER: Scope((), (), (), can_design=True),
}


def scope_for(user: User | AnonymousUser) -> Scope:
    """The scope of a signed-in user by role and objects; nobody else sees anything."""
    if not isinstance(user, User) or not user.is_active:
        return NOTHING
    if user.is_superuser:
        return EVERYTHING
    match user.role:
        case User.Role.TEAM_LEAD:
            # The fix of the own team. Who rated it stays unknown, unless they asked for a call.
            teams = () if user.team_id is None else (user.team_id,)
            return Scope(teams, None, None, sees_fix=True, sees_agents=True, calls_back=True)
        case User.Role.AGENT:
            agents = () if user.agent_id is None else (user.agent_id,)
            return Scope(None, agents, None, sees_fix=True, sees_agents=True)
        case User.Role.CAUSE_OWNER:
            # Their own, and those of the team that they belong to.
            owned = Q(owner=user)
            if user.team_id is not None:
                owned |= Q(owner_team=user.team_id)
            causes = tuple(Cause.objects.filter(owned).values_list("pk", flat=True))
            return Scope(None, None, causes, sees_cause=True)
        case _:
            return _UNLIMITED.get(User.Role(user.role), NOTHING)


def visible_resolutions(scope: Scope) -> QuerySet[Resolution]:
    """The resolutions inside all limits of a scope: of a case of two teams, each sees its own."""
    found = Resolution.objects.all()
    if scope.team_ids is not None:
        found = found.filter(team_id__in=scope.team_ids)
    if scope.agent_ids is not None:
        own = ResolutionAgent.objects.filter(
            resolution_id=OuterRef("pk"), agent_id__in=scope.agent_ids
        )
        found = found.filter(Exists(own))
    if scope.cause_ids is not None:
        found = found.filter(cause_id__in=scope.cause_ids)
    return found


def visible_cases(scope: Scope) -> QuerySet[Case]:
    """The cases a scope may see: those with a resolution inside all of its limits.

    A case that was never resolved belongs to nobody yet and is seen only without limits.
    """
    if scope.is_unlimited:
        return Case.objects.all()
    # Not joined: a page of the list would otherwise make all of a team's cases distinct first.
    return Case.objects.filter(Exists(visible_resolutions(scope).filter(case_id=OuterRef("pk"))))
