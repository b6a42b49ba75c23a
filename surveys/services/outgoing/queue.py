"""Which deliveries a worker sends, and what became of them.

Each claim and each end is one short transaction; the network lies between them. A row that is being
sent has a lease: whoever lost it changes nothing any more, and what a dead worker held is sent
again under the same `webhook-id`.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from surveys.services.outgoing.posting import Answer

#: Longer than a request may take, with the look-up of its name.
LEASE: Final = dt.timedelta(seconds=120)
#: Requests at once to one endpoint, of all workers together; to one that fails just one.
AT_ONCE: Final = 4
#: How long after each failed attempt: the schedule of Standard Webhooks, three days and a bit.
PAUSES: Final = tuple(
    dt.timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
MAX_ATTEMPTS: Final = len(PAUSES) + 1
#: An endpoint that took nothing for so long is switched off.
FAILING: Final = dt.timedelta(days=5)
#: From so many failures in a row on, an endpoint is left alone between two tries.
TRUSTED_FAILURES: Final = 3
_FIRST_REST: Final = dt.timedelta(seconds=30)
_LONGEST_REST: Final = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker alone may send until its lease ends."""

    delivery_id: int
    event_id: int
    endpoint_id: int
    n_attempts: int
    lease: uuid.UUID


_CLAIM: Final = """
WITH room AS (
  SELECT e.id, greatest(0, CASE WHEN e.n_failing >= %(trusted)s THEN 1 ELSE %(at_once)s END
                           - (SELECT count(*) FROM surveys_webhookdelivery d
                               WHERE d.endpoint_id = e.id AND d.status = 'sending')) AS n
    FROM surveys_webhookendpoint e WHERE e.id = ANY(%(endpoints)s::bigint[])
), picked AS (
  SELECT due.id FROM room CROSS JOIN LATERAL (
    SELECT d.id, d.due_at FROM surveys_webhookdelivery d
     WHERE d.endpoint_id = room.id AND d.status = 'queued' AND d.due_at <= %(now)s::timestamptz
     ORDER BY d.due_at, d.id LIMIT room.n FOR UPDATE SKIP LOCKED
  ) AS due
  ORDER BY due.due_at LIMIT %(limit)s
)
UPDATE surveys_webhookdelivery d
   SET status = 'sending', lease = %(lease)s::uuid, lease_until = %(until)s::timestamptz,
       n_attempts = d.n_attempts + 1
  FROM picked WHERE d.id = picked.id
RETURNING d.id, d.event_id, d.endpoint_id, d.n_attempts
"""
# One worker at a time decides how much room an endpoint has; the others pass it over meanwhile.
_OPEN: Final = """
SELECT id FROM surveys_webhookendpoint e
 WHERE paused_at IS NULL AND disabled_at IS NULL
   AND (rests_until IS NULL OR rests_until <= %(now)s::timestamptz)
   AND EXISTS (SELECT 1 FROM surveys_webhookdelivery d
                WHERE d.endpoint_id = e.id AND d.status = 'queued'
                  AND d.due_at <= %(now)s::timestamptz)
 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""


def claim(now: dt.datetime, limit: int) -> list[Claimed]:
    """Up to ``limit`` deliveries that are due, no more of an endpoint than it has room for."""
    lease = uuid.uuid4()
    given: dict[str, Any] = {
        "now": now,
        "lease": lease,
        "until": now + LEASE,
        "limit": limit,
        "at_once": AT_ONCE,
        "trusted": TRUSTED_FAILURES,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OPEN, {"now": now})
        endpoints = [row[0] for row in cursor.fetchall()]
        if not endpoints:
            return []
        cursor.execute(_CLAIM, given | {"endpoints": endpoints})
        rows: list[tuple[int, int, int, int]] = cursor.fetchall()
    return [Claimed(*row, lease) for row in rows]


_RETURN: Final = """
UPDATE surveys_webhookdelivery
   SET status = 'queued', lease = NULL, lease_until = NULL, due_at = %(now)s::timestamptz,
       last_words = 'the worker stopped while it was being sent'
 WHERE id IN (SELECT id FROM surveys_webhookdelivery
               WHERE status = 'sending' AND lease_until < %(now)s::timestamptz
               ORDER BY id FOR UPDATE SKIP LOCKED)
"""


def return_expired_leases(now: dt.datetime) -> int:
    """Queue again what dead workers held; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_RETURN, {"now": now})
        return int(cursor.rowcount)


def pause_after(n_attempts: int) -> dt.timedelta | None:
    """How long to wait after that many attempts, spread so that what failed together does not
    return together; None where it is given up."""
    if n_attempts >= MAX_ATTEMPTS:
        return None
    pause: dt.timedelta = PAUSES[n_attempts - 1] * random.uniform(0.9, 1.2)  # noqa: S311
    return pause


# Nothing is written for a row that was erased, removed, or taken over meanwhile.
_END: Final = """
WITH ended AS (
  UPDATE surveys_webhookdelivery d
     SET status = %(status)s::text, due_at = coalesce(%(due_at)s::timestamptz, d.due_at),
         lease = NULL, lease_until = NULL, last_words = %(words)s::text,
         ended_at = CASE WHEN %(status)s::text = 'queued' THEN NULL
                         ELSE %(now)s::timestamptz END
   WHERE d.id = %(id)s AND d.lease = %(lease)s::uuid
  RETURNING d.id
), logged AS (
  INSERT INTO surveys_webhookattempt
         (delivery_id, started_at, milliseconds, status, words, answer)
  SELECT id, %(started)s::timestamptz, %(milliseconds)s, %(code)s::smallint, %(words)s::text,
         %(answer)s::text FROM ended
)
SELECT count(*) FROM ended
"""
# Apart from the above, so that nobody ever waits for an endpoint while holding a delivery.
_HEALTHY: Final = """
UPDATE surveys_webhookendpoint
   SET n_failing = 0, failing_since = NULL, rests_until = NULL,
       last_success_at = %(now)s::timestamptz
 WHERE id = %(endpoint)s
   AND (n_failing > 0 OR last_success_at IS NULL
        OR last_success_at < %(now)s::timestamptz - interval '10 seconds')
"""
_FAILING: Final = """
UPDATE surveys_webhookendpoint e
   SET n_failing = e.n_failing + 1, last_failure = %(words)s::text,
       failing_since = coalesce(e.failing_since, %(now)s::timestamptz),
       rests_until = CASE WHEN e.n_failing + 1 >= %(trusted)s OR %(is_away)s::boolean
         THEN %(now)s::timestamptz + least(
           %(rest)s::interval * power(2, least(greatest(e.n_failing + 1 - %(trusted)s, 0), 10)),
           %(longest)s::interval) END,
       disabled_at = CASE WHEN %(off)s::text <> '' OR e.failing_since < %(lately)s::timestamptz
         THEN coalesce(e.disabled_at, %(now)s::timestamptz) ELSE e.disabled_at END,
       disabled_reason = CASE WHEN e.disabled_at IS NOT NULL THEN e.disabled_reason
         WHEN %(off)s::text <> '' THEN %(off)s::text
         WHEN e.failing_since < %(lately)s::timestamptz THEN left(%(tired)s::text, 300)
         ELSE '' END
 WHERE e.id = %(endpoint)s
"""
GONE: Final = "It answered 410: it wants to be told nothing any more."


def end(claimed: Claimed, answer: Answer, started_at: dt.datetime, now: dt.datetime) -> bool:
    """Note what became of a request; whether this worker still held it."""
    is_gone = answer.status == 410
    pause = None if answer.is_taken or is_gone else pause_after(claimed.n_attempts)
    status = "queued" if pause else "delivered" if answer.is_taken else "failed"
    given: dict[str, Any] = {
        "id": claimed.delivery_id,
        "lease": claimed.lease,
        "status": status,
        "due_at": now + pause if pause else None,
        "words": answer.words[:300],
        "now": now,
        "started": started_at,
        "milliseconds": answer.milliseconds,
        "code": answer.status,
        "answer": answer.body,
    }
    with connection.cursor() as cursor:
        cursor.execute(_END, given)
        if not cursor.fetchone()[0]:
            return False
        if answer.is_taken:
            cursor.execute(_HEALTHY, {"endpoint": claimed.endpoint_id, "now": now})
        else:
            cursor.execute(_FAILING, _failing(claimed, answer, now))
    return True


def _failing(claimed: Claimed, answer: Answer, now: dt.datetime) -> dict[str, Any]:
    return {
        "endpoint": claimed.endpoint_id,
        "now": now,
        "words": answer.words[:300],
        "is_away": answer.is_away,
        "trusted": TRUSTED_FAILURES,
        "rest": _FIRST_REST,
        "longest": _LONGEST_REST,
        "lately": now - FAILING,
        "off": GONE if answer.status == 410 else "",
        "tired": f"It took nothing for {FAILING.days} days; the last time: {answer.words}.",
    }


def hold(claimed: Claimed, due_at: dt.datetime, words: str) -> None:
    """Put back what could not be tried, through no fault of the endpoint."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE surveys_webhookdelivery SET status = 'queued', lease = NULL,"
            " lease_until = NULL, n_attempts = n_attempts - 1, due_at = %s, last_words = %s"
            " WHERE id = %s AND lease = %s",
            [due_at, words[:300], claimed.delivery_id, claimed.lease],
        )
