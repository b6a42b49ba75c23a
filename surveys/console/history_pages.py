"""What other tools asked with one question before Stabledoor: the ratings one by one with what was
written, and the imports that brought them, which an admin can take back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, NUMBERS, Role, StaffRequest, staff
from surveys.services import history_list
from surveys.services.history_list import NothingImportedError, Place
from surveys.services.history_tools import TOOLS

PAGE: Final = 50


@require_safe
@staff(NUMBERS)
def unseparated(request: StaffRequest) -> HttpResponse:
    """Ratings of one question, newest first: those with a comment, or all."""
    scope = request.scope
    if scope.for_strangers or not (scope.is_unlimited and scope.sees_fix and scope.sees_cause):
        raise Http404("Told to readers of both sides alone.")
    tool = request.GET.get("tool", "")
    shows_all = request.GET.get("show") == "all"
    asked = {"tool": tool if tool in TOOLS else "", "show": "all" if shows_all else ""}
    found, following = history_list.ratings(
        tool=asked["tool"], with_comment=not shows_all, after=_place(request), limit=PAGE
    )
    here = {name: value for name, value in asked.items() if value}
    context = {
        "ratings": found,
        "imports": history_list.imports(),
        "tools": [(key, one.name) for key, one in TOOLS.items()],
        "tool": asked["tool"],
        "shows_all": shows_all,
        "here": urlencode(here),
        "next_query": urlencode(here | _named(following)) if following else "",
        "is_first": "after" not in request.GET,
        "may_remove": request.user.is_superuser or request.user.role == Role.ADMIN,
    }
    return render_page(request, "console/unseparated.html", context, current="responses")


def _place(request: StaffRequest) -> Place | None:
    """Where a page begins; the first for what is no such place."""
    at, number = _moment(request.GET.get("after", "")), request.GET.get("number", "")
    if at is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return Place(at, int(number))


def _named(place: Place) -> dict[str, str]:
    return {"after": place.answered_at.isoformat(), "number": str(place.number)}


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if history_list.can_be_moment(found) else None


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def remove_import(request: StaffRequest, tool: str) -> HttpResponse:
    """Ask first, with what would go; then delete what one import stored."""
    at = _moment(request.POST.get("at", "") or request.GET.get("at", ""))
    found = history_list.imports(tool, at) if at is not None else []
    if not found:
        raise Http404("No such import.")
    if request.method != "POST":
        context = {"one": found[0], "at": found[0].imported_at.isoformat()}
        return render_page(request, "console/unseparated_remove.html", context, current="responses")
    try:
        n = history_list.remove(tool, at)
    except NothingImportedError as error:  # somebody else did meanwhile
        raise Http404("No such import.") from error
    ratings = f"{n:,} rating{'' if n == 1 else 's'}"
    messages.success(
        request, f"{ratings} of {found[0].name} removed. The same file brings them back."
    )
    return HttpResponseRedirect(reverse("unseparated"))
