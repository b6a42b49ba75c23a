"""A report as a PDF: the page itself, set for paper."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from analytics import printing
from analytics.console import asking
from analytics.console.action_forms import visible_actions
from analytics.console.bar_menu import PLACES
from analytics.console.known_reports import NoReport, report_at
from analytics.filters import DIMENSIONS, PARAMETERS, FilterError, Filters
from analytics.sharing.readers import day_of, zone_of
from surveys.console.choices import choices_for, labels_of
from surveys.console.figures import moment
from surveys.console.pages import render_page
from surveys.console.roles import CASES, StaffRequest, staff
from surveys.models import User
from surveys.services.access import Scope


@require_safe
@staff(CASES)
def report_pdf(request: StaffRequest, path: str) -> HttpResponse:
    """The report at this path, under the filters of the address."""
    report = report_at(path, printed=True)
    if report is None or not report.is_open_to(request.user):
        raise Http404("No such report for this role.")
    query = request.GET.urlencode()
    try:
        html = report.ask(query, request.user, narrow=lambda scope: scope, meta=request.META)
        question = (
            _search_in_words(request.GET)
            if report.name == "cases"
            else question_in_words(query, request.user, request.scope)
        )
    except (NoReport, FilterError) as refused:
        context = {"fault": str(refused), "back": path}
        return render_page(
            request, "console/report_fault.html", context, current=report.name, status=400
        )
    about = printing.About(settings.COMPANY_NAME, question, _made(request.user))
    answer = HttpResponse(printing.pdf(html, about), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{file_name(path, request.GET)}"'
    return answer


def question_in_words(query: str, user: object, scope: Scope) -> tuple[str, ...]:
    """Period and filters of a report as lines.

    Raises: FilterError.
    """
    asked = QueryDict(query)
    filters = Filters.parse(
        asked, other=set(asked) - set(PARAMETERS), today=lambda: day_of(user, scope)
    )
    choices = choices_for(scope)
    labels = labels_of(choices, (*filters.cause, *filters.branch))
    names = {choice.name: choice.label for choice in choices}
    days = "days of the answers" if filters.by == "answered" else "days of the resolutions"
    lines = [f"Period: {asking.in_words(filters)} ({days}, counted in UTC)"]
    for name in DIMENSIONS:
        values = [labels.get((name, value), value) for value in filters.of(name)]
        if values:
            lines.append(f"{names.get(name, name.title())}: {' or '.join(values)}")
    own = [name for name in asked if name not in {*PARAMETERS, *PLACES}]
    for name in own:
        values = asked.getlist(name)
        told = _actions_in_words(values, scope) if name == "action" else values
        lines += [f"{name.capitalize()}: {', '.join(told)}"] * bool(told)
    return tuple(lines)


def _actions_in_words(values: list[str], scope: Scope) -> list[str]:
    """What actions are called, for whoever may know."""
    found = {str(action.pk): action.title for action in visible_actions(scope)}
    return [found[value] for value in values if value in found]


def _search_in_words(asked: QueryDict) -> tuple[str, ...]:
    """What a list of cases was asked for."""
    words, status = asked.get("q"), asked.get("status")
    found = [f"Find: {words}"] if words else []
    return (*found, *([f"Status: {status}"] if status else []), "Newest first, one page")


def file_name(path: str, asked: QueryDict) -> str:
    """`stabledoor-causes-billing-2026-01-01-to-2026-03-31.pdf`"""
    to = asked.get("to", "")
    days = [asked.get("period", ""), asked.get("from", ""), "to" if to else "", to]
    parts = ["stabledoor", slugify(path.replace("/", " ")) or "overview", *map(slugify, days)]
    return "-".join(part for part in parts if part)[:150] + ".pdf"


def _made(user: User) -> str:
    now: dt.datetime = timezone.now()
    with timezone.override(zone_of(user)):
        return f"Made {moment(now)} ({zone_of(user).key})"
