"""Agents, by how customers rated the fix. No cause answer is read for these pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from analytics import charts, reports
from analytics.console import asking, parts
from analytics.console.agent_pictures import MOST_LINES, agents_picture, funnel_picture, in_words
from analytics.console.comments import comments_of
from analytics.console.pictures import Picture, trend_picture
from analytics.filters import FilterError, Filters, single
from analytics.reports.access import FEWEST_FOR_AGENTS
from surveys.console.choices import visible_agent
from surveys.console.pages import render_page
from surveys.console.roles import FIX, OWN_FIX, StaffRequest, staff
from surveys.models import Agent, User
from surveys.services.access import Scope

#: Rows of the table on one page: as many as its picture draws.
ROWS: Final = MOST_LINES
#: Of a PDF or a link, which have no further page.
MOST_ROWS: Final = 5_000
#: Never in the order of a score.
ORDERS: Final = {"name": "by name", "ratings": "by number of ratings"}


@asking.report_page(FIX, current="agents", other=(parts.PAGE, "order"))
def agents(request: StaffRequest, filters: Filters) -> HttpResponse:
    """All agents as intervals, by name or by number of ratings; never in the order of a score."""
    number, order = parts.asked_for(request), _order(request)
    report = reports.agents(filters, request.scope)
    funnel = reports.funnel_of(report)
    extra = "" if order == "name" else f"order={order}"
    filter_bar = asking.bar(filters, request.scope, extra=extra)
    filter_bar.exports.extend(asking.exports("agents", filters))
    filter_bar.exports.extend(asking.exports("funnel", filters, called="Against chance"))
    rows: Sequence[reports.AgentRow] = report.results
    if order == "ratings":
        rows = tuple(sorted(rows, key=lambda row: -row.n))  # by name where there are as many
    part = parts.part_of(rows, number, filters, extra, size=ROWS, most=MOST_ROWS)
    context = {
        "bar": filter_bar,
        "report": report,
        "part": part,
        "order": ORDERS[order],
        "orders": _orders(order, filters),
        "picture": agents_picture(report, filter_bar.query, part.rows, order=ORDERS[order]),
        "funnel": funnel,
        "funnel_picture": funnel_picture(funnel, filter_bar.query),
        "flagged": {point.id for point in funnel.results if point.flagged},
        "unseparated": {point.id for point in funnel.results if not point.separable},
        "is_crowd": len(funnel.results) > charts.MOST_DOTS,
        "n_undrawn": sum(row.shrunk is None for row in part.rows),
        "keep": filter_bar.query,
    }
    return render_page(request, "console/agents.html", context, current="agents")


def _order(request: StaffRequest) -> str:
    order = single(request.GET, "order") or "name"
    if order not in ORDERS:
        raise FilterError("order", f"“order” must be {' or '.join(ORDERS)}.")
    return order


def _orders(order: str, filters: Filters) -> list[asking.Step]:
    return [
        asking.Step(
            words, asking.join(filters, "" if name == "name" else f"order={name}"), name == order
        )
        for name, words in ORDERS.items()
    ]


@dataclass(frozen=True)
class OwnTrend:
    """One agent over time: the picture, and the bucket it is drawn by."""

    interval: Literal["month", "quarter"]
    picture: Picture


def own_trend(filters: Filters, scope: Scope) -> OwnTrend | None:
    """By month where at least half of the months have enough ratings, else by quarter; None where
    even of the quarters no two can be compared."""
    intervals: tuple[Literal["month", "quarter"], ...] = ("month", "quarter")
    for interval in intervals:
        report = reports.trend(filters, scope, interval)
        counts = [point.fix.n for point in report.results if point.fix]
        enough = sum(n >= FEWEST_FOR_AGENTS for n in counts)
        if enough >= 2 and 2 * enough >= len(counts):
            picture = trend_picture(report, cause=False, least=FEWEST_FOR_AGENTS)
            return OwnTrend(interval, picture)
    return None


@dataclass(frozen=True)
class Place:
    """What the funnel says of one agent, and how many ratings would be enough."""

    words: str
    enough: reports.HowMany


def place_in_funnel(filters: Filters, scope: Scope, agent_id: int) -> Place | None:
    """None for the agent's own page, which shows nobody else's figures."""
    if scope.agent_ids is not None:
        return None
    funnel = reports.agents_funnel(filters.with_(agent=()), scope)
    own = next((point for point in funnel.results if point.id == agent_id), None)
    return Place(in_words(own) if own else "under 30 ratings, so not compared", funnel.enough)


def _mix(filters: Filters, scope: Scope, agent_id: int) -> reports.MixReport | None:
    """None for whoever could tell a customer where agents and causes cross."""
    if scope.for_strangers or not scope.is_unlimited:
        return None
    return reports.agent_mix(filters, scope, agent_id)


@asking.report_page(OWN_FIX, current="agents")
def one_agent(request: StaffRequest, filters: Filters, pk: int) -> HttpResponse:
    """One agent's share with its uncertainty, its trend, and what was said about the handling."""
    scope = request.scope
    try:
        agent = visible_agent(scope, pk)
    except Agent.DoesNotExist:
        raise Http404("No such agent.") from None
    mine = filters.with_(agent=(agent.code,))
    report = reports.agents(mine, scope)
    row = report.results[0] if report.results else None
    said = reports.responses(mine, scope, limit=200)
    is_own = scope.agent_ids is not None
    # For the own page the files are those of "My fixes": agents narrow nothing.
    files = asking.exports("agents", filters if is_own else mine)
    current = "own_agent" if is_own else "agents"
    context = {
        "bar": replace(asking.bar(filters, scope), exports=files),
        "agent": agent,
        "row": row,
        "company": report.company,
        "place": place_in_funnel(filters, scope, agent.id),
        "mix": _mix(filters, scope, agent.id),
        "n_ranked": report.n_ranked,
        "trend": own_trend(mine, scope),
        "comments": comments_of(said.results, scope, sides=("fix",), most=30),
        "comments_too_few": said.too_few,
        "is_own": is_own,
        "keep": filters.to_query(),
    }
    return render_page(request, "console/agent.html", context, current=current)


@require_safe
@staff(frozenset({User.Role.AGENT}))
def own_agent(request: StaffRequest) -> HttpResponse:
    """The agent's own page, or how to get one."""
    if request.user.agent_id is None:
        return render_page(request, "console/agent_unlinked.html", {}, current="own_agent")
    return HttpResponseRedirect(reverse("agent", kwargs={"pk": request.user.agent_id}))
