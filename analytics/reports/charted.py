"""What the charts of control say of causes, as typed values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from analytics.reports.figures import CauseName, Figures, TrendMark

Series = Literal["dismay", "cases"]
Chart = Literal["week", "two_weeks", "smoothed", "early"]


@dataclass(frozen=True, slots=True)
class ChartPoint(Figures):
    """One ISO week, by its Monday. `value` is the share of the dismayed, or the cases per 1,000 of
    all causes; `n` what it rests on (answers, or cases of this cause). `low` and `high` are the
    limits of chance at this week's size, None before there is a baseline. `signal` 1 above, −1
    below; `together` whether it is too high with the week before. `level` is the smoothed value
    with its own limits and signal."""

    week: dt.date
    n: int
    value: float | None
    low: float | None
    high: float | None
    signal: int
    together: bool
    level: float | None
    level_low: float | None
    level_high: float | None
    level_signal: int
    is_baseline: bool


@dataclass(frozen=True, slots=True)
class ChartSeries(Figures):
    """One chart of one cause. `ready` False with fewer than 20 weeks: then there are no limits.
    `sigma` is Laney's, 1 where weeks spread as chance has it. `shifts` are the Mondays from which
    on the level has most plausibly been another. `false_a_year` is how many alarms a year chance
    alone raises, at the sizes of the last 13 weeks."""

    series: Series
    ready: bool
    centre: float | None
    sigma: float | None
    points: tuple[ChartPoint, ...]
    shifts: tuple[dt.date, ...]
    false_a_year: float | None = None


@dataclass(frozen=True, slots=True)
class Alarm(Figures):
    """A week in which a cause left the limits of chance upwards. `chart` says by what: the week
    alone, it and the one before, or the smoothed value; `since` the change point where one was
    found, `is_on` whether the last week is outside, too. "early": the level rose within the weeks
    that the limits are made from, so that no chart can tell; `value` is then the level from `week`
    on and `centre` that before, and there is no limit. `last_week` is the last one of the alarm so
    far."""

    cause: CauseName
    series: Series
    chart: Chart
    week: dt.date
    value: float | None
    centre: float | None
    high: float | None
    n: int
    since: dt.date | None
    is_on: bool
    last_week: dt.date


@dataclass(frozen=True, slots=True)
class AlarmsReport(Figures):
    """Alarms of the weeks `first`–`last`, newest first, of `n_causes` causes, of which
    `n_watched` series have a baseline; `false_a_year` is how many alarms a year chance alone
    raises among them, at the sizes of their last 13 weeks: fewer where weeks are small."""

    results: tuple[Alarm, ...]
    first: dt.date | None
    last: dt.date | None
    n_causes: int
    n_watched: int
    false_a_year: float


@dataclass(frozen=True, slots=True)
class CausePart(Figures):
    """The dismay of one cause in one product or channel; None under 5 answers."""

    name: str
    n: int
    dismayed: float | None
    dismayed_low: float | None
    dismayed_high: float | None


@dataclass(frozen=True, slots=True)
class ActionMark(Figures):
    """A preventive action on the charts of its cause: `label` is how pictures call it, "A1" for the
    first that began. `done_on` is None while it is being rolled out; `dated_on` is the day on which
    its days were last named."""

    id: int
    label: str
    title: str
    began_on: dt.date
    done_on: dt.date | None
    dated_on: dt.date


@dataclass(frozen=True, slots=True)
class CauseChartReport(Figures):
    """One cause by the week: dismay and cases, its alarms, versions that changed the question,
    actions that began in these weeks, and where it happens. `products` and `channels` are None for
    a reader who may not cross them."""

    cause: CauseName
    dismay: ChartSeries
    cases: ChartSeries
    alarms: tuple[Alarm, ...]
    marks: tuple[TrendMark, ...]
    products: tuple[CausePart, ...] | None
    channels: tuple[CausePart, ...] | None
    actions: tuple[ActionMark, ...] = ()
