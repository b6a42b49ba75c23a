"""Causes, by how much customers minded. Imports nothing that reads a fix answer."""

from __future__ import annotations

import pandas as pd

from analytics.columns import AVOIDABLE, HISTOGRAM, RECURRENCE, optional, records
from analytics.filters import Filters
from analytics.frames import cause, names, sent
from analytics.frames.selection import Selection
from analytics.metrics.causes import causes as measure
from analytics.reports.access import refuse_hidden, require
from analytics.reports.cached import cached
from analytics.reports.figures import CauseName, CauseRow, CausesReport
from surveys.services.access import Scope

_RATES = ("mean", "dismayed", "dismayed_low", "dismayed_high")


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
    counted = cached("causes", everything, lambda: cause.by_cause(everything))
    table = measure(_with_cases(counted, sent.cases_by_cause(everything)))
    table = table[(table["cases"] > 0) | (table["n"] > 0)]
    if selection.cause is not None:
        table = table[table["cause_id"].isin(selection.cause)]
    called = names.causes(table["cause_id"].tolist())
    return CausesReport(
        tuple(_row(record, called[int(str(record["cause_id"]))]) for record in records(table))
    )


def _with_cases(counted: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    joined = counted.merge(cases, on="cause_id", how="outer", validate="one_to_one")
    numbers = ["cause_id", "cases", *HISTOGRAM, *AVOIDABLE, *RECURRENCE]
    return joined[numbers].fillna(0).astype("int64")


def _row(record: dict[str, object], called: names.Name) -> CauseRow:
    few = bool(record["too_few"])

    def rate(name: str) -> float | None:
        return None if few else optional(record[name])

    return CauseRow(
        CauseName(*called),
        int(str(record["cases"])),
        int(str(record["n"])),
        *(rate(name) for name in _RATES),
        shrunk=optional(record["shrunk"]),
        index=optional(record["index"]),
        avoidable=rate("avoidable"),
        recurrent=rate("recurrent"),
        share_of_dismay=optional(record["share_of_dismay"]),
        too_few=few,
        index_low=optional(record["index_low"]),
        index_high=optional(record["index_high"]),
        id=int(str(record["cause_id"])),
    )
