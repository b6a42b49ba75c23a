"""What a key or a member of staff may do. Whatever is not granted is refused."""

from __future__ import annotations

from collections.abc import Mapping

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from surveys.models import ApiKey, User
from surveys.services import access

Scope = ApiKey.Scope
Role = User.Role

_EVERYTHING_READABLE = frozenset({Scope.CASES_READ, Scope.RESPONSES_READ, Scope.REPORTS_READ})
# Roles that see everything of a kind.
_WHOLE: Mapping[str, frozenset[str]] = {
    Role.ADMIN: frozenset(Scope.values),
    Role.MANAGER: _EVERYTHING_READABLE,
    Role.ANALYST: _EVERYTHING_READABLE,
    Role.DESIGNER: frozenset({Scope.QUESTIONNAIRES_WRITE}),
}
# Roles that see a part; only views that narrow what they answer to that part may let them in.
_NARROWED: Mapping[str, frozenset[str]] = {
    Role.TEAM_LEAD: _EVERYTHING_READABLE,
    Role.AGENT: _EVERYTHING_READABLE,
    Role.CAUSE_OWNER: _EVERYTHING_READABLE,
}


def scopes_of(request: Request, *, narrowed: bool = False) -> frozenset[str]:
    """The scopes of whoever asks; scope ``admin`` implies all others.

    ``narrowed`` says that the view itself shows a team lead, agent or cause owner only their part.
    """
    if isinstance(request.auth, ApiKey):
        held = frozenset(request.auth.scopes)
        return frozenset(Scope.values) if Scope.ADMIN in held else held
    if isinstance(request.user, User) and request.method in SAFE_METHODS:
        held = _WHOLE.get(request.user.role, frozenset())
        return held | _NARROWED.get(request.user.role, frozenset()) if narrowed else held
    return frozenset()


def sight_of(request: Request) -> access.Scope:
    """What whoever asks may see: a key every number, with scope ``admin`` also identities; a
    member of staff what their role and objects give."""
    if isinstance(request.auth, ApiKey):
        is_admin = Scope.ADMIN in request.auth.scopes
        return access.EVERYTHING if is_admin else access.API_REPORTS
    return access.scope_for(request.user) if isinstance(request.user, User) else access.NOTHING


def HasScope(  # noqa: N802 (it makes a class)
    *reading: str, writing: tuple[str, ...] = (), narrowed: bool = False
) -> type[BasePermission]:
    """A permission for views: one of ``reading`` opens the safe methods, one of ``writing`` the
    others. Given ``reading`` alone, the same scopes open both.

    >>> permission_classes = [HasScope("reports:read", narrowed=True)]
    """
    for_reading, for_writing = frozenset(reading), frozenset(writing or reading)
    unknown = (for_reading | for_writing) - set(Scope.values)
    if unknown:
        raise ValueError(f"no such scope: {', '.join(sorted(unknown))}")

    class ScopePermission(BasePermission):
        """Holds one of the scopes named by the view."""

        message = "This needs the scope " + " or ".join(sorted(for_reading | for_writing)) + "."

        def has_permission(self, request: Request, view: APIView) -> bool:
            needed = for_reading if request.method in SAFE_METHODS else for_writing
            return bool(needed & scopes_of(request, narrowed=narrowed))

    return ScopePermission
