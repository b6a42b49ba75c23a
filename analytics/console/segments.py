"""Any two groups side by side: A is the page's own filters, B the same ones with "b_" before."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, QueryDict

from analytics import reports
from analytics.console import asking
from analytics.console.lines import lines_of
from analytics.filters import DIMENSIONS, PARAMETERS, FilterError, Filters
from surveys.console.choices import Choice, choices_for, labels_of
from surveys.console.pages import render_page
from surveys.console.roles import NUMBERS, StaffRequest

#: The second group's parameters: dates and dimensions; both go by the same kind of day.
OTHER = tuple(f"b_{name}" for name in PARAMETERS if name != "by")


@dataclass(frozen=True)
class Group:
    """One of the two forms: its choices with what is chosen, and the question in words."""

    letter: str
    prefix: str
    filters: Filters
    choices: list[Choice]
    words: str


def read_other(query: QueryDict, request: StaffRequest, by: str) -> Filters:
    """The second group's filters.

    Raises: FilterError naming the parameter as it stands in the address.
    """
    plain = QueryDict(mutable=True)
    for name in OTHER:
        plain.setlist(name[2:], query.getlist(name))
    if by == "resolved":
        plain["by"] = by
    try:
        return Filters.parse(plain, today=lambda: asking.readers_today(request))
    except FilterError as error:
        words = f"In the second group: {error.message}"
        raise FilterError(f"b_{error.parameter}", words) from None


@asking.report_page(NUMBERS, current="segments", other=OTHER)
def segments(request: StaffRequest, filters: Filters) -> HttpResponse:
    """Two groups and the interval of their difference, for the fix and the cause apart."""
    scope = request.scope
    other = read_other(request.GET, request, filters.by)
    is_asked = any(request.GET.get(name) for name in (*OTHER, *PARAMETERS))
    report = reports.comparison(filters, other, scope) if is_asked else None
    choices = choices_for(scope)
    groups = [
        Group("A", "", filters, choices, in_words(filters, choices)),
        Group("B", "b_", other, choices, in_words(other, choices)),
    ]
    query = request.GET.urlencode()
    context = {
        "groups": groups,
        "report": report,
        "lines": lines_of(report, ("A", "B")) if report else [],
        "same": filters == other,
        "exports": [
            asking.Step(kind.upper(), f"/api/v1/reports/comparison/?{query}&{asked}")
            for kind, asked in asking.FILES.items()
        ],
        "keep": "",
        "answers": filters.to_query(),
    }
    return render_page(request, "console/segments.html", context, current="segments")


def in_words(filters: Filters, choices: list[Choice]) -> str:
    """A group as a heading says it: "Mobile, phone, since 1 March 2026"."""
    labels = labels_of(choices, (*filters.cause, *filters.branch))
    parts = [
        " or ".join(labels.get((name, value), value) for value in filters.of(name))
        for name in DIMENSIONS
        if filters.of(name)
    ]
    if filters.from_ or filters.to:
        parts.append(asking.in_words(filters))
    return ", ".join(parts) or "everyone"
