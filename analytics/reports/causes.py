"""Causes, by how much customers minded. Imports nothing that reads a fix answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import pandas as pd

from analytics.columns import AVOIDABLE, HISTOGRAM, RECURRENCE
from analytics.filters import Filters
from analytics.frames import cause, names, sent
from analytics.frames.selection import Selection
from analytics.metrics.causes import causes as measure
from analytics.metrics.preventable import preventable
from analytics.reports import strangers, told_cause
from analytics.reports.access import FEWEST_FOR_OTHERS, refuse_hidden, require
from analytics.reports.cached import cached
from analytics.reports.cause_rows import CauseRows
from analytics.reports.figures import CausesReport
from surveys.services.access import Scope

#: Of more causes the figures take less to work out than to fetch.
MOST_KEPT: Final = 5_000


def causes(filters: Filters, scope: Scope) -> CausesReport:
    """Every cause with a case or an answer in the period, worst index first.

    The filter on causes (and the scope's limit) chooses rows; the pool and `share_of_dismay` are
    always those of all causes under the other filters, so that a row reads the same alone and in
    company.

    Raises: FilterError; NotVisible.
    """
    require(scope, cause=True)
    refuse_hidden(filters, scope)
    selection = Selection.of(filters, scope)
    everything = selection.without("cause")
    waiting: Mapping[int, int] = {}
    if scope.is_unlimited:
        counted = cached("causes", everything, lambda: cause.by_cause(everything), behind=True)
    else:
        counted, waiting = told_cause.counted(filters, scope)
    cases = sent.cases_by_cause(everything)
    table = _measured(_with_cases(counted, cases), everything)
    table = table[(table["cases"] > 0) | (table["n"] > 0)]
    table = strangers.rows(table, FEWEST_FOR_OTHERS, scope)
    if selection.cause is not None:
        table = table[table["cause_id"].isin(selection.cause)]
    called = names.causes(table["cause_id"].tolist())
    # One that was removed is gone from the report before its answers are subtracted.
    table = table[table["cause_id"].isin(list(called))]
    return CausesReport(CauseRows(table, called, waiting))


def _measured(joined: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """The figures of these counts; of so many that a page waits for them kept under what the counts
    are, for no version tells when cases come."""
    if len(joined) > MOST_KEPT:
        return _measure(joined)
    counts = hashlib.sha256(joined.to_numpy().tobytes()).hexdigest()
    return cached(f"causes-measured:{counts}", selection, lambda: _measure(joined))


def _measure(joined: pd.DataFrame) -> pd.DataFrame:
    avoidable = preventable(joined).assign(cause_id=joined["cause_id"])
    return measure(joined).merge(avoidable, on="cause_id", how="left", validate="one_to_one")


def _with_cases(counted: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    joined = counted.merge(cases, on="cause_id", how="outer", validate="one_to_one")
    numbers = ["cause_id", "cases", *HISTOGRAM, *AVOIDABLE, *RECURRENCE]
    return joined[numbers].fillna(0).astype("int64")
