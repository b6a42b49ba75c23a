"""All preventive actions with their verdicts. Imports nothing that reads a fix answer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from analytics.columns import IntArray
from analytics.filters import DIMENSIONS, FilterError, Filters
from analytics.frames import names, weeks
from analytics.frames.actions import Registered, registered
from analytics.frames.selection import Selection
from analytics.reports import judged, weekly
from analytics.reports.access import NotVisible, refuse_hidden, require
from analytics.reports.cause_chart import Weeks, counted_weeks
from analytics.reports.changed import ActionRow, ActionsReport, ActionVerdict, SideOfChange
from analytics.reports.figures import CauseName, TrendReport
from analytics.reports.marks import marks_of, within
from surveys.services.access import Scope

Mondays = tuple[dt.date, ...]
_NO_TREND: Final = TrendReport("week", ())


def actions(
    filters: Filters, scope: Scope, today: dt.date, *, most: int | None = None
) -> ActionsReport:
    """The actions of the causes asked for, each with what its cause's page says of it; the causes
    beside it are told there alone. Withdrawn ones stand among them, without a verdict. With `most`
    only so many, newest begin first.

    Raises: FilterError for a filter other than the cause; NotVisible.
    """
    require(scope, cause=True)
    if scope.for_strangers:
        raise NotVisible
    refuse_hidden(filters, scope)
    _refuse_others(filters)
    found = registered(Selection.of(filters, scope).cause, withdrawn=True)
    there = [one for one in found if one.withdrawn_on is None]
    shown = found[:most]
    verdicts = _verdicts([one for one in shown if one.withdrawn_on is None], there, scope, today)
    called = names.causes(_causes(shown))
    return ActionsReport(
        tuple(_row(one, CauseName(*called[one.cause_id]), verdicts.get(one.id)) for one in shown),
        n_more=len(found) - len(shown),
    )


def _refuse_others(filters: Filters) -> None:
    asked = [name for name in DIMENSIONS if name not in ("cause", "branch") and filters.of(name)]
    asked += ["from"] if filters.from_ else ["to"] if filters.to else []
    asked += ["by"] if filters.by != "answered" else []
    if asked:
        raise FilterError(
            asked[0], f"Actions are listed by cause, not by {asked[0]}; open one to narrow it."
        )


#: Both sides, and how many other actions lie within the weeks.
_Verdict = tuple[judged.Judged, int]
#: From some weeks and causes to what was counted of them.
_Count = Callable[[Mondays, set[int]], dict[int, Weeks]]


def _verdicts(
    found: Sequence[Registered], there: Sequence[Registered], scope: Scope, today: dt.date
) -> Mapping[int, _Verdict]:
    """By id, of those found among all that are there. Weeks are read once for all causes, or for a
    bound reader once for each cause, and charted once for all that are judged by the same weeks."""
    if not found:
        return {}
    first_day, yesterday = weeks.first_day(), today - dt.timedelta(days=1)
    by_weeks: dict[Mondays, list[Registered]] = defaultdict(list)
    for one in found:
        by_weeks[tuple(_rollout(one).mondays(yesterday, first_day))].append(one)
    told: dict[int, _Verdict] = {one.id: (judged.NOTHING, 0) for one in by_weeks.pop((), ())}
    if not by_weeks:
        return told
    spans = [(mondays[0], mondays[-1]) for mondays in by_weeks]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    count = _of_everything(first, last) if scope.is_unlimited else _of_own(scope)
    marks = {cause: marks_of(x for x in there if x.cause_id == cause) for cause in _causes(found)}
    for mondays, together in by_weeks.items():
        counted = count(mondays, _causes(together))
        is_up = dict(zip(counted, judged.up(mondays, list(counted.values())), strict=True))
        for one in together:
            rollout, cause = _rollout(one), one.cause_id
            also = sum(mark.id != one.id for mark in within(marks[cause], mondays))
            coming = rollout.coming(mondays)
            told[one.id] = judged.judge(counted[cause], rollout, is_up[cause], coming, {}), also
    return told


def _rollout(one: Registered) -> judged.Rollout:
    return judged.Rollout(one.began_on, one.done_on)


def _causes(found: Iterable[Registered]) -> set[int]:
    return {one.cause_id for one in found}


def _of_own(scope: Scope) -> _Count:
    """As the page of each cause counts it for a bound reader: in full groups."""

    def count(mondays: Mondays, causes: set[int]) -> dict[int, Weeks]:
        called = names.causes(causes)
        return {
            cause_id: counted_weeks(
                Filters(cause=(called[cause_id][0],)), scope, cause_id, list(mondays)
            )
            for cause_id in sorted(causes)
        }

    return count


def _of_everything(first: dt.date, last: dt.date) -> _Count:
    """From the rollups of the weeks of these Mondays and all between, read once."""
    end = last + dt.timedelta(days=6)
    tables = weeks.dismay(first, end), weeks.cases(first, end, Selection())

    def count(mondays: Mondays, causes: set[int]) -> dict[int, Weeks]:
        answers, resolved = (
            table[table["week"].between(mondays[0], mondays[-1])] for table in tables
        )
        everything = _by_week(resolved, "cases", mondays)
        found = {}
        for cause_id in sorted(causes):
            own, cases = (part[part["cause_id"] == cause_id] for part in (answers, resolved))
            dismayed, n = (_by_week(own, name, mondays) for name in ("dismayed", "n"))
            number = _by_week(cases, "cases", mondays)
            found[cause_id] = Weeks(list(mondays), dismayed, n, number, everything, _NO_TREND)
        return found

    return count


def _by_week(found: pd.DataFrame, column: str, mondays: Mondays) -> IntArray:
    summed = np.bincount(
        weekly.places(found["week"], mondays), weights=found[column], minlength=len(mondays)
    )
    return summed.astype(np.int64)


def _row(one: Registered, cause: CauseName, verdict: _Verdict | None) -> ActionRow:
    sides, also = verdict or (None, 0)
    return ActionRow(
        id=one.id,
        cause=cause,
        title=one.title,
        text=one.text,
        owner=one.owner,
        began_on=one.began_on,
        done_on=one.done_on,
        registered_on=one.registered_on,
        dated_on=one.dated_on,
        days_late=(one.dated_on - one.began_on).days,
        withdrawn_on=one.withdrawn_on,
        cases=_told(sides.cases) if sides else None,
        dismay=_told(sides.dismay) if sides else None,
        also=also,
    )


def _told(side: SideOfChange) -> ActionVerdict:
    return ActionVerdict(
        side.verdict,
        side.before,
        side.after,
        side.ratio,
        side.low,
        side.high,
        side.weeks_before,
        side.weeks_after,
        side.missing_before,
        side.missing_after,
        side.possible_on,
    )
