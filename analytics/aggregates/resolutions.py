"""Resolutions with what became of them, packed by day: the noted days are packed anew.

The notes of a day go in the transaction that replaces its block. What changes meanwhile leaves a
note that is not seen and stays; after a crash either the old block and the notes are there, or the
new block without them.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from analytics.aggregates import write
from analytics.frames import resolution_rows
from analytics.frames.blocks import Block, packed, tally, unpack
from analytics.frames.sql import Row, rows
from analytics.models import AggregateState

#: The row of `AggregateState` that says until when the job rests.
STATE: Final = 2
#: After packing, the job rests so many times as long as it took: it takes a twentieth of a core.
REST: Final = 20
#: With more days noted, history was changed, as by a merge of causes: then it rests no longer than
#: it works, as where days were never packed, so that reports do not tell both states for long.
MANY_DAYS: Final = 60
#: A turn of the job ends after so many seconds; the day that waited longest comes first.
TURN: Final = 1.0
#: Resolutions that are read at once; a day is never divided.
AT_ONCE: Final = 20_000


def pack_days(*, wait: bool = True, at_once: bool = False) -> int:
    """Pack noted days anew, those that waited longest first, in a transaction for some at a time;
    how many.

    `at_once`: all of them, without looking at the clock.
    """
    noted = _noted()
    if not noted or not (at_once or _rested()):
        return 0
    start, done = time.perf_counter(), 0
    rest = 1 if noted[-1][2] or len(noted) > MANY_DAYS else REST
    for days in _together(noted):
        with transaction.atomic():
            if not write.lock(wait=wait):
                return done
            pack(days)
            done += len(days)
            took = time.perf_counter() - start
            if not at_once:
                _rest(took * rest)
        if took > TURN and not at_once:
            break
    return done


def _noted() -> list[Row]:
    """Days, how many resolutions they may have, and whether they were never packed; by their first
    note, but those last that were never packed."""
    return rows(
        "SELECT c.day, sum(c.n) + COALESCE(min(b.n), 0), bool_or(c.is_unpacked)"
        " FROM analytics_resolutionchange AS c LEFT JOIN analytics_resolutionblock AS b"
        " ON b.day = c.day GROUP BY c.day ORDER BY bool_or(c.is_unpacked), min(c.id)"
    )


def _together(noted: Sequence[Row]) -> Iterator[list[dt.date]]:
    held: list[dt.date] = []
    total = 0
    for day, n, _ in noted:
        if held and total + n > AT_ONCE:
            yield held
            held, total = [], 0
        held.append(day)
        total += n
    yield held


def _rested() -> bool:
    state = AggregateState.objects.filter(pk=STATE).first()
    return not (state and state.rests_until and timezone.now() < state.rests_until)


def _rest(seconds: float) -> None:
    until = timezone.now() + dt.timedelta(seconds=seconds)
    AggregateState.objects.update_or_create(pk=STATE, defaults={"rests_until": until})


def pack(days: Sequence[dt.date]) -> int:
    """Replace the blocks of these days by what there is now, and their notes; how many resolutions.
    The caller keeps others from packing them."""
    wanted = list(days)
    with connection.cursor() as cursor:
        # First the notes: what is read afterwards holds all that they are of.
        cursor.execute(
            "DELETE FROM analytics_resolutionchange WHERE day = ANY(%s::date[])", [wanted]
        )
        cursor.execute(
            "DELETE FROM analytics_resolutionblock WHERE day = ANY(%s::date[])", [wanted]
        )
        made = [
            (dt.date.fromordinal(day), len(block), _packed(block))
            for day, block in resolution_rows.days(wanted)
        ]
        cursor.execute(
            "INSERT INTO analytics_resolutionblock (id, day, n, data) SELECT * FROM"
            " unnest(%s::bigint[], %s::date[], %s::integer[], %s::bytea[])",
            [[secrets.randbits(63) for _ in made], *([one[k] for one in made] for k in range(3))],
        )
    return sum(n for _, n, _ in made)


def _packed(block: Block) -> bytes:
    return packed(len(block), block.columns, block.values, resolution_rows.COLUMNS)


def pack_range(from_: dt.date, to: dt.date) -> None:
    """Pack all days of a range anew, both ends included. The caller keeps others from them."""
    found = rows(
        "SELECT d.day::date, (SELECT count(*) FROM surveys_resolution"
        " WHERE resolved_at >= d.day AT TIME ZONE 'UTC'"
        " AND resolved_at < (d.day + interval '1 day') AT TIME ZONE 'UTC'), FALSE"
        " FROM generate_series(%s::timestamp, %s::timestamp, interval '1 day') AS d (day)",
        [from_, to],
    )
    for days in _together(found):
        pack(days)


def wrong(most: int) -> list[Row]:
    """Day, resolutions there are and resolutions packed, where a block is not what the rows say and
    nothing is noted or waits to be. The caller keeps others from packing meanwhile."""
    found: list[Row] = []
    for days in _together(rows(_EVERY_DAY)):
        there = {dt.date.fromordinal(day): block for day, block in resolution_rows.days(days)}
        held = rows(
            "SELECT day, n, data FROM analytics_resolutionblock WHERE day = ANY(%s::date[])", [days]
        )
        kept = {day: (n, unpack(bytes(data))) for day, n, data in held}
        for day in days:
            now, (n, then) = there.get(day, resolution_rows.NONE), kept.get(day, (0, None))
            if tally([now]) != tally([then] if then else []) or n != len(now):
                found.append((day, len(now), n))
    # What changed while this was read is noted by now.
    changed = {day for (day,) in rows(_CHANGED)}
    return [row for row in found if row[0] not in changed][:most]


_EVERY_DAY: Final = (
    "SELECT day, sum(n), FALSE FROM (SELECT (resolved_at AT TIME ZONE 'UTC')::date AS day,"
    " count(*) AS n FROM surveys_resolution GROUP BY 1"
    " UNION ALL SELECT day, 0 FROM analytics_resolutionblock) AS found GROUP BY day ORDER BY day"
)
_CHANGED: Final = (
    "SELECT day FROM analytics_resolutionchange UNION SELECT (r.resolved_at AT TIME ZONE 'UTC')"
    "::date FROM surveys_answerchange AS c JOIN surveys_response AS p ON p.id = c.response_id"
    " JOIN surveys_invitation AS i ON i.id = p.invitation_id"
    " JOIN surveys_resolution AS r ON r.id = i.resolution_id"
)


def note(days: Collection[dt.date]) -> None:
    """Have the days packed again."""
    if not days:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_resolutionchange (day, n, is_unpacked)"
            " SELECT day, 0, FALSE FROM unnest(%s::date[]) AS d (day) ORDER BY day DESC",
            [sorted(set(days))],
        )
