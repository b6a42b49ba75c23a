"""What all pages of one questionnaire share: its name, its tabs, and who may change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.urls import NoReverseMatch, reverse

from surveys.console.pages import render_page
from surveys.console.roles import Role, StaffRequest, role_of
from surveys.models import Questionnaire, User
from surveys.services.archiving import ArchivedError

View = Callable[..., HttpResponse]

#: Who may change a questionnaire; `roles.SET_UP` may look.
EDITORS: Final = frozenset({Role.ADMIN, Role.DESIGNER})

#: (label, route) of each tab, in the order in which a questionnaire comes to life.
TABS: Final = (
    ("Edit", "questionnaire"),
    ("Translations", "questionnaire_translations"),
    ("Mail", "questionnaire_mail"),
    ("Links", "questionnaire_links"),
    ("Versions", "questionnaire_versions"),
    ("Review and publish", "questionnaire_review"),
)


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    is_current: bool


def may_edit(user: User, questionnaire: Questionnaire | None = None) -> bool:
    """Whether the user's role may; not a questionnaire that is archived."""
    is_archived = questionnaire is not None and questionnaire.archived_at is not None
    return role_of(user) in EDITORS and not is_archived


def unless_archived(view: View) -> View:
    """A view that changes a questionnaire; of an archived one it says so, with the way back."""

    @wraps(view)
    def refusing(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ArchivedError as error:
            return render_builder(
                request,
                "builder/archived.html",
                {},
                questionnaire=error.questionnaire,
                current="",
                status=409,
            )

    return refusing


def questionnaire_or_404(slug: str) -> Questionnaire:
    """Raises: Http404."""
    try:
        return Questionnaire.objects.get(slug=slug)
    except Questionnaire.DoesNotExist:
        raise Http404("No such questionnaire.") from None


def tabs(slug: str, current: str) -> list[Tab]:
    """The tabs whose pages exist; `current` is a route's name."""
    found = []
    for label, route in TABS:
        try:
            url = reverse(route, args=[slug])
        except NoReverseMatch:
            continue
        found.append(Tab(label, url, route == current))
    return found


def render_builder(
    request: StaffRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    questionnaire: Questionnaire,
    current: str,
    status: int = 200,
) -> HttpResponse:
    """A page of one questionnaire; its template extends `builder/_frame.html`."""
    shared = {
        "questionnaire": questionnaire,
        "tabs": tabs(questionnaire.slug, current),
        "may_edit": may_edit(request.user, questionnaire),
        "may_bring_back": may_edit(request.user),
    }
    return render_page(
        request, template, {**shared, **context}, current="questionnaires", status=status
    )
