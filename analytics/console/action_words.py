"""Preventive actions in words: their days, whether they were registered beforehand, and what the
figures say of each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from analytics import reports
from analytics.actions import days_in_words
from analytics.console.pictures import cause_address
from analytics.filters import Filters
from analytics.frames.actions import registered
from surveys.console.figures import plural, short_day
from surveys.services.access import Scope

_HEADS: Final = {
    "verified": ("Fewer", "good"),
    "worse": ("More", "bad"),
    "not shown": ("No change shown", ""),
    "too little data": ("Too little data", ""),
}


@dataclass(frozen=True)
class VerdictWords:
    """A verdict in a word or two, the tone it is shown in, and what it rests on or waits for."""

    head: str
    tone: str
    why: str


@dataclass(frozen=True)
class ActionLine:
    """One action as the list shows it; `address` is its before and after."""

    row: reports.ActionRow
    days: str
    registered: str
    is_late: bool
    cases: VerdictWords | None
    dismay: VerdictWords | None
    also: str
    address: str
    cause_address: str


def action_lines(found: tuple[reports.ActionRow, ...]) -> list[ActionLine]:
    """Actions in words, in their order."""
    return [_line(row) for row in found]


def newest_line(scope: Scope, row: reports.CauseRow, today: dt.date) -> ActionLine | None:
    """The action about a cause that began last; None where there is none, or none for strangers."""
    if scope.for_strangers or not registered([row.id]):
        return None
    found = reports.actions(Filters(cause=(row.cause.code,)), scope, today).results
    return next((_line(one) for one in found if one.withdrawn_on is None), None)


def _line(row: reports.ActionRow) -> ActionLine:
    return ActionLine(
        row,
        days=days_in_words(row.began_on, row.done_on),
        registered=registered_in_words(row),
        is_late=row.days_late > 0,
        cases=_verdict(row, row.cases),
        dismay=_verdict(row, row.dismay),
        also=also_in_words(row.also),
        address=change_address(row.cause.code, row.id),
        cause_address=cause_address(row.cause.code, ""),
    )


def change_address(code: str, action: int) -> str:
    """Before and after of an action, on the page of its cause."""
    return f"{reverse('cause', kwargs={'code': code})}?action={action}#before-after"


def registered_in_words(row: reports.ActionRow) -> str:
    """Whether its days stood fixed before anybody could see what came of it."""
    what = "registered" if row.dated_on == row.registered_on else "its days were last changed"
    return f"{what} {_when(row.days_late)}"


def late_in_words(mark: reports.ActionMark) -> str:
    """That its days were named when its effect could be seen already; empty beforehand."""
    late = (mark.dated_on - mark.began_on).days
    return f"its days were named {_when(late)}: a verdict is worth less" if late > 0 else ""


def _when(days_late: int) -> str:
    if days_late == 0:
        return "on the day it began"
    return f"{plural(abs(days_late), 'day')} {'after' if days_late > 0 else 'before'} it began"


def also_in_words(n: int) -> str:
    """Other actions in the weeks that count."""
    if not n:
        return ""
    return f"{plural(n, 'other action')} in the same weeks: what did it cannot be told apart"


def _verdict(row: reports.ActionRow, side: reports.ActionVerdict | None) -> VerdictWords | None:
    if side is None:
        return None
    head, tone = _HEADS[side.verdict]
    if side.ratio is None or side.low is None or side.high is None:
        return VerdictWords(head, tone, waits_for(row.done_on, side))
    return VerdictWords(
        head, tone, f"× {times(side.ratio)} ({times(side.low)} to {times(side.high)})"
    )


def waits_for(until: dt.date | None, side: reports.ActionVerdict | reports.SideOfChange) -> str:
    """What a verdict still lacks, and when it can be had at the earliest."""
    if until is None:
        return "name its last day first"
    if side.possible_on is not None:
        lacks = plural(side.missing_after, "week") + " more after"
        if side.missing_before and not side.missing_after:
            lacks = f"{plural(side.missing_before, 'week')} more before"
        elif side.missing_before:
            lacks = f"{plural(side.missing_before, 'week')} more before, {lacks}"
        return f"{lacks}: {short_day(side.possible_on)} at the earliest"
    if side.missing_before:
        return f"only {plural(side.weeks_before, 'week')} with data before"
    if side.missing_after:
        return f"only {plural(side.weeks_after, 'week')} with data after"
    return "nothing to measure"


def times(ratio: float) -> str:
    """A ratio: "0.42", "1.3", "12"."""
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"
