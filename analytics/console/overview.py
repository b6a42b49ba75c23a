"""The first screen: masked dissatisfaction, fix, cause, and whether the two ratings separate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from analytics import reports
from analytics.console import asking
from analytics.console.action_forms import may_register
from analytics.console.action_words import ActionLine, newest_line
from analytics.console.comments import Comment, comments_of
from analytics.console.control_pictures import alarm_lines, promise_in_words
from analytics.console.pictures import (
    by_preventable,
    matrix_picture,
    preventable_picture,
    trend_picture,
)
from analytics.console.silent import silent_lines
from analytics.filters import Filters
from surveys.console.first_hour import checklist
from surveys.console.inbox import catches_mail, language_choices
from surveys.console.pages import render_page
from surveys.console.roles import EVERYONE, LANDING, StaffRequest, role_of, staff
from surveys.services.access import Scope
from surveys.services.staffing import owners_told

SHOWN_CAUSES: Final = 6
SHOWN_COMMENTS: Final = 6
SHOWN_AGENTS: Final = 3
SHOWN_ALARMS: Final = 8
#: Points between the raw share and the share with everyone's mix of cases that are worth a word.
UNFAIR_FROM: Final = 0.02


#: The order of the pages, as people say it.
ARM_WORDS: Final = {
    "fix_first": "Asked about the fix first",
    "cause_first": "Asked about the cause first",
}


@dataclass(frozen=True)
class Separation:
    """How far the two ratings tell the same, as sentences."""

    sentence: str
    is_warning: bool


def separation_in_words(found: reports.SeparationFigures | None) -> Separation:
    """What the correlation of the two ratings means."""
    if found is None or found.r is None:
        return Separation("Too few answered both questions to say how far they separate.", False)
    if found.hardly:
        return Separation(
            "The two ratings hardly separate: who is unhappy with one is mostly unhappy with the "
            "other. Read neither as if it stood alone.",
            True,
        )
    if abs(found.r) < 0.3:
        return Separation(
            "The two ratings separate well: customers rate the fix and the cause apart.", False
        )
    return Separation(
        "The two ratings separate, with some halo: part of what is felt about one colours the "
        "other. That can be limited and measured, not abolished.",
        False,
    )


@dataclass(frozen=True)
class FixFirst:
    """The cause with the most preventable dismay, who owns it (strangers are not told), what is not
    told apart from it, how its customers rated the fix, and what was done about it last."""

    row: reports.CauseRow
    owner: str
    rivals: tuple[reports.CauseRow, ...]
    fix: reports.FixFigures
    done: ActionLine | None


def what_to_fix_first(
    report: reports.CausesReport, filters: Filters, scope: Scope
) -> FixFirst | None:
    """By volume × dismay × avoidable; None where too few answered about it."""
    ranked = by_preventable(report)
    if not ranked or ranked[0].dismayed is None:
        return None
    first = ranked[0]
    owner = owners_told([first.cause.code], scope).get(first.cause.code, "")
    least = first.preventable_low or 0.0
    near = ranked.reaching("preventable_high", least)
    rivals = tuple(row for row in near if row.id != first.id)
    fix = reports.fix_of_cause(filters, scope, first.id)
    done = newest_line(scope, first, asking.today())
    return FixFirst(first, owner, rivals, fix, done)


def judged_unfairly(report: reports.AgentsReport) -> tuple[reports.AgentRow, ...]:
    """Agents whose raw share is worse than their work: with everyone's mix of cases it would be
    higher by two points or more. By name; those with few ratings are left out."""
    found = report.results.better_by(UNFAIR_FROM)
    worst = sorted(found, key=lambda row: (row.top2 or 0) - (row.adjusted or 0))[:SHOWN_AGENTS]
    return tuple(sorted(worst, key=lambda row: row.agent.name.casefold()))


@require_safe
@staff(EVERYONE)
def front_door(request: StaffRequest) -> HttpResponseBase:
    """The overview for who reads all numbers; for the others the page of their own work."""
    landing = LANDING.get(role_of(request.user))
    if landing:
        return HttpResponseRedirect(reverse(landing))
    return overview(request)


@asking.report_page(EVERYONE - set(LANDING), current="overview", other=("compare",))
def overview(request: StaffRequest, filters: Filters) -> HttpResponse:
    """Everything on one page, each part leading to its own."""
    scope = request.scope
    compares = asking.reads_comparison(request)
    figures = reports.overview(filters, scope)
    filter_bar = asking.bar(filters, scope, export="overview", compares=compares)
    frame = {
        "bar": filter_bar,
        "figures": figures,
        "keep": filter_bar.query,
        "first_hour": checklist(request),
    }
    if not figures.invited and not (figures.fix and figures.fix.n):
        empty = "console/overview_empty.html"
        return render_page(request, empty, frame | _try(), current="overview")
    said: list[Comment] = comments_of(
        reports.responses(filters, scope, limit=60).results, scope, most=SHOWN_COMMENTS
    )
    causes = reports.causes(filters, scope)
    both = reports.matrix(filters, scope)
    before = asking.before(filters, is_wanted=compares)
    alarms = reports.alarms(filters, scope, asking.today())
    context = frame | {
        "before": asking.in_words(before) if before else "",
        "change": reports.compared(figures, reports.overview(before, scope)) if before else None,
        "fix_first": what_to_fix_first(causes, filters, scope),
        "may_register": may_register(request.user) and not scope.for_strangers,
        "unfair": judged_unfairly(reports.agents(filters, scope)),
        "alarms": alarms,
        "alarm_lines": alarm_lines(alarms.results, filter_bar.query, scope)[:SHOWN_ALARMS],
        "promise": promise_in_words(alarms),
        "both": both,
        "matrix": matrix_picture(both),
        "pareto": preventable_picture(causes, filter_bar.query, limit=SHOWN_CAUSES),
        "trend": trend_picture(reports.trend(filters, scope, "week"), name="trend"),
        "separation": separation_in_words(figures.separation),
        "arms": [(ARM_WORDS.get(arm.arm, arm.arm), arm.separation) for arm in both.arms],
        "silent": silent_lines(reports.silent_bounds(figures)),
        "comments": said,
        **_try(),
    }
    return render_page(request, "console/overview.html", context, current="overview")


def _try() -> dict[str, object]:
    return {
        "catches_mail": catches_mail(),
        "languages": language_choices(),
        "site_url": settings.SITE_URL,
    }
