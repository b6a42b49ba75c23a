"""What is said of each agent, by what landed on their desk, counted from the packed columns.

Reads the fix ratings and nothing of a cause answer. With several agents F1 is said of each who did
at least half of the work.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.columns import IntArray
from analytics.frames import packed
from analytics.frames.blocks import FIX_CODES
from analytics.frames.selection import Selection

#: From the code of the fix ratings to what is said of the agent, 0 for nothing.
_SAID: Final = (np.arange(FIX_CODES) % 6).astype(np.int64)
#: Counted at once: few enough to stay small, many enough that the table is cleared seldom.
_AT_ONCE: Final = 2_000_000
#: Cells of a table of agents and mixes; with more they are sorted instead.
_MOST_CELLS: Final = 32_000_000


def counted(
    selection: Selection, value: npt.ArrayLike, *, by_mix: bool = False
) -> tuple[IntArray, IntArray, IntArray]:
    """Ratings of each agent, in each mix of what landed on the desk where that is asked for.

    `value` says what a rating 0–5 counts as, −1 for nothing.

    Shape: agents (rows,), codes of mixes (rows,) or zeros, counts (rows, values); rows with any
    count, by agent and code.
    """
    parts = list(packed.matching(selection))
    agents, slots = _agents()
    width = len(packed.values("mix")) if by_mix else 1
    values = np.asarray(value, np.int64)
    size = int(values.max()) + 1
    table = _Table(len(agents) * width * size)
    meant = values[_SAID]
    for part in parts:
        kept = meant[part.column("fix_ratings")]
        group = part.column("agents")
        for slot in slots:
            agent = slot[group]
            some = np.flatnonzero((agent >= 0) & (kept >= 0))
            if not len(some):
                break
            key = agent[some] * width
            if by_mix:
                key += part.column("mix")[some]
            key *= size
            key += kept[some]
            table.add(key, part.sign)
    keys, cells = table.found()
    pairs = keys // size
    # In order, so that equal ones stand together.
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    counts = np.zeros((len(starts), size), np.int64)
    counts[np.cumsum(np.diff(pairs, prepend=-1) != 0) - 1, keys % size] = cells
    rows = pairs[starts]
    return agents[rows // width], rows % width, counts


class _Table:
    """Counts of integer keys below a bound."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._waiting: dict[int, list[IntArray]] = {1: [], -1: []}
        self._counts = np.zeros(bound if bound <= _MOST_CELLS else 0, np.int64)
        self._sparse: list[tuple[IntArray, IntArray]] = []

    def add(self, keys: IntArray, sign: int) -> None:
        self._waiting[sign].append(keys)
        if sum(len(one) for one in self._waiting[sign]) >= _AT_ONCE:
            self._count(sign)

    def _count(self, sign: int) -> None:
        if not self._waiting[sign]:
            return
        keys = np.concatenate(self._waiting[sign])
        self._waiting[sign] = []
        if len(self._counts):
            self._counts += sign * np.bincount(keys, minlength=self._bound)
        else:
            distinct, n = np.unique(keys, return_counts=True)
            self._sparse.append((distinct, sign * n))

    def found(self) -> tuple[IntArray, IntArray]:
        """Keys in order with their counts, zeros left out."""
        self._count(1)
        self._count(-1)
        if len(self._counts) or not self._sparse:
            keys = np.flatnonzero(self._counts)
            return keys, self._counts[keys]
        distinct, which = np.unique(
            np.concatenate([keys for keys, _ in self._sparse]), return_inverse=True
        )
        total = np.zeros(len(distinct), np.int64)
        np.add.at(total, which, np.concatenate([n for _, n in self._sparse]))
        some = np.flatnonzero(total)
        return distinct[some], total[some]


def _agents() -> tuple[IntArray, list[IntArray]]:
    """Ids of all agents in order, and the places of the first, second, … agent of each group that
    the packed columns know, −1 for none."""
    groups = packed.values("agents")
    agents = np.array(sorted({agent for ids in groups for agent in ids}), np.int64)
    slots = []
    for slot in range(max((len(ids) for ids in groups), default=0)):
        ids = np.array([ids[slot] if slot < len(ids) else -1 for ids in groups], np.int64)
        place = np.searchsorted(agents, ids)
        slots.append(np.where(ids >= 0, place, -1))
    return agents, slots
