"""A shared report, for whoever holds its link: this report with these filters, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from analytics import printing
from analytics.console.known_reports import NoReport, Report, report_at
from analytics.console.printed import question_in_words
from analytics.filters import FilterError
from analytics.kept import ShareLink
from analytics.sharing import links
from surveys.models import User
from surveys.respondent.limiter import Limiter
from surveys.services.access import Scope, scope_for

#: A report costs more than a survey's page: a link opens twenty times at once, then every 2 s.
LIMITER = Limiter(burst=20, per_second=0.5)


def for_strangers(scope: Scope, *, with_comments: bool, alias_key: bytes | None) -> Scope:
    """What of a sharer's sight goes to whoever holds a link: figures of many; no customer, no form,
    no setting, and with a key agents under names that lead to nobody."""
    return replace(
        scope,
        sees_identity=False,
        calls_back=False,
        can_administer=False,
        can_design=False,
        hears_comments=with_comments and scope.hears_comments,
        for_strangers=True,
        alias_key=alias_key,
    )


@dataclass(frozen=True)
class Shown:
    """A report as a stranger reads it."""

    title: str
    content: str
    question: tuple[str, ...]
    with_comments: bool
    with_names: bool
    in_groups: bool


def shown_to_strangers(
    report: Report, query: str, sharer: User, scope: Scope, meta: Mapping[str, Any]
) -> Shown:
    """The content of a report's page under the scope of `for_strangers`.

    Raises: NoReport, FilterError.
    """
    html = report.ask(query, sharer, narrow=lambda _: scope, meta=meta)
    found = printing.bare(html, keep_comments=scope.hears_comments)
    return Shown(
        title=found.title,
        # Only what `printing.bare` lets through, of a page that escaped every text itself.
        content=mark_safe(found.html),  # noqa: S308
        question=question_in_words(query, sharer, scope),
        with_comments=scope.hears_comments,
        with_names=scope.alias_key is None,
        in_groups=not scope.is_unlimited,
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
    return _kept_private(render(request, "console/shared.html", {"page": page, "link": link}))


def _content(link: ShareLink, request: HttpRequest) -> Shown | None:
    report = report_at(link.path)
    if report is None or not report.is_open_to(link.sharer):
        return None
    scope = for_strangers(
        scope_for(link.sharer),
        with_comments=link.with_comments,
        alias_key=None if link.with_names else links.alias_key(link),
    )
    try:
        return shown_to_strangers(report, link.query, link.sharer, scope, request.META)
    except (NoReport, FilterError):
        return None


def _closed(request: HttpRequest) -> HttpResponse:
    """One answer for unknown, revoked, expired, and for a sharer who may no longer see it."""
    return _kept_private(render(request, "console/shared_closed.html", status=404))


def _kept_private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store, private"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
