"""The menu of the filter bar: saved views, and what else can be done with the report at hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from analytics.kept import SavedView
from analytics.sharing import views
from surveys.console.roles import StaffRequest
from surveys.models import User

#: A view that cannot be shared by a link: one answer after the other is not "one report".
#: And one that goes by the day of resolution: its answers still come in one by one.
NOT_FOR_LINKS = frozenset({"responses", "who_answered"})

#: Parameters that no view, link or log may keep: words looked for may name a customer, and would
#: outlive that customer's erasure.
NOT_KEPT = frozenset({"q"})

#: Where in a long table: the part's number.
PAGE = "page"
#: What says where somebody reads and not what was asked; kept and printed nowhere.
PLACES = ("cursor", PAGE)


@dataclass(frozen=True)
class MenuView:
    """A saved view as a line of the menu."""

    name: str
    url: str
    by: str
    is_current: bool


@dataclass(frozen=True)
class Menu:
    """What the menu of a report shows. `path` and `query` are the report as it stands."""

    path: str
    query: str
    pdf: str
    share: str
    views: list[MenuView]

    @property
    def current(self) -> str:
        """The name of the view that is shown, if it is one."""
        return next((view.name for view in self.views if view.is_current), "")


def menu_of(request: StaffRequest) -> Menu | None:
    """The menu of the report asked for; None where the page is made for somebody else's eyes."""
    if getattr(request, "narrow", None) is not None:
        return None
    query = request.GET.copy()
    for name in PLACES:
        query.pop(name, None)
    shown = query.urlencode()
    for name in NOT_KEPT:
        query.pop(name, None)
    asked = query.urlencode()
    report = urlencode({"path": request.path, "query": asked})
    name = (request.resolver_match.url_name if request.resolver_match else None) or ""
    may_share = name not in NOT_FOR_LINKS and request.scope.agent_ids is None
    return Menu(
        path=request.path,
        query=asked,
        pdf=address_of(f"/pdf{request.path}", shown),
        share=f"{reverse('links')}?{report}" if may_share else "",
        views=[
            MenuView(
                view.name,
                address_of(view.path, view.query),
                "" if view.owner_id == request.user.pk else str(view.owner),
                (view.path, view.query) == (request.path, asked),
            )
            for view in visible(request.user, views.candidates(request.user))
        ],
    )


def visible(user: User, found: Iterable[SavedView]) -> list[SavedView]:
    """Of these views those that the reader's role may open. One's own stay in the list, so that
    they can be deleted, though their page is closed by now."""
    from analytics.console.known_reports import report_at

    shown = []
    for view in found:
        report = report_at(view.path)
        if view.owner_id == user.pk or (report is not None and report.is_open_to(user)):
            shown.append(view)
    return shown


def address_of(path: str, query: str) -> str:
    """A report's address."""
    return f"{path}?{query}" if query else path
