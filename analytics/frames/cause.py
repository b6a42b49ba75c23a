"""Cause answers as integer histograms. No statement here names a fix answer.

The causes' report reads these and the cases, so no agent, however good, can hide a cause.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from analytics.frames.selection import Selection
from analytics.frames.sql import frame

_C1: Final = [(f"h{k}", f"c1 = {k}") for k in range(1, 6)]
_C2: Final = [(f"a{k}", f"c2 = {k}") for k in range(1, 6)]
_C3: Final = [(f"r{k}", f"c3 = {k}") for k in range(1, 5)]
_COUNTS: Final = ", ".join(f"count(*) FILTER (WHERE {test}) AS {name}" for name, test in _C1)
_ALL_COUNTS: Final = ", ".join(
    f"count(*) FILTER (WHERE {test}) AS {name}" for name, test in (*_C1, *_C2, *_C3)
)
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
    where, values = selection.facts()
    day = selection.day_column
    return frame(
        f"SELECT {day} AS day, {_COUNTS} FROM analytics_countedresponse"
        f" WHERE {where} AND c1 IS NOT NULL GROUP BY {day} ORDER BY {day}",
        values,
    )


def total(selection: Selection) -> pd.DataFrame:
    """C1 of the whole selection.

    Shape: h1..h5; exactly one row.
    """
    scope = _rollup_scope(selection)
    if scope:
        where, values = selection.rollup(scope)
        return frame(f"SELECT {_SUMS} FROM analytics_causeday WHERE {where}", values)
    where, values = selection.facts()
    return frame(
        f"SELECT {_COUNTS} FROM analytics_countedresponse WHERE {where} AND c1 IS NOT NULL",
        values,
    )


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
    where, values = selection.facts()
    return frame(
        f"SELECT cause_id, {_ALL_COUNTS} FROM analytics_countedresponse"
        f" WHERE {where} AND cause_id IS NOT NULL AND num_nonnulls(c1, c2, c3) > 0"
        " GROUP BY cause_id ORDER BY cause_id",
        values,
    )


def _rollup_scope(selection: Selection) -> str | None:
    """The rollup that answers this selection, if one does."""
    if not selection.narrowed:
        return "all"
    return "cause" if selection.narrowed == {"cause"} else None
