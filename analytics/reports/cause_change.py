"""One cause before and after something was done about it. Imports nothing that reads a fix
answer."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from analytics.filters import FilterError, Filters
from analytics.frames import names, weeks
from analytics.frames.actions import registered
from analytics.frames.selection import Selection
from analytics.reports import judged, strangers
from analytics.reports.access import NotVisible, refuse_hidden, require
from analytics.reports.cause_chart import Weeks, counted_weeks
from analytics.reports.changed import ChangeReport, Others, SideOfChange
from analytics.reports.charted import ActionMark
from analytics.reports.figures import CauseName
from analytics.reports.marks import marks_of, within
from surveys.services.access import Scope


def cause_change(
    filters: Filters, scope: Scope, code: str, on: dt.date | int, today: dt.date
) -> ChangeReport:
    """Whether cases and dismay of a cause changed on a day, or over the roll-out of a registered
    action, given by its id: over up to 78 whole weeks, until a year after.

    Of the dates asked for only the last counts: the weeks around it judge a change. Other causes
    stand beside it for readers of every number where nothing but dates is filtered, and strangers
    are told the days of an action alone.

    Raises: FilterError; NotVisible.
    """
    require(scope, cause=True)
    refuse_hidden(filters, scope)
    own = filters.about(code)
    try:
        [cause_id] = Selection.of(own, scope).cause or ()
    except ValueError:  # also FilterError: no such cause, or none of the reader's
        raise NotVisible from None
    marks = marks_of(registered([cause_id]))
    action, rollout = _rollout(on, marks)
    yesterday = today - dt.timedelta(days=1)
    until = min(filters.to or yesterday, yesterday)
    mondays = rollout.mondays(until, weeks.first_day())
    told, sides = () if scope.for_strangers else marks, judged.NOTHING
    if mondays:
        found = counted_weeks(own, scope, cause_id, mondays)
        coming = rollout.coming(mondays) if until == yesterday else None
        rest = _others(found, cause_id) if _compares(filters, scope) else {}
        sides = judged.judge(found, rollout, judged.up(mondays, [found])[0], coming, rest)
    return ChangeReport(
        CauseName(*names.causes([cause_id])[cause_id]),
        rollout.on,
        tuple(mondays[at] for at in sides.left_out.tolist()),
        sides.cases,
        sides.dismay,
        rollout.until,
        action if action in told else None,
        tuple(mark for mark in within(told, mondays) if mark != action),
    )


def _rollout(
    on: dt.date | int, marks: tuple[ActionMark, ...]
) -> tuple[ActionMark | None, judged.Rollout]:
    """Raises: FilterError where the cause has no such action, or it was withdrawn."""
    if isinstance(on, dt.date):
        return None, judged.Rollout(on, on)
    for mark in marks:
        if mark.id == on:
            return mark, judged.Rollout(mark.began_on, mark.done_on)
    raise FilterError("action", f"This cause has no action {on}.")


def _compares(filters: Filters, scope: Scope) -> bool:
    """Whether the other causes stand beside it."""
    is_told_all = scope.is_unlimited and not strangers.applies(scope)
    return is_told_all and not filters.about().is_filtered


def _others(found: Weeks, cause_id: int) -> judged.Rest:
    """All other causes together by week: cases, and dismayed of answers."""
    first, last = found.mondays[0], found.mondays[-1] + dt.timedelta(days=6)
    table = weeks.dismay(first, last)
    summed = table[table["cause_id"] != cause_id].groupby("week")[["dismayed", "n"]].sum()
    answers = summed.reindex(pd.Index(found.mondays), fill_value=0).to_numpy(np.int64)
    return {
        "cases": (found.everything - found.cases, None),
        "dismay": (answers[:, 0], answers[:, 1]),
    }


__all__ = ["ChangeReport", "Others", "SideOfChange", "cause_change"]
