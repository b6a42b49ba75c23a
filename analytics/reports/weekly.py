"""From weekly counts to the charts of control: the arrays in, the typed series out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.columns import FloatArray, IntArray, optional
from analytics.metrics import watching
from analytics.metrics.changepoint import change_points
from analytics.metrics.control import Chart as ControlChart
from analytics.metrics.early_rise import early_rise
from analytics.metrics.ewma import Smoothed
from analytics.metrics.tails import BoolArray
from analytics.reports.charted import Alarm, Chart, ChartPoint, ChartSeries, Series
from analytics.reports.figures import CauseName

#: A baseline of half a year and the year that is watched.
WEEKS: Final = 78
_FEWEST_DATED: Final = 5
_WEEK: Final = dt.timedelta(weeks=1)
#: Weeks that say whether a level still holds.
_LASTING: Final = 4
#: Cases are told of so many cases of all causes.
PER: Final = 1_000
_SCALED_CONTROL: Final = ("value", "centre", "low", "high")
_SCALED_SMOOTHED: Final = ("centre", "level", "low", "high")


@dataclass(frozen=True, slots=True)
class Counted:
    """Weekly counts, each (causes, weeks): `x` of `n` answers were dismayed, or x of the n cases of
    all causes were of this one."""

    series: Series
    weeks: Sequence[dt.date]
    x: IntArray
    n: IntArray


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of all causes of one kind of count."""

    counted: Counted
    control: ControlChart
    #: Weeks that are too high with the one before.
    together: BoolArray
    smoothed: Smoothed
    #: Weeks in which any of them tells that a cause is up.
    up: BoolArray
    #: Per cause: alarms a year that chance alone raises, at the sizes weeks have now.
    false_a_year: FloatArray
    #: Per cause: the week of a rise that its limits hide, −1 where there is none.
    rose: IntArray

    def told(self) -> BoolArray:
        """Per cause: whether there is anything to tell, in whatever week."""
        return self.up.any(axis=1) | (self.rose >= 0)


def monday(day: dt.date) -> dt.date:
    """The first day of the ISO week."""
    return day - dt.timedelta(days=day.weekday())


def complete_weeks(until: dt.date, first: dt.date | None) -> list[dt.date]:
    """The Mondays of the whole weeks that end by `until`, at most `WEEKS` of them, from the week of
    `first` on: half a week would look like a fall in cases."""
    if first is None:
        return []
    end = monday(until + dt.timedelta(days=1)) - _WEEK
    start = max(monday(first), end - (WEEKS - 1) * _WEEK)
    return [start + place * _WEEK for place in range((end - start).days // 7 + 1)]


def places(found: pd.Series[Any], mondays: Sequence[dt.date]) -> IntArray:
    """Which of the Mondays each of these is."""
    days = (pd.to_datetime(found) - pd.Timestamp(mondays[0])).dt.days
    return np.asarray(days.to_numpy(np.int64) // 7)


def charts(counted: Counted, *, limits: bool = True) -> Charts:
    """Chart every cause; without `limits` only the signals, in a fraction of the time.

    Cases are charted as a part of all cases, not as a count on an exposure: a cause's own cases are
    among all, so that its part varies less than a Poisson count does, and the larger the cause, the
    later would its alarms come.
    """
    found = watching.watch(counted.x, counted.n, limits=limits)
    false = watching.false_alarms(counted.x, counted.n, found.control)
    rose = early_rise(counted.x, counted.n)
    if counted.series == "dismay":
        return Charts(counted, *found, false, rose)
    control, smoothed = found.control, found.smoothed
    return Charts(
        counted,
        replace(control, **{name: PER * getattr(control, name) for name in _SCALED_CONTROL}),
        found.together,
        replace(smoothed, **{name: PER * getattr(smoothed, name) for name in _SCALED_SMOOTHED}),
        found.up,
        false,
        rose,
    )


@dataclass(frozen=True, slots=True)
class Shift:
    """The Monday from which on the level is another, and whether it is a higher one."""

    week: dt.date
    is_up: bool


def shifts_of(found: Charts, place: int) -> list[Shift]:
    """When the level of one row changed; a date for a reader, not an alarm."""
    value = found.control.value[place]
    if found.counted.series == "dismay":
        # The share of two answers is 0, ½ or 1 and would be taken for a change.
        value = np.where(found.counted.n[place] >= _FEWEST_DATED, value, np.nan)
    levels = change_points(value)
    return [
        Shift(found.counted.weeks[after.start], after.mean > before.mean)
        for before, after in pairwise(levels)
    ]


def series_of(found: Charts, place: int) -> ChartSeries:
    """The chart of the cause in one row."""
    control, smoothed, counted = found.control, found.smoothed, found.counted
    rests_on = counted.n if counted.series == "dismay" else counted.x
    points = tuple(
        ChartPoint(
            week=week,
            n=int(rests_on[place, at]),
            value=optional(control.value[place, at]),
            low=optional(control.low[place, at]),
            high=optional(control.high[place, at]),
            signal=int(control.signal[place, at]),
            together=bool(found.together[place, at]),
            level=optional(smoothed.level[place, at]),
            level_low=optional(smoothed.low[place, at]),
            level_high=optional(smoothed.high[place, at]),
            level_signal=int(smoothed.signal[place, at]),
            is_baseline=bool(control.baseline[place, at]),
        )
        for at, week in enumerate(counted.weeks)
    )
    ready = bool(control.ready[place])
    return ChartSeries(
        series=counted.series,
        ready=ready,
        centre=optional(control.centre[place]),
        sigma=optional(control.sigma_z[place]) if ready else None,
        points=points,
        shifts=tuple(shift.week for shift in shifts_of(found, place)),
        false_a_year=float(found.false_a_year[place]) if ready else None,
    )


def alarms_of(found: Charts, place: int, cause: CauseName, since: dt.date) -> list[Alarm]:
    """The upward alarms of one cause from a week on, newest first: one alarm lasts until the
    smoothed level is back at the centre, and tells of the chart that told first."""
    control, counted = found.control, found.counted
    runs = [(start, end) for start, end in _runs(found.up[place]) if counted.weeks[end] >= since]
    # Dated only where there is an alarm: most causes have none.
    shifts = [shift.week for shift in shifts_of(found, place) if shift.is_up] if runs else []
    found_alarms = []
    for start, end in runs:
        rests_on = counted.n if counted.series == "dismay" else counted.x
        before = [day for day in shifts if day <= counted.weeks[end]]
        found_alarms.append(
            Alarm(
                cause=cause,
                series=counted.series,
                chart=_first_to_tell(found, place, start),
                week=counted.weeks[start],
                value=optional(control.value[place, start]),
                centre=optional(control.centre[place]),
                high=optional(control.high[place, start]),
                n=int(rests_on[place, start]),
                since=before[-1] if before else None,
                is_on=end == len(counted.weeks) - 1,
                last_week=counted.weeks[end],
            )
        )
    early = _early(found, place, cause)
    if early and (early.is_on or early.week >= since):
        found_alarms.insert(0, early)
    return found_alarms[::-1]


def _early(found: Charts, place: int, cause: CauseName) -> Alarm | None:
    """The rise that the limits hide, unless one of the charts tells of the weeks after it."""
    start, counted = int(found.rose[place]), found.counted
    if start < 0 or found.up[place, start:].any():
        return None
    x, n = counted.x[place], counted.n[place]
    scale = 1 if counted.series == "dismay" else PER
    before, after, last = (
        scale * x[part].sum() / max(1, n[part].sum())
        for part in (slice(0, start), slice(start, None), slice(-_LASTING, None))
    )
    rests_on = n if counted.series == "dismay" else x
    return Alarm(
        cause=cause,
        series=counted.series,
        chart="early",
        week=counted.weeks[start],
        value=float(after),
        centre=float(before),
        high=None,
        n=int(rests_on[start:].sum()),
        since=counted.weeks[start],
        is_on=bool(last > (before + after) / 2),
        last_week=counted.weeks[-1],
    )


def _first_to_tell(found: Charts, place: int, start: int) -> Chart:
    """Of the charts that tell of this week, the one that needs the fewest weeks for it."""
    if found.control.signal[place, start] > 0:
        return "week"
    return "two_weeks" if found.together[place, start] else "smoothed"


def _runs(on: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """First and last place of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(np.int8), [0]])))
    return [(int(start), int(end) - 1) for start, end in zip(edges[::2], edges[1::2], strict=True)]
