"""Packed columns held by the process, and what of them matches a selection.

What is held is only ever a copy: before each question the list of blocks is read, and those that
are new are fetched. A block never changes, so whatever the list of one moment names is what was
counted at that moment.

Blocks are filed under a day of their own; `lag` is how many days it lies after the other day that
their rows may be asked by.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analytics.columns import IntArray
from analytics.frames.blocks import Block, Codes
from analytics.frames.moment import anew, once
from analytics.frames.selection import Selection
from analytics.frames.side_by_side import mapped

Bools = npt.NDArray[np.bool_]
#: Of each month with any rows: what names the content of each of its blocks.
Listed = dict[int, set[Hashable]]
#: Fetched at a time, so that a first read does not hold everything twice.
_FETCHED: Final = 64
_TRIES: Final = 20
#: So often the list is read again because rows were: under a stream of changes the last one stands.
_PATIENCE: Final = 3
#: Up to so many possible combinations are found by a table, more by sorting.
_TABLED: Final = 1_000_000


class _All(Enum):
    """What became of the listed blocks: held as they were listed; some merged or replaced since;
    some rows read as they are now, which may be newer than the list."""

    HELD = "held"
    GONE = "gone"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class Source:
    """Where blocks come from and what is in them.

    `combined`: the codes that are held, and the dimensions in each. `fetch` may leave out blocks
    that are gone by now. What a tuple names are rows that are read as they are, not a block.
    """

    name: str
    combined: Mapping[str, tuple[str, ...]]
    numbers: tuple[str, ...]
    list: Callable[[], Listed]
    fetch: Callable[[Sequence[Hashable]], Iterator[tuple[Hashable, int, Block]]]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of some days with the same sign: counted, or taken off again.

    `days` and `ends`: the day they are filed under, as an ordinal, of the rows up to that place.
    `kept`: tables of the whole part, made once.
    """

    sign: int
    days: IntArray
    ends: IntArray
    columns: dict[str, Codes]
    first_other: int
    last_other: int
    kept: dict[Any, Any] = field(default_factory=dict)

    def own_days(self) -> IntArray:
        """The day that each row is filed under."""
        return np.repeat(self.days, np.diff(self.ends, prepend=0))


@dataclass(frozen=True, slots=True)
class Matching:
    """The rows of a part that a selection lets through. `places` is None for all of them; `part`
    for nothing less than all of the part."""

    sign: int
    size: int
    _columns: dict[str, Codes]
    _places: IntArray | None
    _filed: Callable[[], IntArray]
    part: Part | None = None

    def column(self, name: str) -> Codes:
        """Codes or numbers, one per row."""
        values = self._columns[name]
        return values if self._places is None else values.take(self._places)

    def days(self, *, own: bool) -> IntArray:
        """The day it is filed under, as an ordinal, or the other day."""
        days = self._filed()
        days = days if self._places is None else days.take(self._places)
        return days if own else days - self.column("lag")


class Store:
    """The blocks of one source as arrays, one set per month."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._lock = threading.Lock()
        self._coded = ("agents", *source.combined)
        self._held = (*self._coded, *source.numbers)
        self._codes: dict[str, dict[Any, int]] = {name: {} for name in self._coded}
        self.values: dict[str, list[Any]] = {name: [] for name in self._coded}
        self._dimensions: dict[str, tuple[dict[Any, int], IntArray]] = {}
        self._months: dict[int, tuple[frozenset[Hashable], list[Part]]] = {}
        self._blocks: dict[int, dict[Hashable, _Held]] = {}

    def parts(self) -> list[Part]:
        """Everything counted at this moment."""
        with self._lock:
            for turn in range(_TRIES):
                listed = once(self.source.name, self.source.list)
                found = self._fetch(listed)
                if found is _All.HELD or (found is _All.NEWER and turn >= _PATIENCE):
                    return self._together(listed)
                anew()
        raise RuntimeError(f"{self.source.name} are being replaced faster than they can be read")

    def _fetch(self, listed: Listed) -> _All:
        """Whether all blocks that are listed are held now."""
        wanted = [
            stamp
            for month, stamps in listed.items()
            for stamp in stamps
            if stamp not in self._blocks.get(month, {})
        ]
        found = 0
        for start in range(0, len(wanted), _FETCHED):
            for stamp, day, block in self.source.fetch(wanted[start : start + _FETCHED]):
                held = self._blocks.setdefault(month_of(dt.date.fromordinal(day)), {})
                held[stamp] = _Held(day, block.added, self._in_own_codes(block))
                found += 1
        if found < len(wanted):
            return _All.GONE
        return _All.NEWER if any(isinstance(stamp, tuple) for stamp in wanted) else _All.HELD

    def _together(self, listed: Listed) -> list[Part]:
        for month in [*self._months]:
            if month not in listed:
                del self._months[month]
                self._blocks.pop(month, None)
        for month, stamps in listed.items():
            have = self._months.get(month)
            if have is None or have[0] != stamps:
                held = self._blocks[month]
                for gone in held.keys() - stamps:
                    del held[gone]
                parts = _parts(sorted(held.values(), key=lambda one: one.day), self._held)
                self._months[month] = frozenset(stamps), parts
                _share(held, parts)
        return [part for month in sorted(listed) for part in self._months[month][1]]

    def _in_own_codes(self, block: Block) -> dict[str, Codes]:
        """The columns of a block in this process's own codes."""
        columns = {name: block.columns[name] for name in self.source.numbers}
        columns["agents"] = self._known("agents", block.values["agents"])[block.columns["agents"]]
        for name, dimensions in self.source.combined.items():
            found, place = _combined(block, dimensions)
            columns[name] = self._known(name, found)[place]
        return columns

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

    def codes_of(self, dimension: str) -> tuple[str, list[Any], IntArray]:
        """How a dimension is read: the column that holds it, its values, and the place among them
        of each code of the column. What was worked out is kept, for codes only ever come."""
        combined = self.source.combined
        coded = next(name for name, held in combined.items() if dimension in held)
        at = combined[coded].index(dimension)
        with self._lock:
            known, table = self._dimensions.get(dimension, ({}, np.zeros(0, np.int64)))
            more = [known.setdefault(v[at], len(known)) for v in self.values[coded][len(table) :]]
            if more:
                table = np.concatenate([table, np.array(more, np.int64)])
            self._dimensions[dimension] = known, table
            return coded, list(known), table

    def matching(self, selection: Selection, *, own: bool) -> Iterator[Matching]:
        """The rows that the selection lets through, month by month; its dates are about the day
        that rows are filed under, or about the other one."""
        parts = self.parts()
        allowed = self._allowed(selection)
        first = selection.from_.toordinal() if selection.from_ else -(2**31)
        last = selection.to.toordinal() if selection.to else 2**31
        n_rows = sum(int(part.ends[-1]) for part in parts)
        for found in mapped(lambda p: _matching(p, own, first, last, allowed), parts, n_rows):
            if found is not None and found.size:
                yield found

    def _allowed(self, selection: Selection) -> dict[str, Bools]:
        """Of each column that is limited: which codes are let through."""
        allowed: dict[str, Bools] = {}
        for coded, dimensions in self.source.combined.items():
            for name in dimensions:
                limit = None if name == "arm" else getattr(selection, name)
                if limit is None:
                    continue
                _, found, place = self.codes_of(name)
                wanted = set(limit)
                lets = np.array([one in wanted for one in found], bool)[place]
                # Codes may have come meanwhile, of which the parts at hand know nothing.
                others = allowed.get(coded, lets)
                size = min(len(lets), len(others))
                allowed[coded] = lets[:size] & others[:size]
        if selection.agent is not None:
            wanted = set(selection.agent)
            groups = self.values["agents"]
            allowed["agents"] = np.array([not wanted.isdisjoint(ids) for ids in groups], bool)
        return allowed


def _combined(block: Block, dimensions: Sequence[str]) -> tuple[list[Any], IntArray]:
    """The combinations of these dimensions in a block, and the place of each row's."""
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


def _parts(held: Sequence[_Held], names: Sequence[str]) -> list[Part]:
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
            for name in names
        }
        days = np.array([one.day for one in held], np.int64)
        ends = np.cumsum(sizes)
        other = np.repeat(days, sizes) - columns["lag"]
        made.append(Part(sign, days, ends, columns, int(other.min()), int(other.max())))
    return made


def _share(held: dict[Hashable, _Held], parts: Sequence[Part]) -> None:
    """Let the blocks be views of the month's arrays, so that nothing is held twice."""
    if len(parts) != 1 or parts[0].sign < 0:
        return
    start = 0
    for one in sorted(held.values(), key=lambda one: one.day):
        end = start + len(one)
        one.columns = {name: column[start:end] for name, column in parts[0].columns.items()}
        start = end


def month_of(day: dt.date) -> int:
    """Months in a row."""
    return 12 * day.year + day.month


def _matching(
    part: Part, own: bool, first: int, last: int, allowed: dict[str, Bools]
) -> Matching | None:
    start, end = 0, int(part.ends[-1])
    if own:
        # Days are in order, so a period is one slice.
        low, high = np.searchsorted(part.days, [first, last + 1])
        start = int(part.ends[low - 1]) if low else 0
        end = int(part.ends[high - 1]) if high else 0
    elif part.last_other < first or part.first_other > last:
        return None
    if start >= end:
        return None
    columns = {name: column[start:end] for name, column in part.columns.items()}

    def filed() -> IntArray:
        sizes: IntArray = np.diff(np.clip(part.ends, start, end), prepend=start).astype(np.int64)
        return np.repeat(part.days, sizes)

    places: IntArray | None = None
    if not own and (part.first_other < first or part.last_other > last):
        other = filed() - columns["lag"]
        places = np.flatnonzero((other >= first) & (other <= last))
    # Each limit is looked up for what the ones before let through, so the strictest comes first.
    for name, lets in sorted(allowed.items(), key=lambda item: float(item[1].mean())):
        codes = columns[name] if places is None else columns[name].take(places)
        fits = np.flatnonzero(lets.take(codes, mode="clip"))
        places = fits if places is None else places.take(fits)
    size = end - start if places is None else len(places)
    whole = part if places is None and end - start == int(part.ends[-1]) else None
    return Matching(part.sign, size, columns, places, filed, whole)
