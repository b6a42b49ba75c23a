"""Fix and cause over time, side by side, each from its own answers."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pandas as pd

from analytics.filters import Filters
from analytics.frames import cause, fix, versions
from analytics.frames.selection import Selection
from analytics.metrics.trend import trend as over_time
from analytics.reports import strangers, suppression, told_cause, told_fix, unseparated
from analytics.reports.access import FEWEST_FOR_AGENTS, NotVisible, fewest, refuse_hidden
from analytics.reports.cached import cached
from analytics.reports.figures import Dimension, Interval, TrendMark, TrendPoint, TrendReport
from analytics.reports.made import cause_of, fix_of, table_rows
from surveys.questionnaire.comparing import because
from surveys.services.access import Scope

#: The question that each side's trend is drawn from.
HEADLINES: Final[dict[Dimension, str]] = {"fix": "F1", "cause": "C1"}


def trend(filters: Filters, scope: Scope, interval: Interval = "week") -> TrendReport:
    """Number, mean and share of ratings 4–5 per day, ISO week, month or quarter.

    From the first to the last day asked for, else of the answers found.

    Raises: FilterError; NotVisible for a reader who sees neither fix nor cause.
    """
    if not (scope.sees_fix or scope.sees_cause):
        raise NotVisible
    refuse_hidden(filters, scope)
    selection = Selection.of(filters, scope)
    fixes, causes = _daily(filters, scope, selection)
    before = unseparated.history(filters, scope, selection, interval)
    since, until = _period(filters, [part for part in (fixes, causes) if part is not None])
    if since is None or until is None:
        return TrendReport(interval, (), (), *before)
    unseparated.refuse_too_many(since, until, interval)
    points = _points(fixes, causes, interval, since, until, fewest(scope))
    least = FEWEST_FOR_AGENTS if filters.agent else fewest(scope)
    points = strangers.points(points, scope, least)
    sides: list[Dimension] = []
    if fixes is not None:
        sides.append("fix")
    if causes is not None:
        sides.append("cause")
    return TrendReport(interval, points, _marks(sides, selection, since, until), *before)


def compared_in_words(mark: TrendMark) -> str:
    """What a mark means: "F1 changed on …. Answers before and after cannot be compared."."""
    return (
        f"{mark.item} changed on {mark.date.day} {mark.date:%B %Y} with version {mark.version} of "
        f"“{mark.questionnaire_name}”: {mark.why}. Answers before and after cannot be compared."
    )


def _daily(
    filters: Filters, scope: Scope, selection: Selection
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Fix and cause by day, each where the reader sees it; a bound reader's in whole groups, on
    the day a group was full."""
    fixes = causes = None
    if not scope.is_unlimited:
        if scope.sees_fix:
            fixes = suppression.daily(told_fix.ratings(filters, scope).answers, "f1")
        else:
            causes = suppression.daily(told_cause.ratings(filters, scope).answers, "c1")
        return fixes, causes
    if scope.sees_fix:
        fixes = cached("fix-daily", selection, lambda: fix.daily(selection))
    if scope.sees_cause:
        causes = cached("cause-daily", selection, lambda: cause.daily(selection))
    return fixes, causes


def _marks(
    sides: list[Dimension], selection: Selection, since: dt.date, until: dt.date
) -> tuple[TrendMark, ...]:
    """Each side's own: a change of one headline says nothing about the other side's trend. What was
    published on the first day or before has nothing to be compared with."""
    found = versions.restarts(selection, [HEADLINES[side] for side in sides])
    return tuple(
        TrendMark(
            date=one.day,
            dimension=side,
            item=one.item,
            questionnaire=one.slug,
            questionnaire_name=one.name,
            version=one.number,
            why=because(one.kinds),
        )
        for side in sides
        for one in found
        if one.item == HEADLINES[side] and since < one.day <= until
    )


def _points(
    fixes: pd.DataFrame | None,
    causes: pd.DataFrame | None,
    interval: Interval,
    since: dt.date,
    until: dt.date,
    least: int,
) -> tuple[TrendPoint, ...]:
    def over(daily: pd.DataFrame | None, name: str) -> list[dict[str, Any]] | None:
        if daily is None:
            return None
        table = over_time(daily, interval, share_name=name, since=since, until=until)
        return table_rows(table)

    fix_rows, cause_rows = over(fixes, "top2"), over(causes, "dismayed")
    either = fix_rows or cause_rows or []
    return tuple(
        TrendPoint(
            start=_day(row["start"]),
            end=_day(row["end"]),
            partial=bool(row["partial"]),
            fix=fix_of(fix_rows[place], least) if fix_rows is not None else None,
            cause=cause_of(cause_rows[place], least) if cause_rows is not None else None,
        )
        for place, row in enumerate(either)
    )


def _period(filters: Filters, found: list[pd.DataFrame]) -> tuple[dt.date | None, dt.date | None]:
    days = [day for part in found for day in part["day"]]
    first, last = filters.from_, filters.to
    if days:
        first, last = first or min(days), last or max(days)
    return first, last


def _day(value: object) -> dt.date:
    return pd.Timestamp(str(value)).date()
