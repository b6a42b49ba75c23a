"""What is said of each agent, by what landed on their desk, counted from the packed columns.

Reads the fix ratings and nothing of a cause answer. With several agents F1 is said of each who did
at least half of the work.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.columns import IntArray
from analytics.frames import packed
from analytics.frames.blocks import FIX_CODES, Codes
from analytics.frames.held import Matching
from analytics.frames.selection import Selection
from analytics.frames.side_by_side import mapped

#: From the code of the fix ratings to what is said of the agent, 0 for nothing.
_SAID: Final = (np.arange(FIX_CODES) % 6).astype(np.uint8)
#: To 0 for nothing, 1 for a rating below 4, 2 for 4 or 5.
_HIT: Final = np.array([0, 1, 1, 1, 2, 2], np.uint8)[_SAID]
#: Cells of a table of agents and mixes, of four bytes; with more they are sorted instead.
_MOST_CELLS: Final = 32_000_000


class Hits(NamedTuple):
    """Ratings of each agent in each mix that has any, and how many of them are 4 or 5; by place of
    the agent and code of the mix. Four arrays of one shape."""

    agent: IntArray
    mix: IntArray
    n: IntArray
    top2: IntArray


class Ratings:
    """The ratings that a selection lets through, of one moment, however often they are counted.

    `agents`: the ids of all agents that any answer names, in order.
    """

    def __init__(self, selection: Selection) -> None:
        self._parts = list(packed.matching(selection))
        self._said: IntArray | None = None
        self._groups = packed.values("agents")[:]
        self._mixes = max(1, len(packed.values("mix")))
        self.agents = np.array(sorted({one for ids in self._groups for one in ids}), np.int64)
        self._slots = [
            np.array([ids[slot] if slot < len(ids) else -1 for ids in self._groups], np.int64)
            for slot in range(max((len(ids) for ids in self._groups), default=0))
        ]
        # From ids to places, −1 for none: of the first, second, … agent of each group.
        for ids in self._slots:
            ids[:] = np.where(ids >= 0, np.searchsorted(self.agents, ids), -1)

    def histograms(self) -> IntArray:
        """Ratings 1–5 of each agent. Shape: (agents, 5)."""
        if self._said is None:
            self._said = np.zeros(6 * len(self._groups), np.int64)
            for part in self._parts:
                columns = part.column("agents"), part.column("fix_ratings")
                self._said += self._of_groups(part.sign, *columns)
        groups = self._said.reshape(-1, 6)
        counts = np.zeros((len(self.agents), 6), np.int64)
        for place in self._slots:
            named = np.flatnonzero(place >= 0)
            np.add.at(counts, place[named], groups[named])
        return counts[:, 1:]

    def hits(self) -> Hits:
        """Ratings by agent and mix, in that order. What `histograms` needs is counted on the way:
        choosing the rows takes longer than counting them."""
        mixes = self._worth_a_column()
        place_of = np.zeros(self._mixes, np.int64)
        place_of[mixes] = np.arange(len(mixes))
        among = place_of if len(mixes) < self._mixes else None
        table = _Table(1 + 2 * len(self.agents) * len(mixes))
        groups = np.zeros(6 * len(self._groups), np.int64)
        n_rows = sum(part.size for part in self._parts)
        found = mapped(lambda part: self._keys(part, among, len(mixes)), self._parts, n_rows)
        for part, (keys, said) in zip(self._parts, found, strict=True):
            for one in keys:
                table.add(one, part.sign)
            groups += said
        self._said = groups
        pair, n, top2 = table.pairs()
        agent, mix = np.divmod(pair, max(1, len(mixes)))
        return Hits(agent, mixes[mix], n, top2)

    def _keys(
        self, part: Matching, among: IntArray | None, n_mixes: int
    ) -> tuple[list[IntArray], IntArray]:
        """Of each slot the keys of its ratings; and what is said of each group."""
        group, mix, rated = (part.column(name) for name in ("agents", "mix", "fix_ratings"))
        said, kind = self._of_groups(part.sign, group, rated), _HIT.take(rated, mode="clip")
        if among is not None:
            mix = among.take(mix, mode="clip")
        keys = []
        for slot, place in enumerate(self._slots):
            if slot:
                # Nearly all have one agent; the others of those who worked together.
                some = np.flatnonzero((place >= 0).take(group, mode="clip"))
                group, mix, kind = group[some], mix[some], kind[some]
            keys.append(_keys(place * n_mixes, group, mix, kind))
        return keys, said

    def _of_groups(self, sign: int, group: Codes, rated: Codes) -> IntArray:
        """Counts of what is said of each group of agents, 0 for nothing: by 6 · group + rating."""
        key = group.astype(np.int64)
        key *= 6
        key += _SAID.take(rated, mode="clip")
        return sign * np.bincount(key, minlength=6 * len(self._groups)).astype(np.int64)

    def _worth_a_column(self) -> IntArray:
        """The mixes to make room for: all of them, or, where a table of all would be larger than
        the ratings at hand, those they have. Under filters these are often a few."""
        if 8 * sum(part.size for part in self._parts) > len(self.agents) * self._mixes:
            return np.arange(self._mixes)
        seen = np.zeros(self._mixes, bool)
        for part in self._parts:
            seen[part.column("mix")] = True
        return np.flatnonzero(seen)


def _keys(place: IntArray, group: Codes, mix: Codes, kind: npt.NDArray[np.uint8]) -> IntArray:
    """2 · (agent · mixes + mix) + 1, or + 2 for a hit; 0 where nothing is said of anybody. `place`:
    agent · mixes of each group, negative for none."""
    key: IntArray = (2 * place).take(group, mode="clip")
    key += 2 * mix.astype(np.int64)
    key += kind
    said = kind > 0
    if (place < 0).any():
        said &= (place >= 0).take(group, mode="clip")
    key *= said
    return key


class _Table:
    """Counts of keys below a bound, the first of which stands for nothing."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._counts = np.zeros(bound if bound <= _MOST_CELLS else 0, np.int32)
        self._sparse: list[tuple[IntArray, IntArray]] = []

    def add(self, keys: IntArray, sign: int) -> None:
        if len(self._counts):
            np.add.at(self._counts, keys, np.int32(sign))
        else:
            distinct, n = np.unique(keys, return_counts=True)
            self._sparse.append((distinct, sign * n))

    def pairs(self) -> tuple[IntArray, IntArray, IntArray]:
        """Agent · mixes + mix of those with ratings, in order; how many; how many are 4 or 5."""
        if len(self._counts):
            cells = self._counts[1:].reshape(-1, 2)
            total = cells[:, 0] + cells[:, 1]
            pair = np.flatnonzero(total)
            return pair, total[pair].astype(np.int64), cells[pair, 1].astype(np.int64)
        none = np.zeros(0, np.int64)
        keys = np.concatenate([none, *(keys for keys, _ in self._sparse)])
        counts = np.concatenate([none, *(n for _, n in self._sparse)])
        keys, counts = keys[keys > 0] - 1, counts[keys > 0]
        pair, which = np.unique(keys // 2, return_inverse=True)
        both = np.zeros((len(pair), 2), np.int64)
        np.add.at(both, (which, keys % 2), counts)
        some = both.any(axis=1)
        return pair[some], both[some].sum(axis=1), both[some, 1]
