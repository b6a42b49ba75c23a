"""Rows of answers as integer cells of the rollups: one-hot columns and one grouped sum.

Pure arithmetic. The difference of two sets of answers is what has to be added to the rollups; cells
of a day and dimension add up over any partition of the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.columns import IntArray

BASES: Final = (("a", "answered_on"), ("r", "resolved_on"))
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
    parts = [
        _keyed(overall, "all", None),
        _keyed(overall, "team", "team_id"),
        _keyed(agents, "agent", "agent"),
    ]
    rated = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    cells = pd.DataFrame(_one_hot(rated["rating"], rated["sign"], 5), columns=list(FIX_CELLS))
    return _summed(pd.concat([rated[list(KEY)], cells], axis=1), KEY, FIX_CELLS)


def _cause(signed: pd.DataFrame) -> pd.DataFrame:
    days = [column for _, column in BASES]
    answers = signed[[*days, "cause_id", "sign", "c1", "c2", "c3"]]
    parts = [_keyed(answers, "all", None), _keyed(answers, "cause", "cause_id")]
    rated = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    columns = (("c1", 5), ("c2", 5), ("c3", 4))
    table = np.hstack([_one_hot(rated[name], rated["sign"], top) for name, top in columns])
    cells = pd.DataFrame(table, columns=list(CAUSE_CELLS))
    return _summed(pd.concat([rated[list(KEY)], cells], axis=1), KEY, CAUSE_CELLS)


def _matrix(signed: pd.DataFrame) -> pd.DataFrame:
    both = signed[signed["f1"].notna() & signed["c1"].notna()]
    parts = [
        pd.DataFrame(
            {
                "basis": basis,
                "day": both[column],
                "fix": both["f1"],
                "cause": both["c1"],
                "n": both["sign"],
            }
        )
        for basis, column in BASES
    ]
    return _summed(pd.concat(parts, ignore_index=True), MATRIX_KEY, ("n",))


def _keyed(rows: pd.DataFrame, scope: str, dimension: str | None) -> pd.DataFrame:
    """Rows with the key of the rollup, once under each basis; those without the dimension left
    out."""
    if dimension is not None:
        rows = rows.dropna(subset=[dimension])
    scope_id = 0 if dimension is None else rows[dimension].astype(np.int64)
    return pd.concat(
        [
            rows.assign(basis=basis, scope=scope, day=rows[column], scope_id=scope_id)
            for basis, column in BASES
        ],
        ignore_index=True,
    )


def _summed(rows: pd.DataFrame, key: tuple[str, ...], cells: tuple[str, ...]) -> pd.DataFrame:
    sums = rows.groupby(list(key), sort=True, observed=True)[list(cells)].sum().reset_index()
    moved = (sums[list(cells)] != 0).any(axis=1)
    return sums[moved].reset_index(drop=True)
