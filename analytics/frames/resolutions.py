"""The packed columns of all resolutions, held by the process, and what of them a selection lets
through: how many were resolved of what, invited, reached and answered.

A change of a resolution, its invitation or its answer notes the day of the resolution in its own
transaction, and the job packs noted days anew. While these hold few resolutions, each question
reads their rows as they are, so that it is exact at every moment; while they hold many, it counts
what is packed, which is behind by the job's pause (`aggregates.resolutions`).
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from operator import xor
from typing import Any, Final

import numpy as np

from analytics.columns import IntArray
from analytics.frames import resolution_rows
from analytics.frames.blocks import Block
from analytics.frames.held import Listed, Matching, Part, Source, Store, month_of
from analytics.frames.moment import once
from analytics.frames.packed import fetched
from analytics.frames.selection import Selection
from analytics.frames.sql import rows

#: As many resolutions on noted days are read row by row; more would keep a reader waiting.
FEW: Final = 4_000
#: So many changes of answers that wait to be counted are looked at.
_WAITING: Final = 500
COMBINED: Final = {
    "mix": ("cause", "product", "channel"),
    "side": ("team", "language", "questionnaire"),
}

#: One statement, so of one moment. A change of an answer notes its day when it is counted; until
#: then it stands for that note. What names the rows of a day is how many notes there are and the
#: last: between two countings notes are only added. Of the blocks only how many there are and all
#: their numbers together (drawn at random): a list would grow with history, for every question.
_NOTED: Final = """
WITH waiting AS (
    SELECT (r.resolved_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n, max(c.id) AS last
    FROM (SELECT id, response_id FROM surveys_answerchange ORDER BY id LIMIT %(waiting)s) AS c
    JOIN surveys_response AS p ON p.id = c.response_id
    JOIN surveys_invitation AS i ON i.id = p.invitation_id
    JOIN surveys_resolution AS r ON r.id = i.resolution_id
    GROUP BY 1
), noted AS (
    SELECT day, count(*) AS n, max(id) AS last, sum(n) AS more, bool_or(is_unpacked) AS unpacked
    FROM analytics_resolutionchange GROUP BY day
)
SELECT day, noted.n, noted.last, waiting.n, waiting.last, more, unpacked
FROM noted FULL JOIN waiting USING (day)
UNION ALL SELECT NULL, count(*), bit_xor(id), NULL, NULL, NULL, NULL FROM analytics_resolutionblock
"""
_BLOCKS: Final = "SELECT day, id, n FROM analytics_resolutionblock"
#: How often the blocks are listed again because some were replaced meanwhile.
_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class _State:
    """Blocks and rows to be read, and whether some days were never packed at all."""

    listed: Listed
    unpacked: bool


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The block of each day, and how many resolutions are in it, as they were last listed."""

    digest: tuple[int, int]
    of_days: dict[dt.date, tuple[int, int]]
    of_months: Listed

    @classmethod
    def read(cls) -> _Blocks:
        """The list as it is now."""
        found = {day: (stamp, n) for day, stamp, n in rows(_BLOCKS)}
        months: Listed = {}
        for day, (stamp, _) in found.items():
            months.setdefault(month_of(day), set()).add(stamp)
        digest = functools.reduce(xor, (stamp for stamp, _ in found.values()), 0)
        return cls((len(found), digest), found, months)


_last = _Blocks((0, 0), {}, {})


def _state() -> _State:
    global _last  # noqa: PLW0603 -- what the process read last, in one step for all its threads
    for _ in range(_TRIES):
        noted = {day: tuple(note) for day, *note in rows(_NOTED, {"waiting": _WAITING})}
        n, digest, *_ = noted.pop(None)
        blocks = _last
        if blocks.digest != (n, digest or 0):
            _last = blocks = _Blocks.read()
        if blocks.digest == (n, digest or 0):
            return _State(_named(noted, blocks), any(note[5] for note in noted.values()))
    raise RuntimeError("blocks of resolutions are being replaced faster than they can be listed")


def _named(noted: dict[dt.date, tuple[Any, ...]], blocks: _Blocks) -> Listed:
    """What names each month's content: its blocks, but of noted days their rows."""
    held = sum(blocks.of_days.get(day, (0, 0))[1] + (note[4] or 0) for day, note in noted.items())
    waiting = sum(note[2] or 0 for note in noted.values())
    listed = dict(blocks.of_months)
    if held > FEW or waiting >= _WAITING:
        return listed
    for month in {month_of(day) for day in noted}:
        listed[month] = set(listed.get(month, ()))
    for day, note in noted.items():
        named = listed[month_of(day)]
        named.discard(blocks.of_days.get(day, (None, 0))[0])
        named.add((day, *note[:4]))
    return listed


def _listed() -> Listed:
    return once("noted days", _state).listed


def is_packed() -> bool:
    """Whether every day was packed once, so that the columns tell of all resolutions."""
    return not once("noted days", _state).unpacked


def _fetch(stamps: Sequence[Hashable]) -> Iterator[tuple[Hashable, int, Block]]:
    packed = [stamp for stamp in stamps if not isinstance(stamp, tuple)]
    if packed:
        for stamp, day, block in fetched("analytics_resolutionblock", packed):
            yield stamp, day.toordinal(), block
    asked = {stamp[0]: stamp for stamp in stamps if isinstance(stamp, tuple)}
    if asked:
        found = dict(resolution_rows.days(list(asked)))
        for day, stamp in asked.items():
            yield stamp, day.toordinal(), found.get(day.toordinal(), resolution_rows.NONE)


_STORE: Final = Store(
    Source("blocks of resolutions", COMBINED, resolution_rows.NUMBERS, _listed, _fetch)
)
#: Whole tables of a part have a row for each of so many days at most; more are sorted.
_MOST_DAYS: Final = 100_000


def matching(selection: Selection, *, resolved: bool = True) -> Iterator[Matching]:
    """The resolutions that the selection lets through, its dates being about the resolution or
    about the mail."""
    return _STORE.matching(selection, own=resolved)


def codes_of(dimension: str) -> tuple[str, list[Any], IntArray]:
    """See `Store.codes_of`."""
    return _STORE.codes_of(dimension)


def states(selection: Selection) -> IntArray:
    """How many resolutions are in each state, their days being what the basis says. Shape: (16,)"""
    own = selection.basis == "r"
    total = np.zeros(resolution_rows.STATES, np.int64)
    if selection.narrowed:
        for found in matching(selection, resolved=own):
            total += np.bincount(found.column("state"), minlength=len(total))
    else:
        first = selection.from_.toordinal() if selection.from_ else -(2**31)
        last = selection.to.toordinal() if selection.to else 2**31
        for part in _STORE.parts():
            days, table = _by_day(part, own)
            low, high = np.searchsorted(days, [first, last + 1])
            total += table[low:high].sum(axis=0)
    if not own and (selection.from_ or selection.to):
        total[resolution_rows.UNDATED :] = 0
    return total


def _by_day(part: Part, own: bool) -> tuple[IntArray, IntArray]:
    """The states of a part by day. Shape: (d,), (d, 16)."""
    kept: tuple[IntArray, IntArray] | None = part.kept.get(own)
    if kept is None:
        days = part.own_days() if own else part.own_days() - part.columns["lag"]
        low = int(days.min())
        if int(days.max()) - low < _MOST_DAYS:
            found, place = None, days - low
        else:
            found, place = np.unique(days, return_inverse=True)
        size = resolution_rows.STATES
        key = place * size + part.columns["state"]
        table = np.bincount(key, minlength=(int(place.max()) + 1) * size).reshape(-1, size)
        some = np.flatnonzero(table.any(axis=1))
        kept = (some + low if found is None else found[some]), table[some]
        part.kept[own] = kept
    return kept


def by(selection: Selection, dimensions: Sequence[str]) -> dict[str, dict[Any, int]]:
    """Resolutions by each of these dimensions, by the day of resolution. Those without any are left
    out."""
    columns = {coded for coded, held in COMBINED.items() if not set(held).isdisjoint(dimensions)}
    totals: dict[str, IntArray] = {}
    for found in matching(selection):
        for column in columns:
            counts = _codes(found, column, whole=not selection.narrowed)
            totals[column] = _sum(totals.get(column), counts)
    told: dict[str, dict[Any, int]] = {}
    for name in dimensions:
        column, values, place = _STORE.codes_of(name)
        total = totals.get(column, np.zeros(0, np.int64))
        counts = np.bincount(place[: len(total)], weights=total, minlength=len(values))
        some = np.flatnonzero(counts)
        told[name] = {values[at]: int(counts[at]) for at in some.tolist()}
    return told


def _codes(found: Matching, column: str, *, whole: bool) -> IntArray:
    """How often each code comes; of a whole part counted once."""
    if not whole or found.part is None:
        return np.bincount(found.column(column)).astype(np.int64)
    kept: IntArray | None = found.part.kept.get(column)
    if kept is None:
        kept = found.part.kept[column] = np.bincount(found.column(column)).astype(np.int32)
    return kept


def _sum(total: IntArray | None, more: IntArray) -> IntArray:
    """Of both, the shorter filled up with nothing."""
    if total is None:
        return more.astype(np.int64)
    if len(total) < len(more):
        total = np.pad(total, (0, len(more) - len(total)))
    total[: len(more)] += more
    return total


def weekly(selection: Selection) -> tuple[IntArray, IntArray, IntArray]:
    """Resolutions by week and code of `mix`, some pairs more than once: the ordinals of Mondays,
    codes and counts, in no order."""
    mondays, codes, counts = [], [], []
    for found in matching(selection):
        days = found.days(own=True)
        week = (days - 1) // 7  # the first day there is was a Monday
        mix = found.column("mix").astype(np.int64)
        low, width = int(week.min()), int(mix.max()) + 1
        table = np.bincount((week - low) * width + mix)
        some = np.flatnonzero(table)
        mondays.append((low + some // width) * 7 + 1)
        codes.append(some % width)
        counts.append(table[some])
    if not mondays:
        return (np.zeros(0, np.int64),) * 3
    return np.concatenate(mondays), np.concatenate(codes), np.concatenate(counts)
