"""A shared report, for whoever holds its link: this report with these filters, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from analytics import printing
from analytics.console.known_reports import NoReport, report_at
from analytics.console.printed import question_in_words
from analytics.filters import FilterError
from analytics.kept import ShareLink
from analytics.sharing import links
from surveys.respondent.limiter import Limiter
from surveys.services.access import Scope, scope_for

#: A report costs more than a survey's page: a link opens twenty times at once, then every 2 s.
LIMITER = Limiter(burst=20, per_second=0.5)


def narrowed(scope: Scope, *, with_comments: bool) -> Scope:
    """What of a sharer's sight goes to others: figures; no customer, no form, no setting."""
    return replace(
        scope,
        sees_identity=False,
        calls_back=False,
        can_administer=False,
        can_design=False,
        hears_comments=with_comments and scope.hears_comments,
    )


@csrf_exempt
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The report as its sharer may see it now, with the filters of then."""
    if not LIMITER.allows(token[:100]):
        answer = HttpResponse("Too many at once; try again in a minute.", status=429)
        answer["Retry-After"] = "60"
        return _kept_private(answer)
    link = links.find(token)
    page = None if link is None else _content(link, request)
    if link is None or page is None:
        return _closed(request)
    if request.method == "GET":
        address = request.META.get("REMOTE_ADDR", "")
        links.opened(link, address, request.headers.get("User-Agent", ""))
    return _kept_private(render(request, "console/shared.html", page))


def _content(link: ShareLink, request: HttpRequest) -> dict[str, object] | None:
    report = report_at(link.path)
    if report is None or not report.is_open_to(link.sharer):
        return None
    scope = narrowed(scope_for(link.sharer), with_comments=link.with_comments)
    try:
        html = report.ask(link.query, link.sharer, narrow=lambda _: scope, meta=request.META)
        question = question_in_words(link.query, link.sharer, scope)
    except (NoReport, FilterError):
        return None
    found = printing.bare(html, keep_comments=link.with_comments)
    return {
        "title": found.title,
        # Only what `printing.bare` lets through, of a page that escaped every text itself.
        "content": mark_safe(found.html),  # noqa: S308
        "question": question,
        "link": link,
    }


def _closed(request: HttpRequest) -> HttpResponse:
    """One answer for unknown, revoked, expired, and for a sharer who may no longer see it."""
    return _kept_private(render(request, "console/shared_closed.html", status=404))


def _kept_private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store, private"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
