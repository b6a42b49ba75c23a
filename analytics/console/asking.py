"""The filter bar: the question stands in the address, and every change of it is a link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Final
from urllib.parse import parse_qsl

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics import reports
from analytics.console.bar_menu import menu_of
from analytics.filters import DIMENSIONS, FilterError, Filters, single
from analytics.frames.moment import one_moment
from analytics.periods import NAMES
from analytics.reports import windows
from analytics.reports.access import FIXED_PERIODS, NotVisible, refuse_differencing
from analytics.sharing.readers import day_of
from surveys.console.choices import Choice, choices_for, labels_of
from surveys.console.figures import day
from surveys.console.pages import render_page
from surveys.console.roles import StaffRequest, StaffView, staff
from surveys.models import User
from surveys.services.access import Scope


@dataclass(frozen=True)
class Step:
    """A link to the same page with another question."""

    label: str
    query: str
    is_current: bool = False
    hint: str = ""


@dataclass(frozen=True)
class FilterBar:
    """All the filter bar shows. `kept` are filters the form carries along unchanged."""

    periods: list[Step]
    chips: list[Step]
    choices: list[Choice]
    kept: list[tuple[str, str]]
    from_: dt.date | None
    to: dt.date | None
    by: str
    query: str
    clear_query: str
    period_in_words: str
    exports: list[Step] = field(default_factory=list)
    may_choose: bool = True
    period: str = ""
    relative: list[tuple[str, str]] = field(default_factory=list)
    comparing: Step | None = None


#: What the address of a page that compares with the period before says.
COMPARE: Final = "compare=previous"
#: The period a comparison begins with where everything is asked for.
_COMPARED_DAYS: Final = 28


def reads_comparison(request: HttpRequest) -> bool:
    """Whether the address asks for a comparison with the period before.

    Raises: FilterError.
    """
    found = single(request.GET, "compare")
    if found not in (None, "previous"):
        raise FilterError("compare", "“compare” must be “previous”.")
    return found is not None


def before(filters: Filters, *, is_wanted: bool) -> Filters | None:
    """The period before, where it is wanted and there is one."""
    return reports.previous(filters, today()) if is_wanted else None


def _comparing(filters: Filters, extra: str, is_on: bool) -> Step:
    """Switches the comparison; all of time has none before it, so there it starts with 28 days."""
    asked = filters
    if not is_on and filters.from_ is None:
        last = filters.to or today()
        asked = filters.with_(from_=last - dt.timedelta(days=_COMPARED_DAYS - 1), to=last)
    query = join(asked, extra) if is_on else join(asked, extra, COMPARE)
    hint = "The period before, moved back by whole weeks, so that weekdays meet"
    return Step("Compare with before", query, is_on, hint)


def today() -> dt.date:
    """The day in UTC, as the reports count days."""
    return timezone.now().astimezone(dt.UTC).date()


def readers_today(request: StaffRequest) -> dt.date:
    """The day it is for the reader, which a relative period ends on; for whoever reads fixed
    periods only, the day these are counted by."""
    if request.scope.agent_ids is not None:
        return today()
    return day_of(request.user, request.scope)


def bar(
    filters: Filters,
    scope: Scope,
    *,
    export: str = "",
    extra: str = "",
    compares: bool | None = None,
) -> FilterBar:
    """The bar for a question; `export` names the report of the API with the same figures, `extra`
    is what else the page keeps in its address ("interval=day"), and `compares` whether it is
    compared with the period before, None on a page that never does."""
    comparing = None if compares is None else _comparing(filters, extra, compares)
    asked_for, extra = extra, "&".join(part for part in (extra, COMPARE * bool(compares)) if part)
    files = exports(export, filters, asked_for) if export else []
    if compares and filters.from_ is not None:
        files += exports("comparison", filters, COMPARE, called="Comparison")
    choices = choices_for(scope)
    periods = _periods(filters, extra)
    kept = [(name, value) for name in DIMENSIONS for value in filters.of(name)]
    return FilterBar(
        periods=periods,
        chips=_chips(filters, choices, periods, extra),
        choices=choices,
        kept=kept + parse_qsl(extra),
        from_=None if filters.period else filters.from_,
        to=None if filters.period else filters.to,
        period=filters.period,
        relative=list(NAMES.items()),
        by=filters.by,
        query=filters.to_query(),
        clear_query=extra,
        period_in_words=in_words(filters),
        exports=files,
        may_choose=scope.agent_ids is None,
        comparing=comparing,
    )


def _chips(
    filters: Filters, choices: Sequence[Choice], periods: Sequence[Step], extra: str
) -> list[Step]:
    """What is filtered, each as the link that takes it away; a period only where no step of the
    bar says it already."""
    labels = labels_of(choices, (*filters.cause, *filters.branch))
    names = {choice.name: choice.label for choice in choices}
    chips = [
        Step(
            f"{names.get(name, name.title())}: {labels.get((name, value), value)}",
            join(filters.with_(**{name: _without(filters.of(name), value)}), extra),
        )
        for name in DIMENSIONS
        for value in filters.of(name)
    ]
    if filters.by == "resolved":
        chips.append(Step("By day of resolution", join(filters.with_(by="answered"), extra)))
    if (filters.from_ or filters.to) and not any(period.is_current for period in periods):
        chips.insert(0, Step(in_words(filters), join(filters.with_(from_=None, to=None), extra)))
    return chips


def exports(report: str, filters: Filters, extra: str = "", *, called: str = "") -> list[Step]:
    """The same figures as files; `called` where a page has more than one."""
    path = report if report.startswith("/") else f"/api/v1/reports/{report}/"
    return [
        Step(f"{called} {kind.upper()}".strip(), f"{path}?{join(filters, extra, asked)}")
        for kind, asked in FILES.items()
    ]


#: How each kind of file is asked for: for people with the lines that say what it is.
FILES: Final = {"csv": "format=csv&notes=1", "xlsx": "format=xlsx"}


def in_words(filters: Filters) -> str:
    """The period as a heading says it."""
    if filters.period:
        return f"{NAMES[filters.period]}: {in_words(filters.frozen)}"
    if filters.from_ and filters.to:
        if filters.from_ == filters.to:
            return day(filters.from_)
        return f"{day(filters.from_)} to {day(filters.to)}"
    if filters.from_:
        return f"since {day(filters.from_)}"
    return f"until {day(filters.to)}" if filters.to else "all time"


def _periods(filters: Filters, extra: str) -> list[Step]:
    last = today()
    steps = [
        Step(
            "All",
            join(filters.with_(from_=None, to=None), extra),
            filters.from_ is None and filters.to is None,
            "All time",
        )
    ]
    for days in FIXED_PERIODS:
        first = last - dt.timedelta(days=days - 1)
        steps.append(
            Step(
                f"{days} d",
                join(filters.with_(from_=first, to=last, period=f"{days}d"), extra),
                filters.period == f"{days}d" or (filters.from_ == first and filters.to == last),
                f"The last {days} days",
            )
        )
    return steps


def join(filters: Filters, *more: str) -> str:
    """The question and what else belongs into the address, as one query."""
    return "&".join(part for part in (filters.to_query(), *more) if part)


def _without(values: Sequence[str], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def report_page(
    roles: frozenset[User.Role], *, current: str, other: Sequence[str] = ()
) -> Callable[[Callable[..., HttpResponse]], Callable[[HttpRequest], HttpResponseBase]]:
    """A guarded page of a report; `other` names its own parameters beside the filters.

    A wrong filter is answered with 400 and a sentence, a report the role has no part in with 404.
    """

    def decorate(
        view: Callable[..., HttpResponse],
    ) -> Callable[[HttpRequest], HttpResponseBase]:
        @wraps(view)
        def asked(request: StaffRequest, **path: str | int) -> HttpResponse:
            try:
                request.menu = menu_of(request)  # type: ignore[attr-defined]
                filters = Filters.parse(
                    request.GET, other=other, today=lambda: readers_today(request)
                )
                refuse_differencing(filters, request.scope, today())
                windows.note(filters, today())
                with one_moment():
                    return view(request, filters, **path)
            except FilterError as error:
                context = {"fault": error.message, "back": request.path}
                return render_page(
                    request, "console/report_fault.html", context, current=current, status=400
                )
            except NotVisible:
                raise Http404("No such report for this role.") from None

        guarded: StaffView = staff(roles)(asked)
        safe = require_safe(guarded)
        safe.roles = guarded.roles
        safe.is_report = True  # type: ignore[attr-defined]  # it can be saved, printed and shared
        return safe

    return decorate
