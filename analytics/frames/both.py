"""Where fix and cause meet: the matrix and what is read from it, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.columns import IntArray
from analytics.frames.selection import Selection
from analytics.frames.sql import frame


def cells(selection: Selection) -> IntArray:
    """Answers by F1 and C1, of those who gave both.

    Shape: (5, 5); cells[f − 1][c − 1].
    """
    if selection.narrowed:
        where, values = selection.facts()
        counted = frame(
            "SELECT f1 AS fix, c1 AS cause, count(*) AS n FROM analytics_countedresponse"
            f" WHERE {where} AND f1 IS NOT NULL AND c1 IS NOT NULL GROUP BY f1, c1",
            values,
        )
    else:
        where, values = selection.days()
        counted = frame(
            "SELECT fix, cause, sum(n)::bigint AS n FROM analytics_matrixday"
            f" WHERE basis = %(basis)s AND {where} GROUP BY fix, cause",
            {**values, "basis": selection.basis},
        )
    return _table(counted)


def ratings(selection: Selection) -> IntArray:
    """Answers by F1 and C1 where either was given, 0 standing for one that was not; read from the
    counted responses in one pass.

    Shape: (6, 6); [f][c]. Without row and column 0 it is `cells`, its sums over the columns are the
    F1 of `frames.fix.total`, those over the rows the C1 of `frames.cause.total`.
    """
    where, values = selection.facts()
    counted = frame(
        "SELECT COALESCE(f1, 0) AS fix, COALESCE(c1, 0) AS cause, count(*) AS n"
        f" FROM analytics_countedresponse WHERE {where} GROUP BY f1, c1",
        values,
    )
    return _table(counted, 6)


def by_arm(selection: Selection) -> pd.DataFrame:
    """Answers by F1, C1 and the order the pages came in, and who would choose the company again.

    Shape: arm, fix, cause, n, again_n (gave O1), again (O1 4–5); one row per combination.
    """
    where, values = selection.facts()
    return frame(
        "SELECT arm, f1 AS fix, c1 AS cause, count(*) AS n,"
        " count(o1) AS again_n, count(*) FILTER (WHERE o1 >= 4) AS again"
        f" FROM analytics_countedresponse WHERE {where}"
        " AND f1 IS NOT NULL AND c1 IS NOT NULL GROUP BY arm, f1, c1",
        values,
    )


def arms(counted: pd.DataFrame) -> dict[str, IntArray]:
    """The frame of `by_arm` as one 5×5 table per arm, by name."""
    parts = counted.groupby("arm", sort=True)
    return {str(arm): _table(part) for arm, part in parts}


def _table(counted: pd.DataFrame, options: int = 5) -> IntArray:
    table = np.zeros((options, options), np.int64)
    if len(counted):
        lowest = 6 - options
        place = tuple(counted[name].to_numpy(np.int64) - lowest for name in ("fix", "cause"))
        np.add.at(table, place, counted["n"].to_numpy(np.int64))
    return table
