"""Which causes left the limits of chance lately. Imports nothing that reads a fix answer."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd
from django.core.cache import cache

from analytics.columns import IntArray
from analytics.filters import Filters
from analytics.frames import names, weeks
from analytics.frames.selection import Selection
from analytics.reports import strangers, weekly
from analytics.reports.access import refuse_hidden, require
from analytics.reports.cause_chart import cause_chart
from analytics.reports.charted import Alarm, AlarmsReport
from analytics.reports.figures import CauseName
from surveys.services.access import Scope

#: Weeks of alarms that are told where no dates are asked for.
LATELY: Final = 13
#: Whole weeks hardly change; what is resolved late may wait so long to be charted.
_KEPT_SECONDS: Final = 600
#: A reader bound to some causes has each of them charted by itself.
_MOST_BOUND: Final = 25


def alarms(filters: Filters, scope: Scope, today: dt.date) -> AlarmsReport:
    """The upward alarms of the dismay and the cases of every cause, newest first: those of the
    asked dates, else of the last 13 whole weeks. Charts are always those of all answers; of the
    filters only dates and causes choose what is told.

    Raises: FilterError; NotVisible.
    """
    require(scope, cause=True)
    refuse_hidden(filters, scope)
    selection = Selection.of(filters, scope)
    until = min(filters.to or today - dt.timedelta(days=1), today - dt.timedelta(days=1))
    first_day, stamp = weeks.beginning()
    mondays = weekly.complete_weeks(until, first_day)
    if not mondays:
        return AlarmsReport((), None, None, 0, 0, 0.0)
    first = mondays[max(len(mondays) - LATELY, 0)]
    if filters.from_:
        first = max(mondays[0], weekly.monday(filters.from_))
    if not scope.is_unlimited:
        return _of_own(filters, scope, selection, (first, mondays[-1]), today)
    causes, charts = _everything(mondays, stamp)
    told = strangers.alarms(_told(causes, charts, selection, first), scope)
    watched = sum(int(found.control.ready.sum()) for found in charts)
    false = sum(float(found.false_a_year.sum()) for found in charts)
    return _report(told, (first, mondays[-1]), len(causes), watched, false)


def _told(
    causes: IntArray, charts: tuple[weekly.Charts, ...], selection: Selection, first: dt.date
) -> list[Alarm]:
    """The alarms of those asked for; of a hundred thousand causes only the few that are up are
    looked at one by one."""
    asked = np.ones(len(causes), dtype=bool)
    if selection.cause is not None:
        asked = np.isin(causes, selection.cause)
    are_up = [np.flatnonzero(asked & found.told()).tolist() for found in charts]
    called = names.causes([int(causes[place]) for place in {*are_up[0], *are_up[1]}])
    return [
        alarm
        for found, places in zip(charts, are_up, strict=True)
        for place in places
        if int(causes[place]) in called
        for alarm in weekly.alarms_of(found, place, CauseName(*called[int(causes[place])]), first)
    ]


def _report(
    told: list[Alarm], shown: tuple[dt.date, dt.date], n_causes: int, watched: int, false: float
) -> AlarmsReport:
    told.sort(key=lambda one: (one.cause.name, one.series))
    told.sort(key=lambda one: one.week, reverse=True)
    return AlarmsReport(tuple(told), *shown, n_causes, watched, false)


def _of_own(
    filters: Filters,
    scope: Scope,
    selection: Selection,
    shown: tuple[dt.date, dt.date],
    today: dt.date,
) -> AlarmsReport:
    told: list[Alarm] = []
    watched, false = 0, 0.0
    own = list(selection.cause or ())[:_MOST_BOUND]
    for code, _ in names.causes(own).values():
        report = cause_chart(filters.about().with_(from_=None), scope, code, today)
        watched += report.dismay.ready + report.cases.ready
        false += (report.dismay.false_a_year or 0.0) + (report.cases.false_a_year or 0.0)
        told += [alarm for alarm in report.alarms if alarm.week >= shown[0]]
    return _report(told, shown, len(own), watched, false)


def _everything(
    mondays: list[dt.date], stamp: str
) -> tuple[IntArray, tuple[weekly.Charts, weekly.Charts]]:
    """The charts of all causes; kept for ten minutes, as long as the same data lies there."""
    key = f"analytics:alarms-of-weeks:{mondays[0]}:{mondays[-1]}:{stamp}"
    found: tuple[IntArray, tuple[weekly.Charts, weekly.Charts]] | None = cache.get(key)
    if found is None:
        found = _chart(mondays)
        cache.set(key, found, _KEPT_SECONDS)
    return found


def _chart(mondays: list[dt.date]) -> tuple[IntArray, tuple[weekly.Charts, weekly.Charts]]:
    first, last = mondays[0], mondays[-1] + dt.timedelta(days=6)
    answers = weeks.dismay(first, last)
    resolved = weeks.cases(first, last, Selection())
    causes = np.union1d(answers["cause_id"], resolved["cause_id"]).astype(np.int64)
    causes = causes[causes > 0]
    n = _table(answers, "n", causes, mondays)
    dismayed = _table(answers, "dismayed", causes, mondays)
    cases = _table(resolved, "cases", causes, mondays)
    whole = resolved.groupby("week")["cases"].sum().reindex(mondays, fill_value=0)
    of_all = np.broadcast_to(whole.to_numpy(np.int64), cases.shape)
    return causes, (
        weekly.charts(weekly.Counted("dismay", mondays, dismayed, n), limits=False),
        weekly.charts(weekly.Counted("cases", mondays, cases, of_all), limits=False),
    )


def _table(found: pd.DataFrame, column: str, causes: IntArray, mondays: list[dt.date]) -> IntArray:
    """(causes, weeks) of a long frame; what it does not name is 0."""
    table = np.zeros((len(causes), len(mondays)), np.int64)
    known = found[found["cause_id"] > 0]
    if len(known) and len(causes):
        row = np.searchsorted(causes, known["cause_id"].to_numpy(np.int64))
        table[row, weekly.places(known["week"], mondays)] = known[column].to_numpy(np.int64)
    return table
