"""Causes, by how much customers minded that the problem happened. No fix answer is an input.

Public functions
    causes(frame, *, too_few=5) -> DataFrame

`frame`: cause_id, cases (resolved cases), h1..h5 (C1), a1..a5 (C2 avoidable), r1..r4 (C3
recurrence: No, Once, More than once, Not sure); all integer counts.
`causes` returns, worst index first:
    cause_id, cases, n, mean, dismayed, dismayed_low, dismayed_high, shrunk, shrunk_low,
    shrunk_high, index, index_low, index_high, avoidable, avoidable_low, avoidable_high,
    avoidable_n, recurrent, recurrent_low, recurrent_high, recurrent_n, share_of_dismay,
    share_of_dismay_low, share_of_dismay_high, too_few
"""

import numpy as np
import pandas as pd

from analytics.columns import (
    AVOIDABLE,
    HISTOGRAM,
    RECURRENCE,
    FloatArray,
    FrameError,
    IntArray,
    counts,
    kinds,
    require,
)
from analytics.metrics import special
from analytics.metrics.intervals import Estimate, normal_quantile, share, wilson
from analytics.metrics.ratings import summarise
from analytics.metrics.shrinkage import pool_for, posterior, shrink

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
    the sum of index over all rows (90 %, see _share_of_sum).
    Raises: FrameError for missing or ill-typed columns, or a cause_id that comes twice.
    Source: cases times the posterior mean of a beta-binomial (Gelman et al., Bayesian Data
    Analysis, ch. 5); Wilson 1927.
    """
    require(frame, {"cause_id": "any", **kinds(("cases", *HISTOGRAM, *AVOIDABLE, *RECURRENCE))})
    if frame["cause_id"].duplicated().any():
        raise FrameError("column 'cause_id' names a cause twice")
    table = summarise(
        frame[["cause_id", "cases", *HISTOGRAM]].reset_index(drop=True), share_name="dismayed"
    )
    cases = counts(frame, ("cases",))[:, 0]
    n, dismayed = table["n"].to_numpy(), counts(frame, HISTOGRAM)[:, 3:].sum(axis=1)
    pool = pool_for(dismayed, n)
    shrunk = shrink(pool, dismayed, n)
    known = np.where(n.sum() > 0, 1.0, np.nan)
    for suffix, values in zip(("", "_low", "_high"), shrunk, strict=True):
        table[f"shrunk{suffix}"] = values * known
        table[f"index{suffix}"] = cases * values * known
    avoidable, recurrence = counts(frame, AVOIDABLE), counts(frame, RECURRENCE)
    _add_share(table, "avoidable", avoidable[:, 3:].sum(axis=1), avoidable.sum(axis=1))
    _add_share(table, "recurrent", recurrence[:, 1:3].sum(axis=1), recurrence[:, :3].sum(axis=1))
    of_all = _share_of_sum(cases, *posterior(pool, dismayed, n))
    for suffix, values in zip(("", "_low", "_high"), of_all, strict=True):
        table[f"share_of_dismay{suffix}"] = values * known
    table["too_few"] = n < too_few
    return _worst_first(table)


def _add_share(table: pd.DataFrame, name: str, hits: IntArray, n: IntArray) -> None:
    interval = wilson(hits, n)
    table[name], table[f"{name}_n"] = share(hits, n), n
    table[f"{name}_low"], table[f"{name}_high"] = interval.low, interval.high


def _share_of_sum(cases: IntArray, a: FloatArray, b: FloatArray) -> Estimate:
    """Part of cases × Beta(a, b) in their sum, with its 90 % interval, that of the index.

    The odds of a part are its own customers over all others': a ratio of two independent
    quantities. On the logarithm its limits follow from theirs: the own ones are quantiles of the
    beta, lopsided where hardly any dismayed customer is known; the others' sum is near the normal
    and its variance is the sum of theirs.
    Source: MOVER, Zou & Donner 2008, Statistics in Medicine 27:1693 (as Newcombe 1998 for shares).
    """
    mean = a / (a + b)
    size, variance = cases * mean, cases**2 * mean * (1 - mean) / (a + b + 1)
    whole = size.sum() or np.nan
    part = size / whole
    # A part of 0 or of everything is certain: no cases, or no other cause.
    between = (part > 0) & (part < 1)
    inner = np.where(between, part, 0.5)
    others = np.where(between, whole - size, 1.0)
    spread = np.sqrt(np.clip(variance.sum() - variance, 0, None)) / others
    beyond = normal_quantile(0.90) * np.sqrt(np.log1p(spread**2))
    odds = inner / (1 - inner)
    tiny = np.finfo(float).tiny
    below, above = (
        np.log(np.maximum(special.beta_quantile(a, b, tail), tiny) / mean) for tail in (0.05, 0.95)
    )
    low = odds * np.exp(-np.hypot(np.minimum(below, 0), beyond))
    high = odds * np.exp(np.hypot(np.maximum(above, 0), beyond))
    low, high = (np.where(between, limit / (1 + limit), part) for limit in (low, high))
    return Estimate(part, low, high)


def _worst_first(table: pd.DataFrame) -> pd.DataFrame:
    order = [
        "cause_id", "cases", "n", "mean", "dismayed", "dismayed_low", "dismayed_high",
        "shrunk", "shrunk_low", "shrunk_high", "index", "index_low", "index_high",
        "avoidable", "avoidable_low", "avoidable_high", "avoidable_n",
        "recurrent", "recurrent_low", "recurrent_high", "recurrent_n",
        "share_of_dismay", "share_of_dismay_low", "share_of_dismay_high", "too_few",
    ]  # fmt: skip
    by = table.assign(_id=table["cause_id"].astype(str))
    ordered = by.sort_values(["index", "_id"], ascending=[False, True], na_position="last")
    return ordered[order].reset_index(drop=True)
