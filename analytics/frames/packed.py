"""The packed columns of all counted responses, held by the process, and what matches a selection.

Ten million responses are 160 MB here and are counted under any filters within a fraction of a
second, where rows take several.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db import connection

from analytics.columns import IntArray
from analytics.frames.blocks import NUMBERS, Block, unpack
from analytics.frames.held import Listed, Matching, Part, Source, Store, month_of
from analytics.frames.selection import Selection
from analytics.frames.sql import rows

__all__ = [
    "Grouped", "Matching", "codes_of", "daily", "fetched", "grouped", "histogram", "matching",
    "parts", "values",
]  # fmt: skip
#: What a response is like, in two codes: what landed on the desk, and who was asked how. Each is
#: one look-up however many filters there are, and a few thousand combinations fit in two bytes.
COMBINED: Final = {
    "mix": ("cause", "product", "channel"),
    "side": ("team", "language", "questionnaire", "arm"),
}


def _listed() -> Listed:
    [(stamps, days)] = rows("SELECT array_agg(id), array_agg(day) FROM analytics_answerblock")
    listed: Listed = {}
    for stamp, day in zip(stamps or (), days or (), strict=True):
        listed.setdefault(month_of(day), set()).add(stamp)
    return listed


def fetched(table: str, stamps: Sequence[Hashable]) -> Iterator[tuple[Hashable, dt.date, Block]]:
    """Blocks of a table by their ids, those that are still there."""
    with connection.cursor() as cursor:
        inner = cursor.cursor
        inner.execute(
            f"SELECT id, day, data FROM {table} WHERE id = ANY(%s::bigint[])",
            [list(stamps)],
            binary=True,
        )
        found = inner.fetchall()
    for stamp, day, data in found:
        yield stamp, day, unpack(data)


def _fetch(stamps: Sequence[Hashable]) -> Iterator[tuple[Hashable, int, Block]]:
    for stamp, day, block in fetched("analytics_answerblock", stamps):
        yield stamp, day.toordinal(), block


_STORE: Final = Store(Source("blocks of answers", COMBINED, NUMBERS, _listed, _fetch))


def parts() -> list[Part]:
    """All responses counted at this moment."""
    return _STORE.parts()


def values(coded: str) -> list[Any]:
    """What the codes of `agents`, `mix` or `side` stand for; it only ever grows."""
    return _STORE.values[coded]


def codes_of(dimension: str) -> tuple[str, list[Any], IntArray]:
    """How a dimension is read: the column that holds it, its values, and the place among them of
    each code of the column."""
    return _STORE.codes_of(dimension)


def matching(selection: Selection) -> Iterator[Matching]:
    """The counted responses that the selection lets through, month by month."""
    return _STORE.matching(selection, own=selection.basis == "a")


def histogram(selection: Selection, column: str, size: int) -> IntArray:
    """How many responses have each number. Shape: (size,)."""
    total = np.zeros(size, np.int64)
    for found in matching(selection):
        total += found.sign * np.bincount(found.column(column), minlength=size)
    return total


def daily(selection: Selection, column: str, size: int) -> tuple[IntArray, IntArray]:
    """The same for each day with responses. Shape: days (d,) as ordinals; counts (d, size)."""
    counted: dict[int, IntArray] = {}
    for found in matching(selection):
        days = found.days(own=selection.basis == "a")
        low = int(days.min())
        width = int(days.max()) - low + 1
        key = (days - low) * size + found.column(column)
        table = np.bincount(key, minlength=width * size).reshape(width, size)
        for place in np.flatnonzero(table.any(axis=1)).tolist():
            have = counted.get(low + place)
            here = found.sign * table[place]
            counted[low + place] = here if have is None else have + here
    days = np.array(sorted(counted), np.int64)
    if not len(days):
        return days, np.zeros((0, size), np.int64)
    return days, np.stack([counted[day] for day in days.tolist()])


def grouped(selection: Selection, dimension: str, column: str, size: int) -> Grouped:
    """The same for each value of one dimension that has any responses."""
    parts = list(matching(selection))
    coded, found, place = codes_of(dimension)
    counts = np.zeros((len(found), size), np.int64)
    for part in parts:
        key = (place * size).take(part.column(coded), mode="clip") + part.column(column)
        counts += part.sign * np.bincount(key, minlength=counts.size).reshape(counts.shape)
    some = np.flatnonzero(counts.any(axis=1))
    return Grouped([found[one] for one in some.tolist()], counts[some])


@dataclass(frozen=True, slots=True)
class Grouped:
    """`counts[k]`, shape (values, size), are those of `values[k]`."""

    values: list[Any]
    counts: IntArray
