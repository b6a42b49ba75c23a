"""One cause by the week: when it became worse, and where. Imports nothing that reads a fix
answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.columns import HISTOGRAM, IntArray
from analytics.filters import Filters
from analytics.frames import names, weeks
from analytics.frames.actions import registered
from analytics.frames.selection import Selection
from analytics.metrics.causes import TOO_FEW
from analytics.metrics.intervals import wilson
from analytics.reports import strangers, weekly
from analytics.reports.access import NotVisible, refuse_hidden, require
from analytics.reports.charted import Alarm, CauseChartReport, CausePart, ChartSeries
from analytics.reports.figures import CauseName, TrendReport
from analytics.reports.marks import marks_of, within
from analytics.reports.trend import trend
from surveys.services.access import Scope

_WITHOUT = "none told"


def cause_chart(filters: Filters, scope: Scope, code: str, today: dt.date) -> CauseChartReport:
    """Dismay and cases by week with the limits of chance, up to the last whole week.

    The chart shows up to 78 weeks whatever first day is asked for: limits need the weeks before.
    The dismay of each week is the trend's figure, so whatever is withheld there is withheld here.
    What was done about it stays inside: strangers are told of no action.

    Raises: FilterError; NotVisible.
    """
    require(scope, cause=True)
    refuse_hidden(filters, scope)
    own = filters.about(code)
    try:
        [cause_id] = Selection.of(own, scope).cause or ()
    except ValueError:  # also FilterError: no such cause, or none of the reader's
        raise NotVisible from None
    name = CauseName(*names.causes([cause_id])[cause_id])
    until = min(filters.to or today - dt.timedelta(days=1), today - dt.timedelta(days=1))
    mondays = weekly.complete_weeks(until, weeks.first_day())
    series, alarms = _series(own, scope, cause_id, mondays, name)
    marks = series[2].marks
    products = channels = None
    if scope.is_unlimited and not scope.for_strangers:  # cells of one are among them
        products, channels = _places(own, scope)
    return CauseChartReport(
        cause=name,
        dismay=series[0],
        cases=series[1],
        alarms=tuple(strangers.alarms(alarms, scope)),
        marks=tuple(mark for mark in marks if mark.dimension == "cause"),
        products=products,
        channels=channels,
        actions=() if scope.for_strangers else within(marks_of(registered([cause_id])), mondays),
    )


@dataclass(frozen=True, slots=True)
class Weeks:
    """One cause by whole weeks, arrays (weeks,): `dismayed` of `n` answers, `cases` of
    `everything`, all resolved cases with a cause. `told`: the trend the answers come from."""

    mondays: list[dt.date]
    dismayed: IntArray
    n: IntArray
    cases: IntArray
    everything: IntArray
    told: TrendReport


def counted_weeks(own: Filters, scope: Scope, cause_id: int, mondays: list[dt.date]) -> Weeks:
    """What the charts of a cause are drawn from; `own` are the filters with this cause alone."""
    first, last = mondays[0], mondays[-1] + dt.timedelta(days=6)
    asked = own.with_(from_=first, to=last)
    told = trend(asked, scope, "week")
    dismayed, n = np.zeros((2, len(mondays)), np.int64)
    place = {day: at for at, day in enumerate(mondays)}
    for point in told.results:
        if point.cause is not None and point.cause.dismayed is not None:
            at = place[point.start]
            n[at] = point.cause.n
            dismayed[at] = round(point.cause.dismayed * point.cause.n)
    table = weeks.cases(first, last, Selection.of(asked, scope), cause_id)
    number, at_week = table["cases"].to_numpy(np.int64), weekly.places(table["week"], mondays)
    of_cause = np.where(table["cause_id"].to_numpy(np.int64) == cause_id, number, 0)
    cases, everything = (
        np.bincount(at_week, weights=part, minlength=len(mondays)).astype(np.int64)
        for part in (of_cause, number)
    )
    return Weeks(mondays, dismayed, n, cases, everything, told)


def _series(
    own: Filters, scope: Scope, cause_id: int, mondays: list[dt.date], name: CauseName
) -> tuple[tuple[ChartSeries, ChartSeries, TrendReport], tuple[Alarm, ...]]:
    if not mondays:
        nothing = False, None, None, (), ()
        empty = ChartSeries("dismay", *nothing), ChartSeries("cases", *nothing)
        return (*empty, TrendReport("week", ())), ()
    found = counted_weeks(own, scope, cause_id, mondays)
    charts = drawn(found)
    series = weekly.series_of(charts[0], 0), weekly.series_of(charts[1], 0)
    alarms = [a for one in charts for a in weekly.alarms_of(one, 0, name, mondays[0])]
    alarms.sort(key=lambda alarm: (alarm.week, alarm.series), reverse=True)
    return (*series, found.told), tuple(alarms)


def drawn(found: Weeks) -> tuple[weekly.Charts, weekly.Charts]:
    """The charts of control of the dismay and of the cases."""
    mondays = found.mondays
    return (
        weekly.charts(weekly.Counted("dismay", mondays, found.dismayed[None], found.n[None])),
        weekly.charts(weekly.Counted("cases", mondays, found.cases[None], found.everything[None])),
    )


def _places(own: Filters, scope: Scope) -> tuple[tuple[CausePart, ...], tuple[CausePart, ...]]:
    """The same cause in each product and channel, most answers first, under the asked dates."""
    selection = Selection.of(own, scope)
    products, channels = weeks.by(selection, "product"), weeks.by(selection, "channel")
    called = weeks.products([value for value in products["value"] if value is not None])
    return (
        _parts(products, lambda value: called.get(value, _WITHOUT)),
        _parts(channels, lambda value: str(value) or _WITHOUT),
    )


def _parts(table: pd.DataFrame, named: Callable[[Any], str]) -> tuple[CausePart, ...]:
    found = []
    cells = table[list(HISTOGRAM)].to_numpy(np.int64)
    for value, row in zip(table["value"], cells, strict=True):
        n, hits = int(row.sum()), int(row[3:].sum())
        rates: tuple[float | None, float | None, float | None] = (None, None, None)
        if n >= TOO_FEW:
            low, high = wilson(hits, n)
            rates = (hits / n, float(low), float(high))
        found.append(CausePart(named(value), n, *rates))
    return tuple(sorted(found, key=lambda part: (-part.n, part.name)))
