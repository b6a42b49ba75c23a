"""Where fix and cause meet: the matrix and what is read from it, and nothing else."""

from __future__ import annotations

from typing import Any, Final

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


#: "Not sure" whether they had it before says neither yes nor no.
_NOT_SURE: Final = 4


def experiences(selection: Selection) -> pd.DataFrame:
    """Whether customers would choose the company again, beside what they met with.

    Shape: again (O1), fix (F1), cause (C1), avoidable (C2), recurrence (C3 without "not sure"), n;
    one row per combination of those who gave all five.
    """
    shape = (6, CAUSE_CODES, 6)
    table = np.zeros(np.prod(shape), np.int64)
    for part in packed.matching(selection):
        cause = part.column("cause_ratings").astype(np.int64)
        key = (_FIX[part.column("fix_ratings")] * CAUSE_CODES + cause) * 6 + part.column("outcome")
        table += part.sign * np.bincount(key, minlength=len(table))
    fix, code, again = np.unravel_index(np.flatnonzero(table), shape)
    columns = {
        "again": again,
        "fix": fix,
        "cause": code // 30,
        "avoidable": code // 5 % 6,
        "recurrence": code % 5,
        "n": table[np.flatnonzero(table)],
    }
    found = pd.DataFrame(columns)
    given = (found > 0).all(axis=1) & (found["recurrence"] != _NOT_SURE)
    return found[given].reset_index(drop=True)


def by_kind(selection: Selection) -> pd.DataFrame:
    """Ratings within each kind of case that was known before anybody was asked.

    Shape: cause_id, product_id, channel, team_id (None where there is none), n_fix, top2, n_cause,
    dismayed, n_both, n_satisfied, masked; one row per combination with responses. n_satisfied and
    masked are of those who gave both ratings.
    """
    parts = list(packed.matching(selection))
    coded, teams, place = packed.codes_of("team")
    mixes = packed.values("mix")
    kinds = [
        part.column("mix").astype(np.int64) * len(teams) + place[part.column(coded)]
        for part in parts
    ]
    seen = np.zeros(len(mixes) * len(teams), bool)
    for kind in kinds:
        seen[kind] = True
    # Of all that are possible only a few exist: a table of all would not fit.
    some, row = np.flatnonzero(seen), np.cumsum(seen) - 1
    cells = np.zeros(len(some) * 36, np.int64)
    for part, kind in zip(parts, kinds, strict=True):
        cells += part.sign * np.bincount(row[kind] * 36 + _pair(part), minlength=len(cells))
    mix, team = np.divmod(some, max(len(teams), 1))
    columns: dict[str, Any] = {
        name: pd.Series([mixes[one][at] for one in mix.tolist()], dtype=object)
        for at, name in enumerate(("cause_id", "product_id", "channel"))
    }
    columns["team_id"] = pd.Series([teams[one] for one in team.tolist()], dtype=object)
    return pd.DataFrame(columns | _rated(cells.reshape(len(some), 6, 6)))


def _rated(table: IntArray) -> dict[str, IntArray]:
    """Shape: (kinds, 6, 6) by F1 and C1, 0 for one that was not given."""
    return {
        "n_fix": table[:, 1:].sum(axis=(1, 2)),
        "top2": table[:, 4:].sum(axis=(1, 2)),
        "n_cause": table[:, :, 1:].sum(axis=(1, 2)),
        "dismayed": table[:, :, 4:].sum(axis=(1, 2)),
        "n_both": table[:, 1:, 1:].sum(axis=(1, 2)),
        "n_satisfied": table[:, 4:, 1:].sum(axis=(1, 2)),
        "masked": table[:, 4:, 4:].sum(axis=(1, 2)),
    }


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
