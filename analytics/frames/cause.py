"""Cause answers as integer histograms. No statement here names a fix answer.

The causes' report reads these and the cases, so no agent, however good, can hide a cause.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from analytics.columns import AVOIDABLE, HISTOGRAM, RECURRENCE
from analytics.frames import packed
from analytics.frames.blocks import CAUSE_CODES
from analytics.frames.selection import Selection
from analytics.frames.sql import days_frame, frame

_CODES: Final = np.arange(CAUSE_CODES)[:, None]
#: From the packed cause ratings to C1, and to C1, C2 and C3: one column per option.
_C1: Final = (np.arange(1, 6) == _CODES // 30).astype(np.int64)
_ALL: Final = np.hstack(
    [_C1, np.arange(1, 6) == _CODES // 5 % 6, np.arange(1, 5) == _CODES % 5]
).astype(np.int64)
_SUMS: Final = ", ".join(f"COALESCE(sum(h{k}), 0)::bigint AS h{k}" for k in range(1, 6))
# The rollup calls C2 v1..v5 and C3 w1..w4.
_ALL_SUMS: Final = ", ".join(
    [
        _SUMS,
        *(f"COALESCE(sum(v{k}), 0)::bigint AS a{k}" for k in range(1, 6)),
        *(f"COALESCE(sum(w{k}), 0)::bigint AS r{k}" for k in range(1, 5)),
    ]
)


def daily(selection: Selection) -> pd.DataFrame:
    """C1 by day.

    Shape: day, h1..h5; one row per day with answers, by day.
    """
    scope = _rollup_scope(selection)
    if scope:
        where, values = selection.rollup(scope)
        return frame(
            f"SELECT day, {_SUMS} FROM analytics_causeday"
            f" WHERE {where} GROUP BY day HAVING sum(h1 + h2 + h3 + h4 + h5) > 0 ORDER BY day",
            values,
        )
    days, counts = packed.daily(selection, "cause_ratings", CAUSE_CODES)
    return days_frame(days, counts @ _C1)


def total(selection: Selection) -> pd.DataFrame:
    """C1 of the whole selection.

    Shape: h1..h5; exactly one row.
    """
    scope = _rollup_scope(selection)
    if scope:
        where, values = selection.rollup(scope)
        return frame(f"SELECT {_SUMS} FROM analytics_causeday WHERE {where}", values)
    counts = packed.histogram(selection, "cause_ratings", CAUSE_CODES)
    return pd.DataFrame([counts @ _C1], columns=list(HISTOGRAM))


def by_cause(selection: Selection) -> pd.DataFrame:
    """C1, C2 and C3 of each cause category.

    Shape: cause_id, h1..h5 (C1), a1..a5 (C2), r1..r4 (C3); one row per cause with any of these.
    """
    if selection.narrowed <= {"cause"}:
        where, values = selection.rollup("cause")
        return frame(
            f"SELECT scope_id AS cause_id, {_ALL_SUMS} FROM analytics_causeday"
            f" WHERE {where} GROUP BY scope_id ORDER BY scope_id",
            values,
        )
    found = packed.grouped(selection, "cause", "cause_ratings", CAUSE_CODES)
    counts = found.counts @ _ALL
    table = pd.DataFrame(counts, columns=[*HISTOGRAM, *AVOIDABLE, *RECURRENCE])
    table.insert(0, "cause_id", pd.Series(found.values, dtype=object))
    known = np.asarray(table["cause_id"].notna()) & np.asarray(counts.any(axis=1))
    return table[known].astype({"cause_id": np.int64}).sort_values("cause_id", ignore_index=True)


def _rollup_scope(selection: Selection) -> str | None:
    """The rollup that answers this selection, if one does."""
    if not selection.narrowed:
        return "all"
    return "cause" if selection.narrowed == {"cause"} else None
