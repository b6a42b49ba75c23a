"""Which addresses are reports, and a report asked for on somebody's behalf.

Saved views, links, PDFs and digests keep an address. It is looked up among our own routes each
time: an address that is no report, or none any more, opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django_htmx.middleware import HtmxDetails

from analytics.printing.tree import parse
from surveys.console.choices import visible_agent, visible_cause
from surveys.console.roles import role_of
from surveys.models import Agent, Cause, User
from surveys.services.access import Scope, scope_for

LONGEST_QUERY: Final = 4_000


class NoReport(Exception):  # noqa: N818 -- it is an answer, in words
    """Why a report cannot be had."""


@dataclass(frozen=True)
class Report:
    """A page of figures: where it is, what draws it, whom it is open to."""

    path: str
    name: str
    view: Callable[..., HttpResponseBase]
    arguments: Mapping[str, Any]
    roles: frozenset[User.Role]

    def is_open_to(self, user: User) -> bool:
        """Whether the reader's role has this page, and the page its agent or cause for them."""
        if role_of(user) not in self.roles:
            return False
        scope = scope_for(user)
        try:
            if self.name == "agent":
                visible_agent(scope, self.arguments["pk"])
            elif self.name == "cause":
                visible_cause(scope, self.arguments["code"])
        except (Agent.DoesNotExist, Cause.DoesNotExist):
            return False
        return True

    def ask(
        self,
        query: str,
        user: User,
        *,
        narrow: Callable[[Scope], Scope],
        meta: Mapping[str, Any] | None = None,
    ) -> str:
        """The page as this reader would get it under a narrowed scope.

        Raises: NoReport, with the page's own words where it refuses the filters.
        """
        request = _request(self.path, query, user, narrow, meta or {})
        try:
            answer = self.view(request, **self.arguments)
        except Http404:
            raise NoReport("This report is not open to its reader any more.") from None
        if not isinstance(answer, HttpResponse) or not _is_page(answer):
            raise NoReport("The report cannot be shown with these filters.")
        page = answer.content.decode()
        if answer.status_code == 400:
            fault = next((n for n in parse(page).walk() if "fault-box" in n.classes), None)
            raise NoReport(fault.text() if fault else "The report cannot be shown so.")
        return page


def _is_page(answer: HttpResponse) -> bool:
    """A report, or the page that says why these filters give none; not a picture, not a way on."""
    is_html = answer.headers["Content-Type"].startswith("text/html")
    return is_html and answer.status_code in (200, 400)


def _request(
    path: str,
    query: str,
    user: User,
    narrow: Callable[[Scope], Scope],
    meta: Mapping[str, Any],
) -> HttpRequest:
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80"} | {
        name: meta[name] for name in ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT") if name in meta
    }
    request.GET = QueryDict(query[:LONGEST_QUERY])
    request.user = user
    request.resolver_match = resolve(path)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    request.narrow = narrow  # type: ignore[attr-defined]
    # Neither paper nor a link has a next page.
    request.is_whole = True  # type: ignore[attr-defined]
    return request


def report_at(path: str, *, printed: bool = False) -> Report | None:
    """The report at a path; None where there is none. `printed`: also a list that can be set for
    paper, and neither kept nor shared."""
    from analytics.console import overview

    try:
        match = resolve(path)
    except Resolver404:
        return None
    # The front door leads some roles elsewhere; what can be kept is the overview behind it.
    view = overview.overview if match.url_name == "overview" else match.func
    is_printed = printed and getattr(view, "is_printed", False)
    if not (is_printed or getattr(view, "is_report", False)):
        return None
    roles: frozenset[User.Role] = getattr(view, "roles", frozenset())
    return Report(path, match.url_name or "", view, match.kwargs, roles)
