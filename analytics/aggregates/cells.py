"""Rows of answers as integer cells of the rollups: one-hot columns and one grouped sum.

Pure arithmetic. The difference of two sets of answers is what has to be added to the rollups; cells
of a day and dimension add up over any partition of the answers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.columns import IntArray

BASES: Final = (("a", "answered_on"), ("r", "resolved_on"))
#: In the order of the alphabet, which is that of the key.
SCOPES: Final = ("agent", "all", "cause", "team")
FIX_CELLS: Final = tuple(f"h{k}" for k in range(1, 6))
CAUSE_CELLS: Final = (*FIX_CELLS, *(f"v{k}" for k in range(1, 6)), *(f"w{k}" for k in range(1, 5)))
KEY: Final = ("basis", "scope", "day", "scope_id")
MATRIX_KEY: Final = ("basis", "day", "fix", "cause")


@dataclass(frozen=True, slots=True)
class Cells:
    """What to add to each rollup: its key columns in key order, then its counts. Sorted by key, so
    that two writers take their row locks in the same order."""

    fix: pd.DataFrame
    cause: pd.DataFrame
    matrix: pd.DataFrame

    def __bool__(self) -> bool:
        return bool(len(self.fix) or len(self.cause) or len(self.matrix))


def difference(new: pd.DataFrame, old: pd.DataFrame) -> Cells:
    """Cells of `new` minus cells of `old`, zeros left out.

    Shape: frames as `frames.answers.as_frame` makes them.
    """
    signed = pd.concat([new.assign(sign=1), old.assign(sign=-1)], ignore_index=True)
    if signed.empty:
        return Cells(_none(KEY, FIX_CELLS), _none(KEY, CAUSE_CELLS), _none(MATRIX_KEY, ("n",)))
    # Groups of integers are found several times as fast as groups of dates and words.
    for _, column in BASES:
        signed[column] = [day.toordinal() for day in signed[column]]
    return Cells(_fix(signed), _cause(signed), _matrix(signed))


def _none(key: tuple[str, ...], cells: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=[*key, *cells])


def _one_hot(rating: pd.Series, sign: pd.Series, top: int) -> IntArray:
    """One signed column per option; a missing rating (NaN) is in none of them."""
    values = rating.to_numpy(dtype=np.float64)
    matches = values[:, None] == np.arange(1.0, top + 1)
    return np.asarray(matches * sign.to_numpy(dtype=np.int64)[:, None], dtype=np.int64)


def _fix(signed: pd.DataFrame) -> pd.DataFrame:
    days = [column for _, column in BASES]
    overall = signed[[*days, "team_id", "sign"]].assign(rating=signed["f1"])
    single = signed["n_agents"] == 1
    said = signed["f2"].where(single & signed["f2"].notna(), signed["f1"])
    agents = (
        signed[[*days, "sign"]]
        .assign(rating=said, agent=signed["agent_ids"])
        .explode("agent")
        .dropna(subset=["agent"])
    )
    rated = _keyed(
        {
            "agent": (agents, "agent"),
            "all": (overall, None),
            "team": (overall, "team_id"),
        }
    )
    cells = pd.DataFrame(_one_hot(rated["rating"], rated["sign"], 5), columns=list(FIX_CELLS))
    return _worded(_summed(pd.concat([rated[list(KEY)], cells], axis=1), KEY, FIX_CELLS))


def _cause(signed: pd.DataFrame) -> pd.DataFrame:
    days = [column for _, column in BASES]
    answers = signed[[*days, "cause_id", "sign", "c1", "c2", "c3"]]
    rated = _keyed({"all": (answers, None), "cause": (answers, "cause_id")})
    columns = (("c1", 5), ("c2", 5), ("c3", 4))
    table = np.hstack([_one_hot(rated[name], rated["sign"], top) for name, top in columns])
    cells = pd.DataFrame(table, columns=list(CAUSE_CELLS))
    return _worded(_summed(pd.concat([rated[list(KEY)], cells], axis=1), KEY, CAUSE_CELLS))


def _matrix(signed: pd.DataFrame) -> pd.DataFrame:
    both = signed[signed["f1"].notna() & signed["c1"].notna()]
    pair = {"fix": both["f1"].astype(np.int64), "cause": both["c1"].astype(np.int64)}
    parts = [
        pd.DataFrame({"basis": basis, "day": both[column], **pair, "n": both["sign"]})
        for basis, (_, column) in enumerate(BASES)
    ]
    return _worded(_summed(pd.concat(parts, ignore_index=True), MATRIX_KEY, ("n",)))


def _keyed(scopes: dict[str, tuple[pd.DataFrame, str | None]]) -> pd.DataFrame:
    """Rows with the key of the rollup, once under each basis and scope, in which those without the
    scope's dimension are left out. Basis and scope are still numbers."""
    parts = []
    for scope, (rows, dimension) in scopes.items():
        if dimension is not None:
            rows = rows.dropna(subset=[dimension])
        scope_id = 0 if dimension is None else rows[dimension].astype(np.int64)
        for basis, (_, column) in enumerate(BASES):
            keyed = rows.assign(basis=basis, scope=SCOPES.index(scope), day=rows[column])
            parts.append(keyed.assign(scope_id=scope_id))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _summed(rows: pd.DataFrame, key: tuple[str, ...], cells: tuple[str, ...]) -> pd.DataFrame:
    sums = rows.groupby(list(key), sort=True, observed=True)[list(cells)].sum().reset_index()
    moved = (sums[list(cells)] != 0).any(axis=1)
    return sums[moved].reset_index(drop=True)


def _worded(sums: pd.DataFrame) -> pd.DataFrame:
    """Bases, scopes and days as the tables call them."""
    worded = sums.astype({"basis": object, "day": object})
    worded["basis"] = [BASES[number][0] for number in sums["basis"]]
    worded["day"] = [dt.date.fromordinal(number) for number in sums["day"]]
    if "scope" in sums:
        worded["scope"] = pd.Series([SCOPES[number] for number in sums["scope"]], dtype=object)
    return worded
