"""Each picture at an address of its own, for mail, print and slides: the same filters, the same
access, the same drawing as on its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpResponse

from analytics import charts, reports
from analytics.console import asking
from analytics.console.agent_pictures import agents_picture, funnel_picture
from analytics.console.control_pictures import cause_chart_picture
from analytics.console.pictures import (
    Picture,
    matrix_picture,
    pareto_picture,
    preventable_picture,
    trend_picture,
)
from analytics.filters import FilterError, Filters
from analytics.printing import png
from surveys.console.roles import CAUSES, EVERYONE, FIX, NUMBERS, StaffRequest, role_of
from surveys.models import User
from surveys.services.access import Scope

#: A picture that is missing would look like a fault wherever the address is shown as an image.
EMPTY: Final = "Too few answers in this selection to draw anything."
Draw = Callable[[Filters, Scope], Picture | None]


@dataclass(frozen=True)
class StaticPicture:
    """Who may see it, and how it is drawn for a question and a scope."""

    roles: frozenset[User.Role]
    draw: Draw


def _cause(filters: Filters, scope: Scope) -> Picture | None:
    """One cause by the week: exactly one "cause" in the address."""
    if len(filters.cause) != 1:
        raise FilterError("cause", "Give exactly one “cause”.")
    [code] = filters.cause
    report = reports.cause_chart(filters.about(), scope, code, asking.today())
    return cause_chart_picture(report)


def _week(filters: Filters, scope: Scope) -> Picture | None:
    return trend_picture(reports.trend(filters, scope, "week"), least=5)


#: By the name in the address.
PICTURES: Final[Mapping[str, StaticPicture]] = {
    "matrix": StaticPicture(NUMBERS, lambda f, s: matrix_picture(reports.matrix(f, s))),
    "causes": StaticPicture(CAUSES, lambda f, s: pareto_picture(reports.causes(f, s), "")),
    "preventable": StaticPicture(
        CAUSES, lambda f, s: preventable_picture(reports.causes(f, s), "", limit=20)
    ),
    "agents": StaticPicture(FIX, lambda f, s: agents_picture(reports.agents(f, s), "")),
    "funnel": StaticPicture(FIX, lambda f, s: funnel_picture(reports.agents_funnel(f, s), "")),
    "trend": StaticPicture(NUMBERS, _week),
    "cause": StaticPicture(CAUSES, _cause),
}


def drawn(name: str, filters: Filters, scope: Scope, *, is_narrow: bool = False) -> str:
    """The picture as an SVG file; where there is nothing to draw, one that says so.

    Raises: KeyError for a name that is none of `PICTURES`; FilterError; NotVisible.
    """
    picture = PICTURES[name].draw(filters, scope)
    if picture is None:
        return charts.standalone(
            charts.blank(name, EMPTY, charts.NARROW if is_narrow else charts.WIDE)
        )
    return charts.standalone(str(picture.narrow if is_narrow else picture.wide))


@asking.report_page(EVERYONE, current="overview", other=("width",))
def chart(request: StaffRequest, filters: Filters, name: str, kind: str = "svg") -> HttpResponse:
    """`/charts/<name>.svg` and `.png`; `width=narrow` draws it for phones."""
    found = PICTURES.get(name)
    if found is None or role_of(request.user) not in found.roles:
        raise Http404("No such picture for this role.")
    is_narrow = request.GET.get("width") == "narrow"
    svg = drawn(name, filters, request.scope, is_narrow=is_narrow)
    if kind == "png":
        answer = HttpResponse(png(svg, width=360 if is_narrow else 720), content_type="image/png")
    else:
        answer = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    answer["Content-Disposition"] = f'inline; filename="stabledoor-{name}.{kind}"'
    return answer


__all__ = ["PICTURES", "chart", "drawn"]
