"""Where fix and cause meet: the matrix and what is read from it, and nothing else."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from analytics.columns import IntArray
from analytics.frames import packed
from analytics.frames.blocks import CAUSE_CODES, FIX_CODES
from analytics.frames.selection import Selection
from analytics.frames.sql import frame

_FIX: Final = np.arange(FIX_CODES) // 6
_CAUSE: Final = np.arange(CAUSE_CODES) // 30


def cells(selection: Selection) -> IntArray:
    """Answers by F1 and C1, of those who gave both.

    Shape: (5, 5); cells[f − 1][c − 1].
    """
    if selection.narrowed:
        return ratings(selection)[1:, 1:]
    where, values = selection.days()
    counted = frame(
        "SELECT fix, cause, sum(n)::bigint AS n FROM analytics_matrixday"
        f" WHERE basis = %(basis)s AND {where} GROUP BY fix, cause",
        {**values, "basis": selection.basis},
    )
    return _table(counted)


def ratings(selection: Selection) -> IntArray:
    """Answers by F1 and C1 where either was given, 0 standing for one that was not; counted in
    one pass.

    Shape: (6, 6); [f][c]. Without row and column 0 it is `cells`, its sums over the columns are the
    F1 of `frames.fix.total`, those over the rows the C1 of `frames.cause.total`.
    """
    table = np.zeros(36, np.int64)
    for part in packed.matching(selection):
        table += part.sign * np.bincount(_pair(part), minlength=36)
    return table.reshape(6, 6)


def _pair(part: packed.Matching) -> IntArray:
    """6 · F1 + C1 of each response."""
    return _FIX[part.column("fix_ratings")] * 6 + _CAUSE[part.column("cause_ratings")]


def by_arm(selection: Selection) -> pd.DataFrame:
    """Answers by F1, C1 and the order the pages came in, and who would choose the company again.

    Shape: arm, fix, cause, n, again_n (gave O1), again (O1 4–5); one row per combination.
    """
    parts = list(packed.matching(selection))
    coded, arms, place = packed.codes_of("arm")
    table = np.zeros(len(arms) * 36 * 6, np.int64)
    for part in parts:
        key = (place[part.column(coded)] * 36 + _pair(part)) * 6 + part.column("outcome")
        table += part.sign * np.bincount(key, minlength=len(table))
    counted = table.reshape(len(arms), 6, 6, 6)[:, 1:, 1:]
    arm, fix, cause = np.nonzero(counted.any(axis=3))
    said = counted[arm, fix, cause]
    columns = {
        "arm": [arms[one] for one in arm.tolist()],
        "fix": fix + 1,
        "cause": cause + 1,
        "n": said.sum(axis=1),
        "again_n": said[:, 1:].sum(axis=1),
        "again": said[:, 4:].sum(axis=1),
    }
    return pd.DataFrame(columns)


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
