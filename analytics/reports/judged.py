"""Weeks of one cause before and after something was done. Imports nothing that reads a fix
answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analytics.columns import IntArray, optional
from analytics.metrics.interrupted import (
    LEAST_AFTER,
    LEAST_BEFORE,
    difference_in_differences,
    step_change,
    usable_weeks,
)
from analytics.metrics.tails import BoolArray, Family
from analytics.reports import weekly
from analytics.reports.cause_chart import Weeks
from analytics.reports.changed import Others, SideOfChange
from analytics.reports.charted import Series

_FAMILIES: Final[Mapping[Series, Family]] = {"cases": "poisson", "dismay": "binomial"}
_WEEK: Final = dt.timedelta(weeks=1)
#: A verdict stands on the year after: it then stands still, and the weeks before stay within reach.
_YEAR: Final = 52 * _WEEK

#: All other causes by week: cases, and dismayed of answers.
Rest = Mapping[Series, tuple[IntArray, Any]]


@dataclass(frozen=True, slots=True)
class Rollout:
    """The days of something that was done; `until` is None while it is still going on."""

    on: dt.date
    until: dt.date | None

    @property
    def begins(self) -> dt.date:
        """The Monday of the first week that is not "before"."""
        return weekly.monday(self.on)

    @property
    def after(self) -> dt.date | None:
        """The Monday from which on all weeks are "after": that of the last day only where it is
        that Monday itself."""
        if self.until is None:
            return None
        monday = weekly.monday(self.until)
        return monday if monday == self.until else monday + _WEEK

    def mondays(self, until: dt.date, first: dt.date | None) -> list[dt.date]:
        """The whole weeks it is judged by: those until a year after, and up to 78 in all."""
        after = self.after
        last = until if after is None else min(until, after + _YEAR - dt.timedelta(days=1))
        return weekly.complete_weeks(last, first)

    def coming(self, mondays: Sequence[dt.date]) -> dt.date | None:
        """The first week after these that will count, too; None where none will."""
        after, comes = self.after, mondays[-1] + _WEEK
        return comes if after is None or comes < after + _YEAR else None


@dataclass(frozen=True, slots=True)
class Judged:
    """Both sides; `left_out` are the places of weeks before that had raised an alarm."""

    left_out: IntArray
    cases: SideOfChange
    dismay: SideOfChange


def _nothing(series: Series) -> SideOfChange:
    return SideOfChange(
        series, "too little data", None, None, 0, 0, 0, 0, None, None, None, None,
        LEAST_BEFORE, LEAST_AFTER,
    )  # fmt: skip


#: Before anything was counted.
NOTHING: Final = Judged(np.zeros(0, np.int64), _nothing("cases"), _nothing("dismay"))


def up(mondays: Sequence[dt.date], counted: Sequence[Weeks]) -> BoolArray:
    """Weeks in which a chart of either kind tells that a cause is up. Shape: (causes, weeks)."""
    pairs: dict[Series, list[tuple[IntArray, IntArray]]] = {
        "dismay": [(one.dismayed, one.n) for one in counted],
        "cases": [(one.cases, one.everything) for one in counted],
    }
    found = [
        weekly.charts(
            weekly.Counted(
                series, mondays, np.array([x for x, _ in both]), np.array([n for _, n in both])
            ),
            limits=False,
        ).up
        for series, both in pairs.items()
    ]
    return np.asarray(found[0] | found[1])


def judge(
    found: Weeks, rollout: Rollout, is_up: BoolArray, next_week: dt.date | None, rest: Rest
) -> Judged:
    """Cases and dismay apart. `next_week` is the Monday of the first week still to come, None where
    none will; `rest` the other causes, empty where they are not to be told."""
    weeks = len(found.mondays)
    start, after = (
        weeks if monday is None else (monday - found.mondays[0]).days // 7
        for monday in (rollout.begins, rollout.after)
    )
    peaks = np.flatnonzero(is_up)
    peaks = peaks[peaks < start]
    first = min(max(start, 0), weeks)
    usable = usable_weeks(weeks, first, rollout=max(min(after, weeks) - first, 0), peak=peaks)
    split = _Split(start, usable, rollout, next_week, rest)
    return Judged(
        peaks,
        _side("cases", found.cases, found.everything / weekly.PER, split),
        _side("dismay", found.dismayed, found.n, split),
    )


@dataclass(frozen=True, slots=True)
class _Split:
    """Where the weeks are divided, and which count. `start`: place of the first not "before"."""

    start: int
    usable: BoolArray
    rollout: Rollout
    next_week: dt.date | None
    rest: Rest


def _side(series: Series, hits: IntArray, size: Any, split: _Split) -> SideOfChange:
    used = split.usable & (size > 0)
    after = np.arange(len(hits)) >= split.start
    parts = [used & ~after, used & after]
    totals = [(int(hits[part].sum()), float(size[part].sum())) for part in parts]
    before, after_it = (hit / whole if whole else None for hit, whole in totals)
    n_before, n_after = (int((hits if series == "cases" else size)[part].sum()) for part in parts)
    step = step_change(_FAMILIES[series], hits, size, split.start, usable=split.usable)
    is_told = step.verdict != "too little data"
    missing = max(LEAST_BEFORE - step.n_before, 0), max(LEAST_AFTER - step.n_after, 0)
    return SideOfChange(
        series,
        step.verdict,
        before,
        after_it,
        n_before,
        n_after,
        step.n_before,
        step.n_after,
        ratio=optional(step.ratio),
        low=optional(step.low),
        high=optional(step.high),
        others=_beside(series, hits, size, used, after, split.rest)
        if series in split.rest and is_told
        else None,
        missing_before=missing[0],
        missing_after=missing[1],
        possible_on=None if is_told else _possible_on(*missing, split),
    )


def _possible_on(before: int, after: int, split: _Split) -> dt.date | None:
    """The first day on which enough weeks can be over. Weeks before come only while it has not
    begun."""
    follows, comes = split.rollout.after, split.next_week
    if follows is None or comes is None or not (before or after):
        return None
    if before > max((split.rollout.begins - comes) // _WEEK, 0):
        return None
    return max(follows, comes) + after * _WEEK


def _beside(
    series: Series, hits: IntArray, size: Any, used: BoolArray, after: BoolArray, rest: Rest
) -> Others:
    other_hits, other_size = rest[series]
    # Of cases the numbers themselves: per 1,000 of all causes, more of one is fewer of the others.
    sizes = [np.ones(len(hits))] * 2 if series == "cases" else [size, other_size]
    found = difference_in_differences(
        _FAMILIES[series],
        np.concatenate([hits[used], other_hits[used]]),
        np.repeat([True, False], used.sum()),
        np.tile(after[used], 2),
        np.tile(np.flatnonzero(used), 2),
        exposure=np.concatenate([sizes[0][used], sizes[1][used]]),
    )
    return Others(
        found.verdict,
        ratio=optional(found.effect),
        low=optional(found.low),
        high=optional(found.high),
        comparable=found.parallel,
    )
