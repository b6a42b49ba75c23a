"""Responses with their comments; who said it only to readers who may know."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.http import HttpResponse

from analytics import reports
from analytics.console import asking
from analytics.console.pictures import CAUSE_WORDS, FIX_WORDS
from analytics.filters import Filters, single
from analytics.frames.listed import SEARCHED
from surveys.console.pages import render_page
from surveys.console.roles import COMMENTS, StaffRequest

PAGE = 50


def _shows(show: str) -> list[tuple[str, str]]:
    """What can be chosen, and what a link of the matrix chose."""
    found = [*reports.SHOWS.items()]
    if show and show not in reports.SHOWS:
        found.append((show, reports.QUADRANTS.get(show) or _cell_in_words(show)))
    return found


def _cell_in_words(cell: str) -> str:
    fix, cause = FIX_WORDS[int(cell[1]) - 1], CAUSE_WORDS[int(cell[3]) - 1]
    return f"fix: {fix.lower()}, bothered: {cause.lower()}"


@asking.report_page(COMMENTS, current="responses", other=("cursor", "q", "show"))
def responses(request: StaffRequest, filters: Filters) -> HttpResponse:
    """One page of responses, newest first; readers of every number may look for words and for what
    the answers say."""
    scope = request.scope
    cursor = single(request.GET, "cursor")
    words, show = single(request.GET, "q") or "", single(request.GET, "show") or ""
    search = reports.search_of(words, show, scope)
    page = reports.responses(filters, scope, cursor=cursor, limit=PAGE, search=search)
    looked_for = urlencode({name: value for name, value in (("q", words), ("show", show)) if value})
    filter_bar = asking.bar(filters, scope, export="/api/v1/responses/", extra=looked_for)
    context = {
        "bar": filter_bar,
        "page": page,
        "words": words,
        "show": show,
        "shows": _shows(show),
        "kept": [pair for pair in parse_qsl(filters.to_query()) if pair[0] not in ("q", "show")],
        "here": asking.join(filters, looked_for),
        "next_query": asking.join(filters, looked_for, f"cursor={page.next}") if page.next else "",
        "is_first": cursor is None,
        "searched": SEARCHED if words else 0,
        "keep": filters.to_query(),
    }
    return render_page(request, "console/responses.html", context, current="responses")
