"""Causes, by how much customers minded. No fix answer and no agent is read for these pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from django.http import Http404, HttpResponse
from django.urls import reverse

from analytics import reports
from analytics.actions import days_in_words
from analytics.console import asking, parts
from analytics.console.action_forms import may_register
from analytics.console.action_words import late_in_words
from analytics.console.changes import asked_again, change_lines, days_of, read_change
from analytics.console.comments import comments_of
from analytics.console.control_pictures import alarm_lines, cause_chart_picture, promise_in_words
from analytics.console.pictures import pareto_picture
from analytics.filters import Filters
from analytics.frames.actions import registered
from analytics.reports import compared_in_words
from surveys.console.choices import Known, visible_cause
from surveys.console.pages import render_page
from surveys.console.roles import CAUSES, StaffRequest
from surveys.models import Cause
from surveys.services.access import Scope
from surveys.services.staffing import owners_told, owning_teams, possible_owners

#: Rows of the table on one page.
ROWS = 100
#: Of a PDF or a link, which have no further page: a longer table serves nobody; a file holds all.
MOST_ROWS = 500


@dataclass(frozen=True)
class Done:
    """An action as the page of its cause names it."""

    mark: reports.ActionMark
    days: str
    late: str


@asking.report_page(CAUSES, current="causes", other=(parts.PAGE,))
def causes(request: StaffRequest, filters: Filters) -> HttpResponse:
    """All causes, worst index first."""
    number = parts.asked_for(request)
    report = reports.causes(filters, request.scope)
    filter_bar = asking.bar(filters, request.scope, export="causes")
    filter_bar.exports.extend(asking.exports("alarms", filters, called="Alarms"))
    alarms = reports.alarms(filters, request.scope, asking.today())
    part = parts.part_of(report.results, number, filters, "", size=ROWS, most=MOST_ROWS)
    context = {
        "bar": filter_bar,
        "lines": _with_owners(part.rows, request.scope),
        "alarms": alarms,
        "alarm_lines": alarm_lines(alarms.results, filter_bar.query, request.scope),
        "promise": promise_in_words(alarms),
        "part": part,
        "picture": pareto_picture(report, filter_bar.query),
        "keep": filter_bar.query,
    }
    return render_page(request, "console/causes.html", context, current="causes")


def _with_owners(
    rows: Sequence[reports.CauseRow], scope: Scope
) -> list[tuple[reports.CauseRow, str]]:
    """The rows of a page with who owns each; whom a stranger is not told."""
    owners = owners_told((row.cause.code for row in rows), scope)
    return [(row, owners.get(row.cause.code, "")) for row in rows]


@asking.report_page(CAUSES, current="causes", other=("change", "action"))
def one_cause(request: StaffRequest, filters: Filters, code: str) -> HttpResponse:
    """One cause: its figures, its trend, and what customers say should change."""
    scope = request.scope
    try:
        cause = visible_cause(scope, code)
    except Cause.DoesNotExist:
        raise Http404("No such cause.") from None
    on = read_change(request.GET)
    own, others = filters.about(cause.code), filters.about()
    report = reports.causes(own, scope)
    said = reports.responses(own, scope, limit=200)
    chart = reports.cause_chart(others, scope, cause.code, asking.today())
    changed = _changed(others, scope, cause.code, on)
    context = {
        "bar": _bar(others, scope, cause.code, on),
        "cause": cause,
        "row": next((row for row in report.results if row.cause.code == cause.code), None),
        "chart": chart,
        "story": reports.cause_story(scope, cause.id, asking.today()),
        "chart_picture": cause_chart_picture(chart, _marked(changed), name="cause"),
        "actions": _done_about_it(scope, cause),
        "may_register": may_register(request.user) and not scope.for_strangers,
        "alarm_lines": alarm_lines(chart.alarms, filters.to_query(), scope),
        "marks": [compared_in_words(mark) for mark in chart.marks],
        "comments": comments_of(said.results, scope, sides=("cause",), most=30, names_cause=False),
        "comments_too_few": said.too_few,
        "owners": possible_owners() if scope.can_administer else [],
        "owning_teams": owning_teams() if scope.can_administer else [],
        "keep": filters.to_query(),
        "kept": parse_qsl(others.to_query()),
        "answers": own.to_query(),
        **changed,
    }
    return render_page(request, "console/cause.html", context, current="causes")


def _bar(filters: Filters, scope: Scope, code: str, on: dt.date | int | None) -> asking.FilterBar:
    """The files are the figures and the weeks of the chart; the day of a change stays in the
    address."""
    weeks = reverse("api-cause-chart", kwargs={"code": code})
    filter_bar = asking.bar(filters, scope, extra=asked_again(on))
    files = asking.exports("causes", filters.about(code))
    files += asking.exports(weeks, filters, called="By week")
    return replace(filter_bar, exports=files)


def _marked(changed: dict[str, object]) -> dt.date | None:
    """The day to mark on the charts, where no registered action marks it already."""
    change = changed.get("change")
    if not isinstance(change, reports.ChangeReport) or change.action is not None:
        return None
    return change.on


def _done_about_it(scope: Scope, cause: Known) -> list[Done]:
    """The registered actions, newest begin first; strangers are told of none."""
    if scope.for_strangers:
        return []
    return [
        Done(mark, days_in_words(mark.began_on, mark.done_on), late_in_words(mark))
        for mark in reversed(reports.marks_of(registered([cause.id])))
    ]


def _changed(
    filters: Filters, scope: Scope, code: str, on: dt.date | int | None
) -> dict[str, object]:
    if on is None:
        return {}
    change = reports.cause_change(filters, scope, code, on, asking.today())
    address = reverse("api-cause-change", kwargs={"code": code})
    asked = asked_again(on, called="on")
    return {
        "change": change,
        "change_days": days_of(change),
        "change_lines": change_lines(change),
        "change_exports": asking.exports(address, filters, asked, called="Change"),
    }
