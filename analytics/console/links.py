"""The links that show a report to somebody without a login: made, listed, revoked."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from analytics.console.bar_menu import NOT_FOR_LINKS
from analytics.console.known_reports import NoReport, Report, report_at
from analytics.console.printed import question_in_words
from analytics.console.saved_views import asked_report
from analytics.console.settled import settled
from analytics.console.shared import Shown, for_strangers, shown_to_strangers
from analytics.filters import FilterError
from analytics.kept import ShareLink
from analytics.sharing import links, log
from analytics.sharing.links import LONGEST_DAYS, USUAL_DAYS, LinkError
from analytics.sharing.log import Actor
from surveys.console.pages import render_page
from surveys.console.roles import CASES, StaffRequest, staff
from surveys.models import User

#: An agent reads fixed periods of their own figures, which no frozen link could follow.
SHARERS = CASES - {User.Role.AGENT}


@dataclass(frozen=True)
class Row:
    """A link as the list shows it. `address` is empty for who did not make it."""

    link: ShareLink
    state: str
    address: str
    question: tuple[str, ...]
    n_views: int
    n_openers: int
    last_opened_at: dt.datetime | None


def _row(line: links.Line, request: StaffRequest, now: dt.datetime) -> Row:
    link = line.link
    state = state_of(link, now)
    is_own = link.sharer_id == request.user.pk
    token = links.token_of(link) if state == "open" and is_own else None
    try:
        question = question_in_words(link.query, request.user, request.scope)
    except FilterError as error:
        question = (error.message,)
    address = f"{settings.SITE_URL}{reverse('shared', args=[token])}" if token else ""
    return Row(link, state, address, question, line.n_views, line.n_openers, line.last_opened_at)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(SHARERS)
def share_links(request: StaffRequest) -> HttpResponse:
    """One's own links (an admin sees all), and the form of a new one."""
    if request.method == "POST":
        return _made(request)
    now = timezone.now()
    everyone = request.scope.can_administer
    context = {
        "rows": [
            _row(line, request, now) for line in links.listed(request.user, everyone=everyone)
        ],
        "everyone": everyone,
        "log": log.newest() if everyone else [],
        "usual_days": USUAL_DAYS,
        "longest_days": LONGEST_DAYS,
        **_wanted(request),
    }
    return render_page(request, "console/share_links.html", context, current="links")


def _wanted(request: StaffRequest) -> dict[str, object]:
    """The report that the reader came from, if it can be shared."""
    path, query = request.GET.get("path", ""), request.GET.get("query", "")
    report = report_at(path)
    if report is None or report.name in NOT_FOR_LINKS or not report.is_open_to(request.user):
        return {"path": "", "query": "", "question": ()}
    try:
        question = question_in_words(query, request.user, request.scope)
    except FilterError as error:
        return {"path": "", "query": "", "question": (), "fault": error.message}
    return {"path": path, "query": query, "question": question}


@dataclass(frozen=True)
class _Wish:
    """A link as its form asks for it, checked."""

    report: Report
    query: str
    with_comments: bool
    with_names: bool


def _wish(asked: QueryDict, request: StaffRequest) -> _Wish:
    """Raises: NoReport, LinkError, FilterError."""
    report, query = asked_report(asked, request)
    if report.name in NOT_FOR_LINKS:
        raise NoReport("This report cannot be shared by a link: it could tell one customer apart.")
    with_names = asked.get("with_names") == "1"
    query = settled(report, query, request, with_names=with_names)
    return _Wish(report, query, asked.get("with_comments") == "1", with_names)


def make_link(
    asked: QueryDict, days: int, request: StaffRequest, by: Actor | None = None
) -> ShareLink:
    """A link as asked for, once its page was made as a stranger will see it.

    Raises: NoReport, LinkError, FilterError.
    """
    wish = _wish(asked, request)
    page = _page_of(wish, request)
    return links.make(
        request.user,
        wish.report.path,
        wish.query,
        title=page.title,
        days=days,
        with_comments=wish.with_comments,
        with_names=wish.with_names,
        by=by,
    )


def state_of(link: ShareLink, now: dt.datetime) -> str:
    """Whether a link opens anything, in a word or two."""
    if link.revoked_at:
        return "revoked"
    if not link.sharer.is_active or link.sharer.role != link.role:
        return "closed: its sharer’s access changed"
    return "open" if link.expires_at > now else "expired"


def _made(request: StaffRequest) -> HttpResponse:
    raw = request.POST.get("days", "")
    days = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 4 else 0
    try:
        make_link(request.POST, days, request)
    except (NoReport, LinkError, FilterError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The link is made; it stands at the top of the list.")
    return HttpResponseRedirect(reverse("links"))


def _page_of(wish: _Wish, request: StaffRequest) -> Shown:
    scope = for_strangers(
        request.scope,
        with_comments=wish.with_comments,
        alias_key=None if wish.with_names else secrets.token_bytes(16),
    )
    return shown_to_strangers(wish.report, wish.query, request.user, scope, request.META)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(SHARERS)
def preview_link(request: StaffRequest) -> HttpResponse:
    """What somebody with the link would see, before there is one. Posted by the form, so that its
    token stands in no address; nothing is stored."""
    asked = request.POST if request.method == "POST" else request.GET
    report = report_at(asked.get("path", ""))
    if report is None or not report.is_open_to(request.user):
        raise Http404("No such report for this role.")
    try:
        wish = _wish(asked, request)
        page = _page_of(wish, request)
    except (NoReport, LinkError, FilterError) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("links"))
    return render(request, "console/shared.html", {"page": page, "is_preview": True})


@require_POST
@staff(SHARERS)
def revoke_link(request: StaffRequest, pk: int) -> HttpResponse:
    """Close a link for good: one's own; for an admin anyone's."""
    found = ShareLink.objects.filter(pk=pk)
    if not request.scope.can_administer:
        found = found.filter(sharer=request.user)
    link = found.first()
    if link is None:
        raise Http404("No such link.")
    links.revoke(link, request.user)
    messages.success(request, "The link is revoked: it opens nothing any more.")
    return HttpResponseRedirect(reverse("links"))
