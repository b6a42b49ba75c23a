"""Counting everything again, by ranges of days, while answers keep arriving.

A range repairs two things in one transaction: the counted rows of responses answered in it, with
their effect on the rollups of whatever day; and rollup rows of its days that are not the sum of the
counted rows. The second is read in a single statement, and what it finds cannot be moved by anyone
who keeps rollups and counted rows in step; therefore ranges may run beside each other, in any
order, repeatedly, and add what was missing.

The ranges stand in the database: workers are woken by a task per range, and the command that asked
counts whatever nobody has taken, so without a worker it does everything itself.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from analytics.aggregates import blocks, bulk, columnar, raw, recount, resolutions, write
from analytics.aggregates.cells import Cells, difference
from analytics.aggregates.moments import midnight
from analytics.aggregates.recount import Rollup
from analytics.frames import answers
from analytics.frames.sql import Row, rows
from analytics.models import RebuildPart

#: Answers in one range: what one worker holds in memory at a time, less than 600 MB.
RANGE_SIZE = 500_000
#: Months are put together up to so many: small ranges keep all workers busy to the end.
TOGETHER = 100_000
#: Counted answers in one range: comparing each with what it should be takes more.
COMPARED = 50_000
_MONTHS = 7_205_760
_POLL = 0.2
_ABANDONED = dt.timedelta(days=1)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`parts` ranges with `n` responses were counted again, `changed` of which had been wrong."""

    parts: int
    n: int
    changed: int
    version: int


def rebuild(
    from_: dt.date | None = None,
    to: dt.date | None = None,
    *,
    wake: Callable[[RebuildPart], object] = lambda part: None,
    progress: Progress = lambda done, of: None,
) -> Rebuilt:
    """Count the days again, both ends included; without days, all that have anything on them.

    `wake` tells a worker of a range; whatever no worker takes is counted here.
    """
    _forget_abandoned()
    run = uuid.uuid4()
    parts = RebuildPart.objects.bulk_create(
        [RebuildPart(run=run, from_date=first, to_date=last) for first, last in spread(from_, to)]
    )
    for part in parts:
        wake(part)
    while (waiting := RebuildPart.objects.filter(run=run, done_at=None).count()) > 0:
        progress(len(parts) - waiting, len(parts))
        if not take(run):
            time.sleep(_POLL)
    progress(len(parts), len(parts))
    done = RebuildPart.objects.filter(run=run)
    n = sum(part.n for part in done)
    changed = sum(part.n_changed for part in done)
    done.delete()
    with transaction.atomic():
        write.lock()
        write.drop_empty()
        version = write.bump()
    resolutions.pack_days(at_once=True)
    return Rebuilt(len(parts), n, changed, version)


def _forget_abandoned() -> None:
    """Delete the ranges of runs whose caller was killed: those that nothing was heard of for
    longer than any range takes. What they counted stays counted."""
    alive = RebuildPart.objects.filter(
        Q(created_at__gte=timezone.now() - _ABANDONED) | Q(done_at__gte=timezone.now() - _ABANDONED)
    )
    RebuildPart.objects.exclude(run__in=alive.values("run")).delete()


def take(run: uuid.UUID) -> bool:
    """Count one range of the run that nobody else is counting; False where there is none."""
    with transaction.atomic():
        part = (
            RebuildPart.objects.select_for_update(skip_locked=True)
            .filter(run=run, done_at=None)
            .order_by("id")
            .first()
        )
        if part is None:
            return False
        smaller = _smaller(part)
        if not smaller:
            part.n, part.n_changed = rebuild_range(part.from_date, part.to_date)
        RebuildPart.objects.bulk_create(smaller)
        part.done_at = timezone.now()
        part.save(update_fields=["n", "n_changed", "done_at"])
    return True


def _smaller(part: RebuildPart) -> list[RebuildPart]:
    """The part in smaller ones, where it is too large to be compared answer by answer; counting
    days of which nothing is counted takes less."""
    first, last = part.from_date, part.to_date
    counted: dict[dt.date, int] = dict(
        rows(
            "SELECT answered_on, count(*) FROM analytics_countedresponse"
            " WHERE answered_on BETWEEN %s AND %s GROUP BY answered_on ORDER BY answered_on",
            [first, last],
        )
    )
    if sum(counted.values()) <= COMPARED or first == last:
        return []
    ends, held = [], 0
    for day, n in counted.items():
        if held and held + n > COMPARED and day > first:
            ends.append(day - dt.timedelta(days=1))
            held = 0
        held += n
    starts = [first, *(end + dt.timedelta(days=1) for end in ends)]
    pairs = list(zip(starts, [*ends, last], strict=True))
    if len(pairs) < 2:
        return []
    return [RebuildPart(run=part.run, from_date=start, to_date=end) for start, end in pairs]


def rebuild_range(from_: dt.date, to: dt.date) -> tuple[int, int]:
    """Count one range of days again in one transaction; how many responses, and how many of them
    had been counted otherwise."""
    with transaction.atomic():
        write.lock(shared=True)
        _lock_months(from_, to)
        wrong = [_amiss(rollup, from_, to) for rollup in recount.ROLLUPS]
        mended = blocks.mend(from_, to)
        resolutions.pack_range(from_, to)
        anew = None if mended or any(len(one) for one in wrong) else _anew(from_, to)
        if anew is not None:
            return anew, anew
        n, now, before = _answered(from_, to)
        moved = difference(answers.as_frame(now), answers.as_frame(before))
        cells = Cells(
            _together(wrong[0], moved.fix, recount.FIX),
            _together(wrong[1], moved.cause, recount.CAUSE),
            _together(wrong[2], moved.matrix, recount.MATRIX),
        )
        write.add(cells)
        blocks.add(now, before)
        kept = {row[0] for row in now}
        answers.replace_counted([row[0] for row in before if row[0] not in kept], now)
        if cells or now or before or mended:
            write.bump()
    return n, len(kept | {row[0] for row in before})


def _anew(from_: dt.date, to: dt.date) -> int | None:
    """Count days of which nothing is counted, column by column; None where something is."""
    [(some,)] = rows(
        "SELECT EXISTS (SELECT 1 FROM analytics_countedresponse"
        " WHERE answered_on BETWEEN %s AND %s)",
        [from_, to],
    )
    if some:
        return None
    n = raw.stage(from_, to)
    if not raw.is_plain():
        return None
    if n:
        days, block = raw.columns()
        blocks.insert(list(columnar.by_day(days, block)))
        raw.count_rows()
        # Last, for neighbouring ranges share days of resolution: whoever adds to these first keeps
        # the other waiting to the end of its transaction.
        bulk.add(columnar.runs(days, block))
        write.bump()
    return n


def _lock_months(from_: dt.date, to: dt.date) -> None:
    """Of two ranges that overlap, one waits; months in order, so that they never wait for each
    other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s::integer, month::integer)"
            " FROM generate_series(%s::integer, %s::integer) AS month",
            [_MONTHS, 12 * from_.year + from_.month, 12 * to.year + to.month],
        )


def _amiss(rollup: Rollup, from_: dt.date, to: dt.date) -> pd.DataFrame:
    """What has to be added to the rollup's days to make it the sum of the counted rows."""
    facts = (
        "SELECT * FROM analytics_countedresponse WHERE answered_on BETWEEN %(from)s AND %(to)s"
        " OR resolved_on BETWEEN %(from)s AND %(to)s"
    )
    statement = recount.differences(rollup, facts, "day BETWEEN %(from)s AND %(to)s")
    found = rows(statement, {"from": from_, "to": to})
    start, middle = len(rollup.key), len(rollup.key) + len(rollup.cells)
    missing = [
        (
            *row[:start],
            *(want - have for want, have in zip(row[start:middle], row[middle:], strict=True)),
        )
        for row in found
    ]
    return pd.DataFrame(missing, columns=[*rollup.key, *rollup.cells])


def _answered(from_: dt.date, to: dt.date) -> tuple[int, list[Row], list[Row]]:
    """Responses answered in the range: how many, and those counted otherwise, as they are and as
    they were counted. A counted row whose response is gone belongs to the day it was counted on."""
    period = {"from": midnight(from_), "until": midnight(to + dt.timedelta(days=1))}
    during = "p.answered_at >= %(from)s AND p.answered_at < %(until)s"
    names = ", ".join(answers.COLUMNS)
    same = " AND ".join(f"k.{name} IS NOT DISTINCT FROM raw.{name}" for name in answers.COLUMNS)
    now = rows(
        f"SELECT {names} FROM ({answers.CURRENT} WHERE {during}) AS raw WHERE NOT EXISTS"
        f" (SELECT 1 FROM analytics_countedresponse AS k"
        f" WHERE k.response_id = raw.response_id AND {same})",
        period,
    )
    orphans = rows(
        f"SELECT {names} FROM analytics_countedresponse AS k"
        " WHERE answered_on BETWEEN %(from_)s AND %(to)s AND NOT EXISTS"
        " (SELECT 1 FROM surveys_response AS p WHERE p.id = k.response_id)",
        {"from_": from_, "to": to},
    )
    before = answers.counted([row[0] for row in now])
    [(n,)] = rows(f"SELECT count(*) FROM surveys_response AS p WHERE {during}", period)
    return n, now, [*before.values(), *orphans]


def _together(wrong: pd.DataFrame, moved: pd.DataFrame, rollup: Rollup) -> pd.DataFrame:
    parts = [part for part in (wrong, moved) if len(part)]
    if len(parts) < 2:
        return parts[0] if parts else moved
    cells = list(rollup.cells)
    sums = pd.concat(parts, ignore_index=True).groupby(list(rollup.key), sort=True)[cells].sum()
    return sums[(sums != 0).any(axis=1)].reset_index()


def spread(from_: dt.date | None, to: dt.date | None) -> list[tuple[dt.date, dt.date]]:
    """The ranges in the order in which they are taken: every other one first. Neighbours share days
    of resolution, so that of two counted at once one would wait for the other to the end."""
    ranges = list(_ranges(from_, to))
    return ranges[::2] + ranges[1::2]


def _ranges(from_: dt.date | None, to: dt.date | None) -> Iterator[tuple[dt.date, dt.date]]:
    """Neighbouring ranges that cover the days, each with at most about RANGE_SIZE answers; of whole
    months where a month has no more, because a month is counted by one worker at a time."""
    days = [(day, n) for day, n in _busy_days() if _inside(day, from_, to)]
    first = from_ or (days[0][0] if days else None)
    last = to or (days[-1][0] if days else None)
    if first is None or last is None:
        return
    months: dict[tuple[int, int], int] = {}
    for day, n in days:
        months[day.year, day.month] = months.get((day.year, day.month), 0) + n
    start, held = first, 0
    for day, n in days:
        month = months.pop((day.year, day.month), 0)
        whole = month and held + month > TOGETHER
        if held and day > start and (whole or held + n > RANGE_SIZE):
            yield start, day - dt.timedelta(days=1)
            start, held = day, 0
        held += n
    yield start, last


def _busy_days() -> list[tuple[dt.date, int]]:
    """Every day that an answer, a counted row or a rollup row stands on, with its answers."""
    return [
        (day, int(n))
        for day, n in rows(
            "SELECT day, sum(n) FROM ("
            " SELECT (answered_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n"
            " FROM surveys_response GROUP BY 1"
            " UNION ALL SELECT answered_on, 0 FROM analytics_countedresponse GROUP BY 1"
            " UNION ALL SELECT resolved_on, 0 FROM analytics_countedresponse GROUP BY 1"
            " UNION ALL SELECT day, 0 FROM analytics_answerblock GROUP BY 1"
            " UNION ALL SELECT (resolved_at AT TIME ZONE 'UTC')::date, 0 FROM surveys_resolution"
            " GROUP BY 1"
            " UNION ALL SELECT day, 0 FROM analytics_resolutionblock"
            " UNION ALL SELECT day, 0 FROM analytics_fixday GROUP BY 1"
            " UNION ALL SELECT day, 0 FROM analytics_causeday GROUP BY 1"
            " UNION ALL SELECT day, 0 FROM analytics_matrixday GROUP BY 1"
            ") AS found GROUP BY day ORDER BY day"
        )
    ]


def _inside(day: dt.date, from_: dt.date | None, to: dt.date | None) -> bool:
    return (from_ is None or day >= from_) and (to is None or day <= to)
