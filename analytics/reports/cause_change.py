"""One cause before and after a day on which something was changed. Imports nothing that reads a fix
answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.columns import IntArray, optional
from analytics.filters import Filters
from analytics.frames import names, weeks
from analytics.frames.selection import Selection
from analytics.metrics.interrupted import (
    Verdict,
    difference_in_differences,
    step_change,
    usable_weeks,
)
from analytics.metrics.tails import Family
from analytics.reports import strangers, weekly
from analytics.reports.access import NotVisible, refuse_hidden, require
from analytics.reports.cause_chart import Weeks, counted_weeks, drawn
from analytics.reports.charted import Series
from analytics.reports.figures import CauseName, Figures
from surveys.services.access import Scope

_FAMILIES: Final[Mapping[Series, Family]] = {"cases": "poisson", "dismay": "binomial"}


@dataclass(frozen=True, slots=True)
class Others(Figures):
    """The same change beside all other causes together: how much more this one changed than they
    did. `comparable` False where the two moved apart before the change already: then the others
    cannot say what would have come without it."""

    verdict: Verdict
    ratio: float | None
    low: float | None
    high: float | None
    comparable: bool


@dataclass(frozen=True, slots=True)
class SideOfChange(Figures):
    """Cases or dismay. `before` and `after`: cases per 1,000 of all causes, or the share of the
    dismayed, over the `weeks_…` that count; `n_…` what they rest on (cases, or answers). `ratio` is
    the step at the change beyond the trend the weeks had anyway: of the rates of cases, or of the
    odds of dismay; 1 is no step. None with too little data."""

    series: Series
    verdict: Verdict
    before: float | None
    after: float | None
    n_before: int
    n_after: int
    weeks_before: int
    weeks_after: int
    ratio: float | None
    low: float | None
    high: float | None
    others: Others | None


@dataclass(frozen=True, slots=True)
class ChangeReport(Figures):
    """A cause before and after the week of `on`, which belongs to neither side unless `on` is its
    Monday. `left_out` are weeks before it that had raised an alarm: what follows an extreme week is
    lower anyway."""

    cause: CauseName
    on: dt.date
    left_out: tuple[dt.date, ...]
    cases: SideOfChange
    dismay: SideOfChange


def cause_change(
    filters: Filters, scope: Scope, code: str, on: dt.date, today: dt.date
) -> ChangeReport:
    """Whether cases and dismay of a cause changed on a day, over up to 78 whole weeks.

    Of the dates asked for only the last counts: a change is judged by the weeks around it. The
    other causes stand beside it for readers of every number, where nothing but dates is filtered.

    Raises: FilterError; NotVisible.
    """
    require(scope, cause=True)
    refuse_hidden(filters, scope)
    own = filters.with_(cause=(code,))
    try:
        [cause_id] = Selection.of(own, scope).cause or ()
    except ValueError:  # also FilterError: no such cause, or none of the reader's
        raise NotVisible from None
    name = CauseName(*names.causes([cause_id])[cause_id])
    until = min(filters.to or today - dt.timedelta(days=1), today - dt.timedelta(days=1))
    mondays = weekly.complete_weeks(until, weeks.first_day())
    if not mondays:
        return ChangeReport(name, on, (), _nothing("cases"), _nothing("dismay"))
    found = counted_weeks(own, scope, cause_id, mondays)
    action = _place(mondays, on)
    peaks = np.flatnonzero(np.any([one.up[0] for one in drawn(found)], axis=0))
    peaks = peaks[peaks < action]
    rollout = int(on.weekday() > 0 and 0 <= action < len(mondays))
    usable = usable_weeks(len(mondays), max(action, 0), rollout=rollout, peak=peaks)
    is_told_all = scope.is_unlimited and not strangers.applies(scope)
    compares = is_told_all and not filters.with_(cause=()).is_filtered
    rest = _others(found, cause_id) if compares else {}
    return ChangeReport(
        name,
        on,
        tuple(mondays[at] for at in peaks.tolist()),
        _side("cases", found.cases, found.everything / weekly.PER, action, usable, rest),
        _side("dismay", found.dismayed, found.n, action, usable, rest),
    )


def _nothing(series: Series) -> SideOfChange:
    few: Verdict = "too little data"
    return SideOfChange(series, few, None, None, 0, 0, 0, 0, None, None, None, None)


def _place(mondays: list[dt.date], on: dt.date) -> int:
    """The week of the day, counted from the first; it may lie outside of them."""
    return (weekly.monday(on) - mondays[0]).days // 7


Rest = Mapping[Series, tuple[IntArray, Any]]


def _side(
    series: Series,
    hits: IntArray,
    size: Any,
    action: int,
    usable: np.ndarray[Any, np.dtype[np.bool_]],
    rest: Rest,
) -> SideOfChange:
    used = usable & (size > 0)
    after = np.arange(len(hits)) >= action
    parts = [used & ~after, used & after]
    totals = [(int(hits[part].sum()), float(size[part].sum())) for part in parts]
    before, after_it = (hit / whole if whole else None for hit, whole in totals)
    n_before, n_after = (int((hits if series == "cases" else size)[part].sum()) for part in parts)
    step = step_change(_FAMILIES[series], hits, size, action, usable=usable)
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
        others=_beside(series, hits, size, used, after, rest)
        if series in rest and step.verdict != "too little data"
        else None,
    )


def _others(found: Weeks, cause_id: int) -> Rest:
    """All other causes together by week: cases, and dismayed of answers."""
    first, last = found.mondays[0], found.mondays[-1] + dt.timedelta(days=6)
    table = weeks.dismay(first, last)
    summed = table[table["cause_id"] != cause_id].groupby("week")[["dismayed", "n"]].sum()
    answers = summed.reindex(pd.Index(found.mondays), fill_value=0).to_numpy(np.int64)
    return {
        "cases": (found.everything - found.cases, None),
        "dismay": (answers[:, 0], answers[:, 1]),
    }


def _beside(
    series: Series,
    hits: IntArray,
    size: Any,
    used: np.ndarray[Any, np.dtype[np.bool_]],
    after: np.ndarray[Any, np.dtype[np.bool_]],
    rest: Rest,
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


__all__ = ["ChangeReport", "Others", "SideOfChange", "cause_change"]
