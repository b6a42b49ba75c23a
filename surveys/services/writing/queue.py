"""What is to be written about which answers, by whom, and what became of each.

As with events: each claim and each end is one short transaction, the network lies between them,
and whoever lost the lease changes nothing. A worker that dies between the helpdesk's answer and
the commit that knows of it has the note written twice; tags and fields are the same again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection as database
from django.db import transaction

from surveys.helpdesks.notes import NOTES
from surveys.models import Connection, OutgoingEvent, WriteBack
from surveys.services.outgoing.noting import WRITES
from surveys.services.outgoing.queue import pause_after

LEASE: Final = timedelta(seconds=120)
AT_ONCE: Final = 2
MOST_SHOWN: Final = 50
Status = WriteBack.Status


@dataclass(frozen=True, slots=True)
class Claimed:
    """A note that this worker alone may write until its lease ends."""

    note_id: int
    connection_id: int
    n_attempts: int
    lease: uuid.UUID


# A note that is just being written is only marked: it is written again as soon as that has ended.
_QUEUE: Final = f"""
INSERT INTO surveys_writeback (connection_id, invitation_id, "case", status, is_stale, due_at,
  n_attempts, note_id, told_revision, last_words)
SELECT c.id, i.id, k.external_id, 'queued', false, %(now)s::timestamptz, 0, '', 0, ''
  FROM surveys_invitation i
  JOIN surveys_resolution r ON r.id = i.resolution_id
  JOIN surveys_case k ON k.id = r.case_id
  JOIN surveys_connection c ON c.slug = k.source
 WHERE i.id = ANY(%(ids)s::bigint[]) AND NOT i.is_sample
   AND {WRITES} AND c.kind = ANY(%(kinds)s::text[])
 ORDER BY i.id
ON CONFLICT (invitation_id) DO UPDATE
   SET is_stale = surveys_writeback.status = 'writing',
       status = CASE WHEN surveys_writeback.status = 'writing' THEN 'writing' ELSE 'queued' END,
       due_at = excluded.due_at, n_attempts = 0, ended_at = NULL
"""  # noqa: S608 -- the condition is ours


def queue_for(events: Sequence[OutgoingEvent], now: datetime) -> None:
    """Have notes written about these answers, in the caller's transaction."""
    ids = sorted({event.invitation_id for event in events if event.invitation_id})
    if ids:
        with database.cursor() as cursor:
            cursor.execute(_QUEUE, {"ids": ids, "now": now, "kinds": list(NOTES)})


_OPEN: Final = f"""
SELECT id FROM surveys_connection c
 WHERE {WRITES} AND write_fault = '' AND api_access IS NOT NULL
   AND (api_rests_until IS NULL OR api_rests_until <= %(now)s::timestamptz)
   AND EXISTS (SELECT 1 FROM surveys_writeback w
                WHERE w.connection_id = c.id AND w.status IN ('queued', 'writing')
                  AND w.due_at <= %(now)s::timestamptz)
 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""  # noqa: S608 -- the condition is ours
_CLAIM: Final = """
WITH room AS (
  SELECT c.id, greatest(0, %(at_once)s - (SELECT count(*) FROM surveys_writeback w
                                           WHERE w.connection_id = c.id AND w.status = 'writing'
                                             AND w.lease_until >= %(now)s::timestamptz)) AS n
    FROM surveys_connection c WHERE c.id = ANY(%(connections)s::bigint[])
), picked AS (
  SELECT due.id FROM room CROSS JOIN LATERAL (
    SELECT w.id, w.due_at FROM surveys_writeback w
     WHERE w.connection_id = room.id AND w.due_at <= %(now)s::timestamptz
       AND (w.status = 'queued'
            OR (w.status = 'writing' AND w.lease_until < %(now)s::timestamptz))
     ORDER BY w.due_at, w.id LIMIT room.n FOR UPDATE SKIP LOCKED
  ) AS due
  ORDER BY due.due_at LIMIT %(limit)s
)
UPDATE surveys_writeback w
   SET status = 'writing', lease = %(lease)s::uuid, lease_until = %(until)s::timestamptz,
       is_stale = false, n_attempts = w.n_attempts + 1
  FROM picked WHERE w.id = picked.id
RETURNING w.id, w.connection_id, w.n_attempts
"""


def claim(now: datetime, limit: int) -> list[Claimed]:
    """Up to ``limit`` notes that are due, no more of a helpdesk than it has room for."""
    lease = uuid.uuid4()
    given: dict[str, Any] = {"now": now, "lease": lease, "until": now + LEASE, "limit": limit,
                             "at_once": AT_ONCE}  # fmt: skip
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(_OPEN, {"now": now})
        connections = [row[0] for row in cursor.fetchall()]
        if not connections:
            return []
        cursor.execute(_CLAIM, given | {"connections": connections})
        found: list[tuple[int, int, int]] = cursor.fetchall()
    return [Claimed(*row, lease) for row in found]


_END: Final = """
UPDATE surveys_writeback w
   SET status = CASE WHEN w.is_stale THEN 'queued' ELSE %(status)s::text END,
       due_at = CASE WHEN w.is_stale THEN %(now)s::timestamptz
                     ELSE coalesce(%(due_at)s::timestamptz, w.due_at) END,
       n_attempts = CASE WHEN w.is_stale THEN 0 ELSE %(attempts)s END,
       note_id = coalesce(%(note_id)s::text, w.note_id),
       tags = coalesce(%(tags)s::jsonb, w.tags),
       told_revision = coalesce(%(revision)s::int, w.told_revision),
       is_stale = false, lease = NULL, lease_until = NULL, last_words = %(words)s::text,
       ended_at = CASE WHEN %(status)s::text = 'queued' OR w.is_stale THEN NULL
                       ELSE %(now)s::timestamptz END
 WHERE w.id = %(id)s AND w.lease = %(lease)s::uuid
"""


def end_written(
    claimed: Claimed,
    note_id: str | None,
    revision: int,
    now: datetime,
    tags: Sequence[str] | None = None,
) -> bool:
    """All stands there; whether this worker still held it. None: no note or no tags were told of,
    and what is known of former ones stays."""
    named = None if note_id is None else note_id[:200]
    kept = None if tags is None else json.dumps(list(tags))
    return _end(claimed, "written", "", now, note_id=named, revision=revision, tags=kept)


def end_failed(claimed: Claimed, words: str, now: datetime) -> None:
    """Given up: another try would fail as well."""
    _end(claimed, "failed", words, now)


def end_later(claimed: Claimed, words: str, now: datetime) -> None:
    """Try again, for three days; then it is given up."""
    if (pause := pause_after(claimed.n_attempts)) is None:
        end_failed(claimed, words, now)
    else:
        _end(claimed, "queued", words, now, due_at=now + pause)


def end_held(claimed: Claimed, words: str, now: datetime) -> None:
    """Put back as it was: not now, through no fault of the note."""
    _end(claimed, "queued", words, now, due_at=now, attempts=claimed.n_attempts - 1)


def _end(claimed: Claimed, status: str, words: str, now: datetime, **told: Any) -> bool:
    given: dict[str, Any] = {
        "id": claimed.note_id, "lease": claimed.lease, "status": status, "words": words[:300],
        "now": now, "due_at": None, "note_id": None, "revision": None, "tags": None,
        "attempts": claimed.n_attempts, **told,
    }  # fmt: skip
    with database.cursor() as cursor:
        cursor.execute(_END, given)
        return bool(cursor.rowcount)


def failed(held: Connection) -> list[WriteBack]:
    """The newest that were given up."""
    found = WriteBack.objects.filter(connection=held, status=Status.FAILED)
    return list(found.order_by("-pk")[:MOST_SHOWN])


def tallies(held: Connection) -> dict[str, int]:
    """How many notes wait, were written and were given up."""
    notes = WriteBack.objects.filter(connection=held)
    return {
        "waiting": notes.filter(status__in=[Status.QUEUED, Status.WRITING]).count(),
        "written": notes.filter(status=Status.WRITTEN).count(),
        "failed": notes.filter(status=Status.FAILED).count(),
    }


def again(held: Connection, now: datetime) -> int:
    """Try all again that were given up; how many."""
    return WriteBack.objects.filter(connection=held, status=Status.FAILED).update(
        status=Status.QUEUED, due_at=now, n_attempts=0, ended_at=None
    )
