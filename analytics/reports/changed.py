"""What was done about a cause and what became of it, as typed values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from analytics.metrics.interrupted import Verdict
from analytics.reports.charted import ActionMark, Series
from analytics.reports.figures import CauseName, Figures


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
    odds of dismay; 1 is no step. None with too little data: then `missing_…` are the weeks a
    verdict still lacks, and `possible_on` is the first day it can be had if every week to come has
    data; None where it cannot."""

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
    missing_before: int = 0
    missing_after: int = 0
    possible_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ChangeReport(Figures):
    """A cause before and after what was done from `on` to `until`, None while it goes on. These
    weeks belong to neither side; the week of `until` does where that is its Monday. `left_out` are
    weeks before that had raised an alarm: what follows an extreme week is lower anyway. `also` are
    other actions within the weeks, from which this one cannot be told."""

    cause: CauseName
    on: dt.date
    left_out: tuple[dt.date, ...]
    cases: SideOfChange
    dismay: SideOfChange
    until: dt.date | None = None
    action: ActionMark | None = None
    also: tuple[ActionMark, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionVerdict(Figures):
    """Cases or dismay before and after an action: the figures of `SideOfChange` without the other
    causes."""

    verdict: Verdict
    before: float | None
    after: float | None
    ratio: float | None
    low: float | None
    high: float | None
    weeks_before: int
    weeks_after: int
    missing_before: int
    missing_after: int
    possible_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ActionRow(Figures):
    """One action. `days_late`: how long after it began its days were last named; 0 on that day,
    negative beforehand. Without verdicts where it was withdrawn. `also` is how many other actions
    lie within the weeks it is judged by."""

    id: int
    cause: CauseName
    title: str
    text: str
    owner: str | None
    began_on: dt.date
    done_on: dt.date | None
    registered_on: dt.date
    dated_on: dt.date
    days_late: int
    withdrawn_on: dt.date | None
    cases: ActionVerdict | None
    dismay: ActionVerdict | None
    also: int


@dataclass(frozen=True, slots=True)
class ActionsReport(Figures):
    """Actions that the reader may see, newest begin first, withdrawn ones among them; `n_more` are
    left out."""

    results: tuple[ActionRow, ...]
    n_more: int = 0
