"""Causes by the ISO week, for charts of control. No statement here names a fix answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from analytics.columns import HISTOGRAM
from analytics.frames import packed
from analytics.frames.blocks import CAUSE_CODES
from analytics.frames.selection import Selection
from analytics.frames.sql import frame, rows

_N: Final = "sum(h1 + h2 + h3 + h4 + h5)::bigint"
#: From the packed cause ratings to C1: one column per option.
_C1: Final = (np.arange(1, 6) == np.arange(CAUSE_CODES)[:, None] // 30).astype(np.int64)


def dismay(since: dt.date, until: dt.date) -> pd.DataFrame:
    """Answers to C1 of every cause by week of the answer, from the rollup.

    Shape: week (its Monday), cause_id, n, dismayed; one row per week and cause with answers.
    """
    return frame(
        f"SELECT date_trunc('week', day)::date AS week, scope_id AS cause_id, {_N} AS n,"
        " sum(h4 + h5)::bigint AS dismayed FROM analytics_causeday"
        " WHERE basis = 'a' AND scope = 'cause' AND day BETWEEN %(since)s AND %(until)s"
        f" GROUP BY 1, 2 HAVING {_N} > 0 ORDER BY 1, 2",
        {"since": since, "until": until},
    )


def cases(since: dt.date, until: dt.date, selection: Selection) -> pd.DataFrame:
    """Resolutions of every cause by week of the resolution; 0 stands for those without a cause.

    Shape: week (its Monday), cause_id, cases.
    """
    where, values = selection.without("cause").resolutions()
    period, more = Selection(from_=since, to=until).moments("r.resolved_at")
    return frame(
        "SELECT date_trunc('week', r.resolved_at AT TIME ZONE 'UTC')::date AS week,"
        " COALESCE(r.cause_id, 0) AS cause_id, count(*) AS cases FROM surveys_resolution AS r"
        f" WHERE {where} AND {period} GROUP BY 1, 2 ORDER BY 1, 2",
        {**values, **more},
    )


def first_day() -> dt.date | None:
    """The first day of which anything about a cause was counted."""
    [(day,)] = rows("SELECT min(day) FROM analytics_causeday WHERE basis = 'a'")
    return day  # type: ignore[no-any-return]


def by(selection: Selection, dimension: Literal["product", "channel"]) -> pd.DataFrame:
    """C1 by what the case was: products by their id, channels by name, None for those without.

    Shape: value, h1..h5; one row per value with answers.
    """
    found = packed.grouped(selection, dimension, "cause_ratings", CAUSE_CODES)
    counts = found.counts @ _C1
    table = pd.DataFrame(counts, columns=list(HISTOGRAM))
    table.insert(0, "value", pd.Series(found.values, dtype=object))
    some = np.asarray(counts.any(axis=1), dtype=bool)
    return table.loc[some].reset_index(drop=True)


def products(ids: Collection[int]) -> dict[int, str]:
    """The names of products."""
    found: list[tuple[Any, ...]] = rows(
        "SELECT id, name FROM surveys_product WHERE id = ANY(%(ids)s::bigint[])", {"ids": list(ids)}
    )
    return dict(found)
