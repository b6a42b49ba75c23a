"""Counted responses of one day as packed columns: what filtered reports count instead of rows.

A block holds responses that were added to a day and responses that were taken off it again, so that
a day is the sum of its blocks, blocks are only ever added and merged, and what a batch costs does
not depend on what the day held before. Each block brings its own dictionaries: a byte or two per
column and response, whatever the ids are.

Pure arithmetic, without the database.

Public names
    pack(added, removed) -> bytes               rows of `frames.answers`, all answered on one day
    unpack(data) -> Block
    merge(blocks) -> bytes                      what was added and taken off again is left out
    tally(block) -> Counter                     what a block says, for checking it against the rows
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analytics.frames.sql import Row

Codes = npt.NDArray[np.integer[Any]]

#: Dimensions with a dictionary, and their place in a row of `frames.answers.COLUMNS`.
DIMENSIONS: Final = {
    "team": 3, "agents": 4, "product": 6, "cause": 7, "channel": 8, "language": 9,
    "questionnaire": 10, "arm": 11,
}  # fmt: skip
#: Columns that are numbers. `lag`: days from resolution to answer. `fix`: F1 and what is said of
#: the agent, 6 · F1 + said. `cause`: C1, C2 and C3, 30 · C1 + 5 · C2 + C3. 0: not answered.
NUMBERS: Final = ("lag", "fix_ratings", "cause_ratings", "outcome")
COLUMNS: Final = (*DIMENSIONS, *NUMBERS)
FIX_CODES, CAUSE_CODES = 36, 180


@dataclass(frozen=True, slots=True)
class Block:
    """`columns`: one array each, the `added` responses before the removed ones. `values`: of each
    dimension, what its codes stand for; the agents of a response as a tuple."""

    added: int
    columns: dict[str, Codes]
    values: dict[str, list[Any]]

    def __len__(self) -> int:
        return len(self.columns["lag"])


def pack(added: Collection[Row], removed: Collection[Row] = ()) -> bytes:
    """Rows of `frames.answers`, all answered on one day, as a block."""
    rows = [*added, *removed]
    columns: dict[str, Codes] = {}
    values: dict[str, list[Any]] = {}
    for name, place in DIMENSIONS.items():
        known: dict[Any, int] = {}
        found = [row[place] for row in rows]
        if name == "agents":
            found = [tuple(ids) for ids in found]
        columns[name] = np.array([known.setdefault(v, len(known)) for v in found], np.int32)
        values[name] = list(known)
    columns["lag"] = np.array([(row[1] - row[2]).days for row in rows], np.int32)
    rated = np.array([[rating or 0 for rating in row[12:18]] for row in rows], np.int16)
    f1, f2, c1, c2, c3, o1 = rated.reshape(-1, 6).T
    alone = np.array([row[5] == 1 for row in rows], bool)
    columns["fix_ratings"] = 6 * f1 + np.where(alone & (f2 > 0), f2, f1)
    columns["cause_ratings"] = 30 * c1 + 5 * c2 + c3
    columns["outcome"] = o1
    return packed(len(added), columns, values)


def packed(
    added: int,
    columns: dict[str, Codes],
    values: dict[str, list[Any]],
    names: Sequence[str] = COLUMNS,
) -> bytes:
    """Columns and dictionaries as bytes: a header, then one array after the other."""
    arrays = {name: _narrow(columns[name]) for name in names}
    header = {
        "added": added,
        "n": len(arrays["lag"]),
        "types": {name: array.dtype.str for name, array in arrays.items()},
        "values": values,
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"".join(
        [len(text).to_bytes(4, "little"), text, *(arrays[name].tobytes() for name in names)]
    )


def unpack(data: bytes) -> Block:
    """The block again."""
    size = int.from_bytes(data[:4], "little")
    header = json.loads(bytes(data[4 : 4 + size]))
    place, columns = 4 + size, {}
    for name, told in header["types"].items():  # in the order of their arrays
        kind = np.dtype(told)
        columns[name] = np.frombuffer(data, kind, header["n"], place)
        place += header["n"] * kind.itemsize
    values = header["values"]
    values["agents"] = [tuple(ids) for ids in values["agents"]]
    return Block(header["added"], columns, values)


def merge(blocks: Sequence[Block]) -> bytes | None:
    """One block that says what all of them say; None where nothing is left."""
    values: dict[str, list[Any]] = {}
    columns: dict[str, Codes] = {}
    # Added ones first, then removed ones.
    order = np.concatenate([np.arange(len(block)) >= block.added for block in blocks])
    place = np.argsort(order, kind="stable")
    for name in COLUMNS:
        parts = [block.columns[name] for block in blocks]
        if name in DIMENSIONS:
            known: dict[Any, int] = {}
            parts = [
                np.array([known.setdefault(v, len(known)) for v in block.values[name]], np.int32)[
                    block.columns[name]
                ]
                for block in blocks
            ]
            values[name] = list(known)
        columns[name] = np.concatenate(parts)[place]
    added = int(len(order) - order.sum())
    if added < len(order):
        return _without_pairs(added, columns, values)
    return packed(added, columns, values) if len(order) else None


def _without_pairs(
    added: int, columns: dict[str, Codes], values: dict[str, list[Any]]
) -> bytes | None:
    """What is on both sides is on neither."""
    table = np.stack([columns[name].astype(np.int32) for name in COLUMNS], axis=1)
    sign = np.where(np.arange(len(table)) < added, 1, -1)
    distinct, which = np.unique(table, axis=0, return_inverse=True)
    left = np.bincount(which.ravel(), weights=sign, minlength=len(distinct)).astype(np.int64)
    kept = np.concatenate(
        [np.repeat(distinct, np.maximum(left, 0), 0), np.repeat(distinct, np.maximum(-left, 0), 0)]
    )
    if not len(kept):
        return None
    found = {name: kept[:, place] for place, name in enumerate(COLUMNS)}
    return packed(int(np.maximum(left, 0).sum()), found, values)


def tally(blocks: Iterable[Block]) -> Counter[tuple[Any, ...]]:
    """How often each combination of values and numbers comes, removed ones subtracted."""
    counted: Counter[tuple[Any, ...]] = Counter()
    for block in blocks:
        parts = [
            [block.values[name][code] for code in column.tolist()]
            if name in block.values
            else column.tolist()
            for name, column in sorted(block.columns.items())
        ]
        told = list(zip(*parts, strict=True))
        counted.update(told[: block.added])
        counted.subtract(told[block.added :])
    return Counter({key: n for key, n in counted.items() if n})


def _narrow(array: Codes) -> Codes:
    """The smallest integers, little-endian, that hold the array."""
    low, high = (int(array.min()), int(array.max())) if len(array) else (0, 0)
    for kind in ("<u1", "<i2", "<i4"):
        held = np.iinfo(kind)
        if held.min <= low and high <= held.max:
            return array.astype(kind)
    return array.astype("<i8")
