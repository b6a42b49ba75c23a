"""Writing the packed columns: what a batch adds and takes off, by day of answer.

Where a day has many blocks the small ones become one, the large ones are left alone, so that each
response is packed again only a few times, however many batches a day has.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from django.db import connection

from analytics.frames.answers import COLUMNS
from analytics.frames.blocks import merge, pack, tally, unpack
from analytics.frames.sql import Row, rows

#: Blocks of a day from which on the small ones are merged.
MOST: Final = 8
#: A block so many times as large as all smaller ones together is left alone.
_LARGER: Final = 2
#: Responses of a table that are held in memory at once; a day is never divided.
_AT_ONCE: Final = 20_000


def add(new: Iterable[Row], old: Iterable[Row]) -> None:
    """Add rows of `frames.answers` to their days, and take others off theirs."""
    days: dict[dt.date, tuple[list[Row], list[Row]]] = {}
    for side, found in enumerate((new, old)):
        for row in found:
            days.setdefault(row[1], ([], []))[side].append(row)
    insert([(day, len(a) + len(b), pack(a, b)) for day, (a, b) in sorted(days.items())])
    _tidy(days)


def add_table(table: str) -> None:
    """Add all rows of a table with the columns of the counted responses, some days at a time."""
    names = ", ".join(COLUMNS)
    days = rows(f"SELECT answered_on, count(*) FROM {table} GROUP BY 1 ORDER BY 1")
    for first, last in _spans(days):
        between = f"SELECT {names} FROM {table} WHERE answered_on BETWEEN %s AND %s"
        add(rows(between, [first, last]), ())


def _spans(days: Iterable[Row]) -> Iterator[tuple[dt.date, dt.date]]:
    """First and last of days in a row that have about as many responses as are read at once."""
    first, last, total = None, None, 0
    for day, n in days:
        if first is not None and last is not None and total + n > _AT_ONCE:
            yield first, last
            first, total = None, 0
        first, last, total = first or day, day, total + n
    if first is not None and last is not None:
        yield first, last


def insert(made: Sequence[tuple[dt.date, int, bytes]]) -> None:
    """Store blocks: the day, how many responses, packed."""
    if not made:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_answerblock (id, day, n, data) SELECT * FROM"
            " unnest(%s::bigint[], %s::date[], %s::integer[], %s::bytea[])",
            [
                [secrets.randbits(63) for _ in made],
                [day for day, _, _ in made],
                [n for _, n, _ in made],
                [data for _, _, data in made],
            ],
        )


def _tidy(days: Collection[dt.date]) -> None:
    """Merge the small blocks of these days where there are many."""
    found = rows(
        "SELECT day, array_agg(id ORDER BY n, id), array_agg(n ORDER BY n, id)"
        " FROM analytics_answerblock WHERE day = ANY(%s::date[]) GROUP BY day HAVING count(*) > %s",
        [list(days), MOST],
    )
    for day, ids, sizes in found:
        small = _small(sizes)
        if small > 1:
            _merge(day, ids[:small])


def _small(sizes: Sequence[int]) -> int:
    """How many of the blocks, smallest first, should become one."""
    total = 0
    for place, size in enumerate(sizes):
        if place > 1 and size > _LARGER * total:
            return place
        total += size
    return len(sizes)


def _merge(day: dt.date, ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM analytics_answerblock WHERE id = ANY(%s::bigint[]) RETURNING data",
            [list(ids)],
        )
        found = [unpack(bytes(data)) for (data,) in cursor.fetchall()]
    data = merge(found)
    if data is not None:
        insert([(day, len(unpack(data)), data)])


_BOTH: Final = (
    "SELECT {names}, NULL::bigint AS id, NULL::bytea AS data FROM analytics_countedresponse"
    " WHERE answered_on BETWEEN %(from)s AND %(to)s"
    " UNION ALL SELECT {empty}, id, data FROM analytics_answerblock"
    " WHERE day BETWEEN %(from)s AND %(to)s"
)


def mend(from_: dt.date, to: dt.date) -> int:
    """Pack the days anew whose blocks are not the sum of the counted rows; how many they were.

    Rows and blocks are read in one statement: what differs in it is wrong, whoever writes beside.
    """
    names = ", ".join(COLUMNS)
    empty = ", ".join("day" if name == "answered_on" else "NULL" for name in COLUMNS)
    counted: dict[dt.date, list[Row]] = {}
    blocks: dict[dt.date, dict[int, bytes]] = {}
    statement = _BOTH.format(names=names, empty=empty)
    for *row, stamp, data in rows(statement, {"from": from_, "to": to}):
        if data is None:
            counted.setdefault(row[1], []).append(tuple(row))
        else:
            blocks.setdefault(row[1], {})[stamp] = bytes(data)
    mended = 0
    for day in sorted(counted.keys() | blocks.keys()):
        held, wanted = blocks.get(day, {}), counted.get(day, [])
        if not differs(wanted, held.values()):
            continue
        mended += 1
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM analytics_answerblock WHERE id = ANY(%s::bigint[])", [[*held]]
            )
        if wanted:
            insert([(day, len(wanted), pack(wanted))])
    return mended


def differs(counted: Collection[Row], blocks: Iterable[bytes]) -> bool:
    """Whether the blocks of a day say something else than its counted rows."""
    expected = tally([unpack(pack(counted))]) if counted else {}
    return tally(unpack(data) for data in blocks) != expected
