"""Responses with their comments; who said it only to readers who may know."""

from __future__ import annotations

from django.http import HttpResponse

from analytics import reports
from analytics.console import asking
from analytics.filters import Filters, single
from surveys.console.pages import render_page
from surveys.console.roles import COMMENTS, StaffRequest

PAGE = 50


@asking.report_page(COMMENTS, current="responses", other=("cursor",))
def responses(request: StaffRequest, filters: Filters) -> HttpResponse:
    """One page of responses, newest first."""
    cursor = single(request.GET, "cursor")
    page = reports.responses(filters, request.scope, cursor=cursor, limit=PAGE)
    filter_bar = asking.bar(filters, request.scope, export="/api/v1/responses/")
    query = filters.to_query()
    following = f"{query}&cursor={page.next}".lstrip("&") if page.next else ""
    context = {
        "bar": filter_bar,
        "page": page,
        "next_query": following,
        "is_first": cursor is None,
        "keep": query,
    }
    return render_page(request, "console/responses.html", context, current="responses")
