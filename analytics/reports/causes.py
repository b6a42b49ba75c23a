"""Causes, by how much customers minded. Imports nothing that reads a fix answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.columns import AVOIDABLE, HISTOGRAM, RECURRENCE
from analytics.filters import Filters
from analytics.frames import cause, names, sent
from analytics.frames.selection import Selection
from analytics.metrics.causes import TOO_FEW
from analytics.metrics.causes import causes as measure
from analytics.metrics.preventable import preventable
from analytics.reports import strangers, told_cause
from analytics.reports.access import FEWEST_FOR_OTHERS, refuse_hidden, require
from analytics.reports.cached import at_times, cached
from analytics.reports.figures import CauseName, CauseRow, CausesReport
from analytics.reports.made import table_rows
from surveys.services.access import Scope

#: Of the answers alone; of few answers they are withheld.
_RATES = ("mean", "dismayed", "dismayed_low", "dismayed_high")
#: With their n, which is withheld, too: of few people, how many were "Not sure" tells.
_QUESTIONS = ("avoidable", "recurrent")
#: What leans on all causes and stays.
_LEANING = (
    "shrunk", "index", "index_low", "index_high",
    "share_of_dismay", "share_of_dismay_low", "share_of_dismay_high",
    "preventable", "preventable_low", "preventable_high",
)  # fmt: skip


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
    cases = at_times("cases", everything, lambda: sent.cases_by_cause(everything))
    table = _measure(_with_cases(counted, cases))
    table = table[(table["cases"] > 0) | (table["n"] > 0)]
    table = strangers.rows(table, FEWEST_FOR_OTHERS, scope)
    if selection.cause is not None:
        table = table[table["cause_id"].isin(selection.cause)]
    called = names.causes(table["cause_id"].tolist())
    # One that was removed is gone from the report before its answers are subtracted.
    return CausesReport(
        tuple(
            _row(record, called[record["cause_id"]], waiting.get(record["cause_id"], 0))
            for record in table_rows(table)
            if record["cause_id"] in called
        )
    )


def _measure(joined: pd.DataFrame) -> pd.DataFrame:
    avoidable = preventable(joined).assign(cause_id=joined["cause_id"])
    return measure(joined).merge(avoidable, on="cause_id", how="left", validate="one_to_one")


def _with_cases(counted: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    joined = counted.merge(cases, on="cause_id", how="outer", validate="one_to_one")
    numbers = ["cause_id", "cases", *HISTOGRAM, *AVOIDABLE, *RECURRENCE]
    return joined[numbers].fillna(0).astype("int64")


def _row(record: dict[str, Any], called: names.Name, waiting: int) -> CauseRow:
    """One cause; where nothing is told yet, `n` is the number of those who wait to be told."""
    few = bool(record["too_few"])
    rates: dict[str, Any] = {name: None if few else record[name] for name in _RATES}
    # Each question by its own answers: of ten who rated the cause, three may have told of before.
    for question in _QUESTIONS:
        own_few = few or record[f"{question}_n"] < TOO_FEW
        for name in (question, f"{question}_low", f"{question}_high"):
            rates[name] = None if own_few else record[name]
        rates[f"{question}_n"] = None if own_few else record[f"{question}_n"]
    leaning: dict[str, Any] = {name: record[name] for name in _LEANING}
    return CauseRow(
        id=record["cause_id"],
        cause=CauseName(*called),
        cases=record["cases"],
        n=record["n"] or waiting,
        too_few=few,
        **rates,
        **leaning,
    )
