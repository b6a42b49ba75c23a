"""Causes, by how much customers minded that the problem happened. No fix answer is an input.

Public functions
    causes(frame, *, too_few=5) -> DataFrame

`frame`: cause_id, cases (resolved cases), h1..h5 (C1), a1..a5 (C2 avoidable), r1..r4 (C3
recurrence: No, Once, More than once, Not sure); all integer counts.
`causes` returns, worst index first:
    cause_id, cases, n, mean, dismayed, dismayed_low, dismayed_high, shrunk, shrunk_low,
    shrunk_high, index, index_low, index_high, avoidable, avoidable_low, avoidable_high,
    avoidable_n, recurrent, recurrent_low, recurrent_high, recurrent_n, share_of_dismay, too_few
"""

import numpy as np
import pandas as pd

from analytics.columns import (
    AVOIDABLE,
    HISTOGRAM,
    RECURRENCE,
    FrameError,
    IntArray,
    counts,
    kinds,
    require,
)
from analytics.metrics.intervals import share, wilson
from analytics.metrics.ratings import summarise
from analytics.metrics.shrinkage import pool_for, shrink

#: Suppressed outside analysts below this number of answers.
TOO_FEW = 5


def causes(frame: pd.DataFrame, *, too_few: int = TOO_FEW) -> pd.DataFrame:
    """Figures of every cause, worst first by dismay index.

    The index is resolved cases × shrunk share of dismayed customers: the customers presumably
    dismayed, answered or not. Cases, not answers: a cause few people answer for is not hidden, it
    gets the share of the pool. Its interval is that of the shrunk share (90 %), times the cases.

    Shape: see the module. A cause without answers has NaN ratings; without any answer at all there
    is no pool, and index is NaN too. Ties are ordered by cause_id.
    Units: shares 0–1; mean 1–5; index in customers; `avoidable` is the share of "Probably" and
    "Definitely" of avoidable_n answers, `recurrent` that of "Once" and "More than once" of
    recurrent_n answers other than "Not sure", both with Wilson's 95 % interval; share_of_dismay of
    the sum of index over all rows.
    Raises: FrameError for missing or ill-typed columns, or a cause_id that comes twice.
    Source: science.md section 5.
    """
    require(frame, {"cause_id": "any", **kinds(("cases", *HISTOGRAM, *AVOIDABLE, *RECURRENCE))})
    if frame["cause_id"].duplicated().any():
        raise FrameError("column 'cause_id' names a cause twice")
    table = summarise(
        frame[["cause_id", "cases", *HISTOGRAM]].reset_index(drop=True), share_name="dismayed"
    )
    cases = counts(frame, ("cases",))[:, 0]
    n, dismayed = table["n"].to_numpy(), counts(frame, HISTOGRAM)[:, 3:].sum(axis=1)
    shrunk = shrink(pool_for(dismayed, n), dismayed, n)
    known = np.where(n.sum() > 0, 1.0, np.nan)
    for suffix, values in zip(("", "_low", "_high"), shrunk, strict=True):
        table[f"shrunk{suffix}"] = values * known
        table[f"index{suffix}"] = cases * values * known
    avoidable, recurrence = counts(frame, AVOIDABLE), counts(frame, RECURRENCE)
    _add_share(table, "avoidable", avoidable[:, 3:].sum(axis=1), avoidable.sum(axis=1))
    _add_share(table, "recurrent", recurrence[:, 1:3].sum(axis=1), recurrence[:, :3].sum(axis=1))
    whole = float(table["index"].sum())
    table["share_of_dismay"] = table["index"] / whole if whole > 0 else np.nan
    table["too_few"] = n < too_few
    return _worst_first(table)


def _add_share(table: pd.DataFrame, name: str, hits: IntArray, n: IntArray) -> None:
    interval = wilson(hits, n)
    table[name], table[f"{name}_n"] = share(hits, n), n
    table[f"{name}_low"], table[f"{name}_high"] = interval.low, interval.high


def _worst_first(table: pd.DataFrame) -> pd.DataFrame:
    order = [
        "cause_id", "cases", "n", "mean", "dismayed", "dismayed_low", "dismayed_high",
        "shrunk", "shrunk_low", "shrunk_high", "index", "index_low", "index_high",
        "avoidable", "avoidable_low", "avoidable_high", "avoidable_n",
        "recurrent", "recurrent_low", "recurrent_high", "recurrent_n", "share_of_dismay", "too_few",
    ]  # fmt: skip
    by = table.assign(_id=table["cause_id"].astype(str))
    ordered = by.sort_values(["index", "_id"], ascending=[False, True], na_position="last")
    return ordered[order].reset_index(drop=True)
