"""What a bound reader is told of: answers in groups of at least k customers, never one alone.

A reader whose scope is limited (team lead, agent, cause owner) could otherwise subtract one
permitted figure from another and be left with one customer. So every answer belongs to exactly one
*group* of k answers of the same row (the same agents, or the same cause), in the order in which the
ratings were given, so that whoever sends the second page of a survey late steps in nowhere; a group
is told on the day of its last answer, as a whole, to every report alike, and what waits for its
group to fill is told nowhere. Whatever dates, rows and totals are asked for, the figures are then
sums over whole groups, and so is every difference of them. Nothing needs to be hidden beside it,
because no total holds what its rows leave out.

`docs/decisions.md` ("Bound readers are told in groups") says whom this binds and what it costs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from django.utils import timezone

from analytics.columns import HISTOGRAM, IntArray
from analytics.filters import Filters
from analytics.frames.selection import Selection
from surveys.services.access import Scope

#: Whole calendar months before the present one, from which a bound reader's figures learn what is
#: usual elsewhere. The same for every question, so that no two questions differ in it.
REFERENCE_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Told:
    """Answers a reader is told of in the asked period, and how many more wait for their group.

    `answers` has the columns of its facts and `group` (a number), `told_on` (a date); `waiting` has
    the columns of the facts.
    """

    answers: pd.DataFrame
    waiting: pd.DataFrame


def group(facts: pd.DataFrame, series: Iterable[object], least: int) -> pd.DataFrame:
    """Number the answers of each series, in the order given, into groups of exactly `least`.

    Shape: `facts` with `group` (unique over all series; −1 while it is not full), `told_answered`
    and `told_resolved`, the last day of the group's answers and resolutions.
    """
    of, _ = pd.factorize(pd.Series(list(series), index=facts.index, dtype=object))
    table = facts.assign(_series=of)
    place = table.groupby("_series").cumcount().to_numpy(np.int64)
    size = np.bincount(of, minlength=1)[of] if len(of) else np.zeros(0, np.int64)
    full = place // least < size // least
    numbers, _ = pd.factorize(pd.Series(list(zip(of, place // least, strict=True)), dtype=object))
    table["group"] = np.where(full, numbers, -1)
    days = table.groupby("group")
    for basis in ("answered", "resolved"):
        table[f"told_{basis}"] = days[f"{basis}_on"].transform("max")
    return table.drop(columns="_series")


def limits_of(scope: Scope) -> Selection:
    """All that a scope may see, whatever is asked for."""
    return Selection.of(Filters(), scope)


def within(table: pd.DataFrame, filters: Filters) -> Told:
    """Groups by the day they are told on, waiting answers by their own."""
    is_full = table["group"] >= 0
    told = table[is_full].assign(told_on=table[f"told_{filters.by}"])
    waiting = table[~is_full]
    return Told(
        told[_in_period(told["told_on"], filters)],
        waiting[_in_period(waiting[f"{filters.by}_on"], filters)],
    )


def _in_period(days: pd.Series, filters: Filters) -> pd.Series:
    inside = pd.Series(True, index=days.index)
    if filters.from_:
        inside &= days >= filters.from_
    if filters.to:
        inside &= days <= filters.to
    return inside.astype(bool)


def histogram(answers: pd.DataFrame, column: str) -> pd.DataFrame:
    """Answers 1–5 of one column. Shape: h1..h5; exactly one row."""
    return pd.DataFrame([counts(answers[column], 5)], columns=list(HISTOGRAM))


def daily(answers: pd.DataFrame, column: str) -> pd.DataFrame:
    """The same by the day of telling. Shape: day, h1..h5; one row per day, in order."""
    return histograms(answers, "told_on", {column: HISTOGRAM}).rename(columns={"told_on": "day"})


def histograms(
    answers: pd.DataFrame, key: str, questions: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    """Answers by one column, each question's options under the names given.

    Shape: key and the names; one row per value, in order.
    """
    of, keys = pd.factorize(answers[key], sort=True)
    found: dict[str, object] = {key: np.asarray(keys)}
    for column, names in questions.items():
        values = answers[column].to_numpy(dtype=float, na_value=np.nan)
        for option, name in enumerate(names, start=1):
            found[name] = np.bincount(of[values == option], minlength=len(keys))
    return pd.DataFrame(found)


def counts(values: pd.Series, options: int) -> IntArray:
    """Answers per option 1.. of one column."""
    known = values.dropna().to_numpy(np.int64)
    return np.bincount(known, minlength=options + 1)[1 : options + 1]


def reference() -> tuple[dt.date, dt.date]:
    """First and last day of the months that tell what is usual elsewhere."""
    last = timezone.now().date().replace(day=1) - dt.timedelta(days=1)
    first = pd.Timestamp(last).to_period("M") - (REFERENCE_MONTHS - 1)
    return first.start_time.date(), last
