"""Tags of the report pages: every number leads to what it means and to the answers behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from django import template
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from analytics.console.definitions import DEFINITIONS, Definition
from analytics.filters import Filters
from analytics.metrics.control import false_alarms_a_year
from analytics.reports import ComparedShare
from surveys.console.figures import count, points
from surveys.console.roles import COMMENTS, role_of

register = template.Library()

#: Of each number the answers that it counts, as the page of responses calls them.
COUNTED: Final = {
    "top2": "satisfied",
    "dismayed": "dismayed",
    "share_satisfied": "masked",
    "share_all": "masked",
}
_USED: Final = "definitions_used"


@register.simple_tag(takes_context=True)
def term(context: template.Context, key: str, label: str = "") -> SafeString:
    """The name of a number as a button that opens its definition, by tap, keyboard and (with the
    script) hover. `{% definitions %}` at the end of the page writes what it opens.

    Raises: KeyError for a number nobody has defined.
    """
    found = DEFINITIONS[key]
    # On the request, not in the context: a tag inside an include sees a context of its own.
    used = context["request"].__dict__.setdefault(_USED, {})
    used[key] = found
    return format_html(
        '<button type="button" class="term" popovertarget="what-{}">{}</button>',
        found.anchor,
        label or found.name,
    )


@dataclass(frozen=True)
class Explained:
    """A definition as it stands at the end of the page, with the answers behind the number."""

    definition: Definition
    answers: str


@register.inclusion_tag("console/_definitions.html", takes_context=True)
def definitions(context: template.Context) -> dict[str, Any]:
    """What the terms used on this page mean."""
    request = context["request"]
    used: dict[str, Definition] = request.__dict__.get(_USED, {})
    query = str(context.get("answers", context.get("keep", "")) or "")
    reads = role_of(request.user) in COMMENTS
    return {
        "explained": [
            Explained(found, _answers(key, query, request.scope) if reads else "")
            for key, found in used.items()
        ]
    }


def _answers(key: str, query: str, scope: Any) -> str:
    # A bound reader cannot narrow responses by what they say.
    show = COUNTED.get(key, "") if scope.is_unlimited else ""
    parts = [part for part in (query, f"show={show}" if show else "") if part]
    return reverse("responses") + ("?" + "&".join(parts) if parts else "")


@register.simple_tag(takes_context=True)
def behind(context: template.Context, value: object, **narrower: str) -> str:
    """A count as the way to the answers that it counts: those of the page's filters, narrowed by
    `cause`, `agent`, `product`, `channel`, `from` and `to`, or `show`. The bare count where the
    reader cannot open just these."""
    shown = count(value)  # type: ignore[arg-type]  # what a count takes
    request = context["request"]
    reads = role_of(request.user) in COMMENTS
    own = {"agent"} if request.scope.sees_agents else {"cause"}
    if not value or not reads or not (request.scope.is_unlimited or set(narrower) <= own):
        return shown
    kept = QueryDict(str(context.get("answers", context.get("keep", "")) or ""), mutable=True)
    if narrower.keys() & {"from_", "to"}:
        for name in ("from", "to", "period"):
            kept.pop(name, None)
    for name, wanted in narrower.items():
        kept[name.rstrip("_")] = str(wanted)
    return format_html(
        '<a class="behind-number" href="{}?{}">{}</a>',
        reverse("responses"),
        kept.urlencode(),
        shown,
    )


@register.filter
def told_apart(compared: ComparedShare) -> bool:
    """Whether the interval of the difference leaves out no difference at all."""
    low, high = compared.difference_low, compared.difference_high
    return low is not None and high is not None and (low > 0 or high < 0)


@register.filter
def direction(compared: ComparedShare) -> str:
    """ "higher", "lower" or, where the interval holds both, "not told apart from chance"."""
    if not told_apart(compared):
        return "not told apart from chance"
    return "higher" if (compared.difference or 0) > 0 else "lower"


@register.filter
def minus(value: float | None, other: float | None) -> float | None:
    """The difference of two figures; None where either is missing."""
    return None if value is None or other is None else value - other


@register.filter
def plain_points(value: float | None) -> str:
    """A spread of shares in percentage points, without a sign: "11"."""
    return points(value).lstrip("+")


@register.filter
def chosen(filters: Filters, dimension: str) -> tuple[str, ...]:
    """The values chosen of one dimension."""
    return filters.of(dimension)


@register.filter
def as_options(options: Iterable[tuple[str, str]]) -> SafeString:
    """Values and labels as the options of a list. Every page has one of all agents: a loop of the
    template takes as long for two thousand as the rest of a page."""
    written = (
        f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in options
    )
    return mark_safe("".join(written))  # noqa: S308 - both are escaped


@register.filter
def false_alarms(n_causes: int) -> str:
    """How many alarms a year chance alone raises among so many causes, two charts each."""
    return f"{false_alarms_a_year(2 * n_causes):.1f}"
