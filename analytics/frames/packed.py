"""The packed columns of all counted responses, held by the process, and what matches a selection.

Ten million responses are 160 MB here and are counted under any filters within a fraction of a
second, where rows take several. What is held is only ever a copy: before each question the list of
blocks is read, and those that are new are fetched. Blocks never change, so whatever the list of one
moment names is what was counted at that moment.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from analytics.columns import IntArray
from analytics.frames.blocks import NUMBERS, Block, Codes, unpack
from analytics.frames.moment import anew, once
from analytics.frames.selection import Selection
from analytics.frames.sql import rows

Bools = npt.NDArray[np.bool_]
#: What a response is like, in two codes: what landed on the desk, and who was asked how. Each is
#: one look-up however many filters there are, and a few thousand combinations fit in two bytes.
COMBINED: Final = {
    "mix": ("cause", "product", "channel"),
    "side": ("team", "language", "questionnaire", "arm"),
}
_CODED: Final = ("agents", *COMBINED)
_HELD: Final = (*_CODED, *NUMBERS)
#: Fetched at a time, so that a first read does not hold everything twice.
_FETCHED: Final = 64
_TRIES: Final = 20
#: Up to so many possible combinations are found by a table, more by sorting.
_TABLED: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """Responses of some days with the same sign: counted, or taken off again.

    `days` and `ends`: the day of answer, as an ordinal, of the responses up to that place.
    """

    sign: int
    days: IntArray
    ends: IntArray
    columns: dict[str, Codes]
    first_resolved: int
    last_resolved: int


@dataclass(frozen=True, slots=True)
class Matching:
    """The responses of a part that a selection lets through. `places` is None for all of them."""

    sign: int
    size: int
    _columns: dict[str, Codes]
    _places: IntArray | None
    _answered: Callable[[], IntArray]

    def column(self, name: str) -> Codes:
        """Codes or numbers, one per response."""
        values = self._columns[name]
        return values if self._places is None else values.take(self._places)

    def day(self, basis: str) -> IntArray:
        """The day it is filed under, as an ordinal."""
        days = self._answered()
        days = days if self._places is None else days.take(self._places)
        return days if basis == "a" else days - self.column("lag")


class Store:
    """The blocks of the database as arrays, one set per month of answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[str, dict[Any, int]] = {name: {} for name in _CODED}
        self.values: dict[str, list[Any]] = {name: [] for name in _CODED}
        self._known_of: dict[str, dict[Any, int]] = {}
        self._places: dict[str, IntArray] = {}
        self._months: dict[int, tuple[frozenset[int], list[Part]]] = {}
        self._blocks: dict[int, dict[int, _Held]] = {}

    def parts(self) -> list[Part]:
        """Everything counted at this moment."""
        with self._lock:
            for _ in range(_TRIES):
                listed = once("blocks", _listed)
                if self._fetch(listed):
                    return self._together(listed)
                anew()
        raise RuntimeError("blocks of answers are being merged faster than they can be read")

    def _fetch(self, listed: dict[int, dict[int, int]]) -> bool:
        """Whether all blocks that are listed are held now; one may have been merged meanwhile."""
        wanted = [
            stamp
            for month, stamps in listed.items()
            for stamp in stamps
            if stamp not in self._blocks.get(month, {})
        ]
        found = 0
        for start in range(0, len(wanted), _FETCHED):
            for stamp, day, data in _data(wanted[start : start + _FETCHED]):
                month = _month(day)
                self._blocks.setdefault(month, {})[stamp] = self._coded(day.toordinal(), data)
                found += 1
        return found == len(wanted)

    def _together(self, listed: dict[int, dict[int, int]]) -> list[Part]:
        for month in [*self._months]:
            if month not in listed:
                del self._months[month]
                self._blocks.pop(month, None)
        for month, stamps in listed.items():
            have = self._months.get(month)
            if have is None or have[0] != stamps.keys():
                held = self._blocks[month]
                for gone in held.keys() - stamps.keys():
                    del held[gone]
                parts = _parts(sorted(held.values(), key=lambda one: one.day))
                self._months[month] = frozenset(stamps), parts
                _share(held, parts)
        return [part for month in sorted(listed) for part in self._months[month][1]]

    def _coded(self, day: int, data: bytes) -> _Held:
        """A block in this process's own codes."""
        block = unpack(data)
        columns = {name: block.columns[name] for name in NUMBERS}
        columns["agents"] = self._known("agents", block.values["agents"])[block.columns["agents"]]
        for name, dimensions in COMBINED.items():
            found, place = _combined(block, dimensions)
            columns[name] = self._known(name, found)[place]
        return _Held(day, block.added, columns)

    def codes_of(self, dimension: str) -> tuple[str, list[Any], IntArray]:
        """See the function of this name; what was worked out is kept, for codes only ever grow."""
        coded = next(name for name, held in COMBINED.items() if dimension in held)
        place = COMBINED[coded].index(dimension)
        with self._lock:
            known = self._known_of.setdefault(dimension, {})
            table = self._places.get(dimension, np.zeros(0, np.int64))
            new = self.values[coded][len(table) :]
            if new:
                more = [known.setdefault(value[place], len(known)) for value in new]
                table = self._places[dimension] = np.concatenate([table, more])
            return coded, list(known), table

    def _known(self, name: str, found: Sequence[Any]) -> Codes:
        """The codes of these values, new ones for those never seen."""
        known, values = self._codes[name], self.values[name]
        codes = np.empty(len(found), np.int32)
        for place, value in enumerate(found):
            code = known.get(value)
            if code is None:
                code = known[value] = len(values)
                values.append(value)
            codes[place] = code
        return _narrowest(codes)


def _combined(block: Block, dimensions: Sequence[str]) -> tuple[list[Any], IntArray]:
    """The combinations of these dimensions in a block, and the place of each response's."""
    widths = [max(1, len(block.values[name])) for name in dimensions]
    key = np.zeros(len(block), np.int64)
    for name, width in zip(dimensions, widths, strict=True):
        key = key * width + block.columns[name]
    if math.prod(widths) <= _TABLED:
        present = np.flatnonzero(np.bincount(key, minlength=1))
        table = np.zeros(int(key.max(initial=0)) + 1, np.int64)
        table[present] = np.arange(len(present))
        place = table[key]
    else:
        present, place = np.unique(key, return_inverse=True)
    parts: list[list[Any]] = []
    for name, width in zip(reversed(dimensions), reversed(widths), strict=True):
        present, code = np.divmod(present, width)
        parts.insert(0, [block.values[name][one] for one in code.tolist()])
    return list(zip(*parts, strict=True)), place


@dataclass(slots=True)
class _Held:
    day: int
    added: int
    columns: dict[str, Codes]

    def __len__(self) -> int:
        return len(self.columns["lag"])


def _narrowest(codes: npt.NDArray[np.int32]) -> Codes:
    high = int(codes.max(initial=0))
    kind = np.uint8 if high < 256 else np.int16 if high < 32_768 else np.int32
    return codes.astype(kind)


def _parts(held: Sequence[_Held]) -> list[Part]:
    made = []
    for sign in (1, -1):
        cuts = [slice(0, one.added) if sign > 0 else slice(one.added, len(one)) for one in held]
        sizes = [cut.stop - cut.start for cut in cuts]
        if not sum(sizes):
            continue
        columns = {
            name: np.concatenate(
                [one.columns[name][cut] for one, cut in zip(held, cuts, strict=True)]
            )
            for name in _HELD
        }
        days = np.array([one.day for one in held], np.int64)
        ends = np.cumsum(sizes)
        resolved = np.repeat(days, sizes) - columns["lag"]
        made.append(Part(sign, days, ends, columns, int(resolved.min()), int(resolved.max())))
    return made


def _share(held: dict[int, _Held], parts: Sequence[Part]) -> None:
    """Let the blocks be views of the month's arrays, so that nothing is held twice."""
    if len(parts) != 1 or parts[0].sign < 0:
        return
    start = 0
    for one in sorted(held.values(), key=lambda one: one.day):
        end = start + len(one)
        one.columns = {name: parts[0].columns[name][start:end] for name in _HELD}
        start = end


def _month(day: dt.date) -> int:
    return 12 * day.year + day.month


def _listed() -> dict[int, dict[int, int]]:
    """Of each month with answers: its blocks, with the day of each."""
    [(stamps, days)] = rows("SELECT array_agg(id), array_agg(day) FROM analytics_answerblock")
    listed: dict[int, dict[int, int]] = {}
    for stamp, day in zip(stamps or (), days or (), strict=True):
        listed.setdefault(_month(day), {})[stamp] = day
    return listed


def _data(stamps: list[int]) -> list[tuple[int, dt.date, bytes]]:
    with connection.cursor() as cursor:
        inner = cursor.cursor
        inner.execute(
            "SELECT id, day, data FROM analytics_answerblock WHERE id = ANY(%s::bigint[])",
            [stamps],
            binary=True,
        )
        return [(row[0], row[1], row[2]) for row in inner.fetchall()]


_STORE: Final = Store()


def values(coded: str) -> list[Any]:
    """What the codes of `agents`, `mix` or `side` stand for; it only ever grows."""
    return _STORE.values[coded]


def codes_of(dimension: str) -> tuple[str, list[Any], IntArray]:
    """How a dimension is read: the column that holds it, its values, and the place among them of
    each code of the column."""
    return _STORE.codes_of(dimension)


def matching(selection: Selection) -> Iterator[Matching]:
    """The counted responses that the selection lets through, month by month."""
    parts = _STORE.parts()
    allowed = _allowed(selection)
    first = selection.from_.toordinal() if selection.from_ else -(2**31)
    last = selection.to.toordinal() if selection.to else 2**31
    for part in parts:
        found = _matching(part, selection.basis, first, last, allowed)
        if found is not None and found.size:
            yield found


def _allowed(selection: Selection) -> dict[str, Bools]:
    """Of each column that is limited: which codes are let through."""
    allowed: dict[str, Bools] = {}
    for coded, dimensions in COMBINED.items():
        for name in dimensions:
            limit = None if name == "arm" else getattr(selection, name)
            if limit is None:
                continue
            _, found, place = codes_of(name)
            wanted = set(limit)
            lets = np.array([one in wanted for one in found], bool)[place]
            # Codes may have come meanwhile, of which the parts at hand know nothing.
            others = allowed.get(coded, lets)
            size = min(len(lets), len(others))
            allowed[coded] = lets[:size] & others[:size]
    if selection.agent is not None:
        wanted = set(selection.agent)
        allowed["agents"] = np.array([not wanted.isdisjoint(ids) for ids in values("agents")], bool)
    return allowed


def _matching(
    part: Part, basis: str, first: int, last: int, allowed: dict[str, Bools]
) -> Matching | None:
    start, end = 0, int(part.ends[-1])
    if basis == "a":
        # Days are in order, so a period is one slice.
        low, high = np.searchsorted(part.days, [first, last + 1])
        start = int(part.ends[low - 1]) if low else 0
        end = int(part.ends[high - 1]) if high else 0
    elif part.last_resolved < first or part.first_resolved > last:
        return None
    if start >= end:
        return None
    columns = {name: column[start:end] for name, column in part.columns.items()}

    def answered() -> IntArray:
        sizes: IntArray = np.diff(np.clip(part.ends, start, end), prepend=start).astype(np.int64)
        return np.repeat(part.days, sizes)

    places: IntArray | None = None
    if basis == "r" and (part.first_resolved < first or part.last_resolved > last):
        resolved = answered() - columns["lag"]
        places = np.flatnonzero((resolved >= first) & (resolved <= last))
    # Each limit is looked up for what the ones before let through, so the strictest comes first.
    for name, lets in sorted(allowed.items(), key=lambda item: float(item[1].mean())):
        codes = columns[name] if places is None else columns[name].take(places)
        fits = np.flatnonzero(lets.take(codes, mode="clip"))
        places = fits if places is None else places.take(fits)
    size = end - start if places is None else len(places)
    return Matching(part.sign, size, columns, places, answered)


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
        days = found.day(selection.basis)
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
