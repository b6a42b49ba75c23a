"""Many answers at once, as columns: into cells of the rollups and blocks by day, by counting codes.

For whole months, where one row after the other in Python would take minutes. Adds nothing to what
`cells` and `frames.blocks` define; the tests hold them to the same numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analytics.aggregates.cells import BASES, CAUSE_CELLS, FIX_CELLS
from analytics.columns import IntArray
from analytics.frames.blocks import CAUSE_CODES, DIMENSIONS, FIX_CODES, Block, Codes, packed

_FIX: Final = np.arange(FIX_CODES)
_CAUSE: Final = np.arange(CAUSE_CODES)
#: From the codes of the ratings to the cells of a rollup: one column per cell.
_F1: Final = np.equal.outer(_FIX // 6, np.arange(1, 6)).astype(np.int64)
_SAID: Final = np.equal.outer(_FIX % 6, np.arange(1, 6)).astype(np.int64)
_CAUSE_CELLS: Final = np.hstack(
    [
        np.equal.outer(_CAUSE // 30, np.arange(1, 6)),
        np.equal.outer(_CAUSE // 5 % 6, np.arange(1, 6)),
        np.equal.outer(_CAUSE % 5, np.arange(1, 5)),
    ]
).astype(np.int64)
#: Cells of a table of days and codes; with more they are sorted instead.
_MOST_CELLS: Final = 40_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """Cells of one table, basis and scope, in the order of their key.

    `ids` are those of the scope; of the matrix, 6 · fix + cause with the scope left empty.
    """

    table: str
    basis: str
    scope: str
    days: IntArray
    ids: IntArray
    cells: tuple[str, ...]
    counts: IntArray


def runs(days: IntArray, block: Block) -> Iterator[Run]:
    """The cells of these answers. `days`: each answer's day of answer, as an ordinal."""
    fixed, caused = block.columns["fix_ratings"], block.columns["cause_ratings"]
    pair = (_FIX // 6)[fixed] * 6 + (_CAUSE // 30)[caused]
    both = np.flatnonzero((pair >= 6) & (pair % 6 > 0))
    zero, one = np.zeros(len(block), np.int64), np.ones((1, 1), np.int64)
    for basis, _ in BASES:
        on = days if basis == "a" else days - block.columns["lag"]
        yield _run(FIX, basis, "agent", _of_agents(on, block), _SAID)
        yield _run(FIX, basis, "all", _Rated(on, zero, zero[:1], fixed), _F1)
        yield _run(FIX, basis, "team", _of(on, block, "team", fixed), _F1)
        yield _run(CAUSE, basis, "all", _Rated(on, zero, zero[:1], caused), _CAUSE_CELLS)
        yield _run(CAUSE, basis, "cause", _of(on, block, "cause", caused), _CAUSE_CELLS)
        met = _Rated(on[both], pair[both], np.arange(36), zero[both])
        yield _run(MATRIX, basis, "", met, one)


@dataclass(frozen=True, slots=True)
class _Rated:
    """Days, codes and codes of the ratings of some answers; `ids` are those of the codes."""

    days: IntArray
    code: IntArray
    ids: IntArray
    ratings: Codes


FIX: Final = ("analytics_fixday", FIX_CELLS)
CAUSE: Final = ("analytics_causeday", CAUSE_CELLS)
MATRIX: Final = ("analytics_matrixday", ("n",))


def _of(on: IntArray, block: Block, name: str, ratings: Codes) -> _Rated:
    """The answers that have the dimension."""
    values = block.values[name]
    ids = np.array([-1 if value is None else value for value in values], np.int64)
    code = block.columns[name]
    known = np.flatnonzero(ids[code] >= 0) if len(ids) else np.zeros(0, np.int64)
    return _Rated(on[known], code[known].astype(np.int64), ids, ratings[known])


def _of_agents(on: IntArray, block: Block) -> _Rated:
    groups = block.values["agents"]
    agents = np.array(sorted({agent for ids in groups for agent in ids}), np.int64)
    code, parts = block.columns["agents"], []
    for slot in range(max((len(ids) for ids in groups), default=0)):
        place = np.array(
            [np.searchsorted(agents, ids[slot]) if slot < len(ids) else -1 for ids in groups]
        )
        found = place[code]
        named = np.flatnonzero(found >= 0)
        parts.append((on[named], found[named], block.columns["fix_ratings"][named]))
    if not parts:
        none = np.zeros(0, np.int64)
        return _Rated(none, none, agents, none)
    joined = [np.concatenate(columns).astype(np.int64) for columns in zip(*parts, strict=True)]
    return _Rated(joined[0], joined[1], agents, joined[2])


def _run(
    rollup: tuple[str, tuple[str, ...]], basis: str, scope: str, rated: _Rated, cells: IntArray
) -> Run:
    table, names = rollup
    days, code, ids, ratings = rated.days, rated.code, rated.ids, rated.ratings
    # In the order of the ids, so that the cells come in the order of the key.
    order = np.argsort(ids, kind="stable")
    rank = np.empty(len(ids), np.int64)
    rank[order] = np.arange(len(ids))
    width, size = max(1, len(ids)), len(cells)
    low = int(days.min(initial=2**40)) if len(days) else 0
    key = ((days - low) * width + rank[code]) * size + ratings
    distinct, n = _distinct(key, (int(days.max(initial=low)) - low + 1) * width * size)
    starts = np.diff(distinct // size, prepend=-1) != 0
    place = (distinct // size)[starts]
    counts = np.zeros((len(place), cells.shape[1]), np.int64)
    np.add.at(counts, np.cumsum(starts) - 1, n[:, None] * cells[distinct % size])
    some = counts.any(axis=1)
    place, counts = place[some], counts[some]
    at = ids[order][place % width] if len(ids) else place
    return Run(table, basis, scope, place // width + low, at, names, counts)


def _distinct(key: IntArray, bound: int) -> tuple[IntArray, IntArray]:
    """The different keys in order, and how often each comes."""
    if bound > _MOST_CELLS:
        found, n = np.unique(key, return_counts=True)
        return found, n.astype(np.int64)
    table = np.bincount(key, minlength=1)
    found = np.flatnonzero(table)
    return found, table[found]


def by_day(days: IntArray, block: Block) -> Iterator[tuple[dt.date, int, bytes]]:
    """The answers of each day as a block of their own: day, how many, packed."""
    order = np.argsort(days, kind="stable")
    sorted_days = days[order]
    starts = np.flatnonzero(np.diff(sorted_days, prepend=sorted_days[:1] - 1))
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        places = order[start:end]
        columns: dict[str, Codes] = {}
        values: dict[str, list[Any]] = {}
        for name, column in block.columns.items():
            codes = column[places]
            if name in DIMENSIONS:
                used = np.flatnonzero(np.bincount(codes))
                table = np.zeros(int(codes.max()) + 1, np.int64)
                table[used] = np.arange(len(used))
                codes = table[codes]
                values[name] = [block.values[name][one] for one in used.tolist()]
            columns[name] = codes
        day = dt.date.fromordinal(int(sorted_days[start]))
        yield day, len(places), packed(len(places), columns, values)
