"""Who may open which page: every staff view names its roles, and nothing is open by default.

A page that a role may not see answers as if it did not exist, so that nothing is learned from
asking. What may be seen *inside* a page follows from the `Scope`, which the guard attaches.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from surveys.models import User
from surveys.services.access import Scope, scope_for

Role = User.Role

EVERYONE = frozenset(Role)
NUMBERS = frozenset({Role.ADMIN, Role.MANAGER, Role.ANALYST})
FIX = NUMBERS | {Role.TEAM_LEAD}
OWN_FIX = FIX | {Role.AGENT}
CAUSES = NUMBERS | {Role.CAUSE_OWNER}
COMMENTS = NUMBERS | {Role.TEAM_LEAD, Role.CAUSE_OWNER}
CASES = EVERYONE - {Role.DESIGNER}
SET_UP = frozenset({Role.ADMIN, Role.MANAGER, Role.DESIGNER})
IDENTITIES = frozenset({Role.ADMIN, Role.MANAGER})
ADMINS = frozenset({Role.ADMIN})

LANDING = {
    Role.TEAM_LEAD: "agents",
    Role.AGENT: "own_agent",
    Role.CAUSE_OWNER: "causes",
    Role.DESIGNER: "questionnaires",
}


class StaffRequest(HttpRequest):
    """A request whose sender is known and whose limits are decided."""

    user: User
    scope: Scope


class StaffView(Protocol):
    """A guarded view; `roles` lets the test of all routes read who may come in."""

    roles: frozenset[User.Role]

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def staff(
    roles: frozenset[User.Role],
) -> Callable[[Callable[..., HttpResponseBase]], StaffView]:
    """Let only these roles in; send strangers to the sign-in page, answer 404 to everyone else."""

    def decorate(view: Callable[..., HttpResponseBase]) -> StaffView:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User):
                return redirect_to_login(request.get_full_path())
            if not user.is_superuser and user.role not in roles:
                raise Http404("No such page for this role.")
            request.scope = _scope_of(request, user)  # type: ignore[attr-defined]
            response = view(request, *args, **kwargs)
            if isinstance(response, HttpResponse):
                add_never_cache_headers(response)
            return response

        guarded.roles = roles  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def _scope_of(request: HttpRequest, user: User) -> Scope:
    """What the reader may see; less where the page is made for somebody else's eyes as well."""
    narrow: Callable[[Scope], Scope] | None = getattr(request, "narrow", None)
    return scope_for(user) if narrow is None else narrow(scope_for(user))


def role_of(user: User) -> User.Role:
    """The role that decides what is shown; a superuser counts as admin."""
    return Role.ADMIN if user.is_superuser else Role(user.role)
