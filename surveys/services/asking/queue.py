"""Which events a helpdesk's API is asked about, by whom, and what became of it.

Each claim and each end is one short transaction; the network lies between them. An event that is
asked about has a lease: whoever lost it changes nothing any more, and what a dead worker held is
asked about again. What was answered goes back to the intake, which takes it as any other.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from surveys.helpdesks.lookups import LOOKUPS
from surveys.helpdesks.lookups.base import Found
from surveys.models import Connection, HookEvent
from surveys.services import hook_erasing, hook_reading
from surveys.services.asking.merging import merged

#: Longer than a conversation may take, with the look-ups of its name.
LEASE: Final = timedelta(seconds=120)
#: Conversations at once with one helpdesk, of all workers together; with one that fails just one.
AT_ONCE: Final = 2
TRUSTED_FAILURES: Final = 3
#: How long after each failed question: half a day in all.
PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3600, 10_800, 21_600)
)
MOST_ASKS: Final = len(PAUSES) + 1
_FIRST_REST: Final = timedelta(seconds=30)
_LONGEST_REST: Final = timedelta(minutes=10)
_State = HookEvent.State
#: What is known of an access that was just given.
WELL: Final[dict[str, Any]] = {
    "api_fault": "",
    "api_rests_until": None,
    "api_n_failing": 0,
    "api_last_failure": "",
    "write_fault": "",
}
_NOTHING_NEW: Final = "its API tells no e-mail address either"


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event that this worker alone may ask about until its lease ends."""

    event_id: int
    connection_id: int
    case: str
    requester_id: str
    n_asks: int
    lease: uuid.UUID


def is_to_be_asked(event: HookEvent) -> bool:
    """Whether an event lacks the address, and somebody can be asked for it."""
    held = event.connection
    customer = (event.content or {}).get("customer", {})
    return (
        event.outcome == "resolved"
        and event.asked_at is None
        and event.content is not None
        and not customer.get("email")
        and held.api_access is not None
        and not held.api_fault
        and held.deleted_at is None
        and held.kind in LOOKUPS
    )


def put(event: HookEvent, now: datetime) -> None:
    """Have it asked about before it is taken in; saved by the caller."""
    event.state, event.next_attempt_at, event.asks = _State.ASKING, now, 0


def ask_again(held: Connection, now: datetime) -> int:
    """Ask about whatever waits without an address, as if for the first time; how many."""
    return HookEvent.objects.filter(
        connection=held, state=_State.NEEDS_ENRICHMENT, content__isnull=False
    ).update(
        state=_State.ASKING, next_attempt_at=now, asks=0, asked_at=None, lease=None,
        lease_until=None, settled_at=None, attempts=0,
    )  # fmt: skip


_RELEASE: Final = """
UPDATE surveys_hookevent e
   SET state = 'waiting', next_attempt_at = now(), lease = NULL, lease_until = NULL
  FROM surveys_connection c
 WHERE c.id = e.connection_id AND e.state = 'asking'
   AND (c.api_access IS NULL OR c.api_fault <> '' OR c.deleted_at IS NOT NULL
        OR c.kind <> ALL(%(kinds)s::text[]))
"""


def release_unaskable() -> int:
    """Let go on what waits for an answer of somebody who cannot be asked any more; how many."""
    with database.cursor() as cursor:
        cursor.execute(_RELEASE, {"kinds": list(LOOKUPS)})
        return int(cursor.rowcount)


# One worker at a time decides how much room a helpdesk has; the others pass it over meanwhile.
_OPEN: Final = """
SELECT id FROM surveys_connection c
 WHERE api_access IS NOT NULL AND api_fault = '' AND deleted_at IS NULL
   AND (api_rests_until IS NULL OR api_rests_until <= %(now)s::timestamptz)
   AND EXISTS (SELECT 1 FROM surveys_hookevent e
                WHERE e.connection_id = c.id AND e.state = 'asking'
                  AND e.next_attempt_at <= %(now)s::timestamptz)
 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
_CLAIM: Final = """
WITH room AS (
  SELECT c.id, greatest(0, CASE WHEN c.api_n_failing >= %(trusted)s THEN 1 ELSE %(at_once)s END
                           - (SELECT count(*) FROM surveys_hookevent e
                               WHERE e.connection_id = c.id AND e.state = 'asking'
                                 AND e.lease_until >= %(now)s::timestamptz)) AS n
    FROM surveys_connection c WHERE c.id = ANY(%(connections)s::bigint[])
), picked AS (
  SELECT due.id FROM room CROSS JOIN LATERAL (
    SELECT e.id, e.next_attempt_at FROM surveys_hookevent e
     WHERE e.connection_id = room.id AND e.state = 'asking'
       AND e.next_attempt_at <= %(now)s::timestamptz
       AND (e.lease_until IS NULL OR e.lease_until < %(now)s::timestamptz)
     ORDER BY e.next_attempt_at, e.id LIMIT room.n FOR UPDATE SKIP LOCKED
  ) AS due
  ORDER BY due.next_attempt_at LIMIT %(limit)s
)
UPDATE surveys_hookevent e
   SET lease = %(lease)s::uuid, lease_until = %(until)s::timestamptz, asks = e.asks + 1
  FROM picked WHERE e.id = picked.id
RETURNING e.id, e.connection_id, e."case", e.requester_id, e.asks
"""


def claim(now: datetime, limit: int) -> list[Claimed]:
    """Up to ``limit`` events that are due, no more of a helpdesk than it has room for."""
    lease = uuid.uuid4()
    given: dict[str, Any] = {"now": now, "lease": lease, "until": now + LEASE, "limit": limit,
             "at_once": AT_ONCE, "trusted": TRUSTED_FAILURES}  # fmt: skip
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(_OPEN, {"now": now})
        connections = [row[0] for row in cursor.fetchall()]
        if not connections:
            return []
        cursor.execute(_CLAIM, given | {"connections": connections})
        found: list[tuple[int, int, str, str, int]] = cursor.fetchall()
    return [Claimed(*row, lease) for row in found]


def end_found(claimed: Claimed, found: Found, now: datetime) -> bool:
    """Give what was told to the intake; whether this worker still held the event. Of somebody who
    was erased nothing is kept."""
    with transaction.atomic():
        event = _held(claimed)
        if event is None:
            return False
        told = [address for address in (found.email, found.phone) if address]
        case = event.content or {}
        if hook_erasing.is_erased(event.connection.slug, told, [event.case]):
            event.content, event.requester_id = hook_erasing.scrub_case(case), ""
            _release(event, "", now)
            return True
        event.content, notes = hook_reading.checked(merged(case, found), event.received_at)
        event.requester_id = (found.requester_id or event.requester_id)[:200]
        has_address = bool(event.content.get("customer", {}).get("email"))
        words = "" if has_address else "; ".join([*notes, _NOTHING_NEW])
        _release(event, words, now)
    Connection.objects.filter(pk=claimed.connection_id).update(
        api_n_failing=0, api_last_success_at=now
    )
    return True


def end_without(claimed: Claimed, words: str, now: datetime) -> None:
    """Let it go on without: there is no answer, and another question would have none."""
    with transaction.atomic():
        if (event := _held(claimed)) is not None:
            _release(event, words, now)


def end_later(claimed: Claimed, words: str, now: datetime) -> None:
    """Ask again after a while, or, often enough, no more; leave a helpdesk alone that fails."""
    if claimed.n_asks >= MOST_ASKS:
        end_without(claimed, f"was asked {claimed.n_asks} times; at last: {words}", now)
    else:
        pause = PAUSES[claimed.n_asks - 1] * random.uniform(0.9, 1.3)  # noqa: S311
        _hold(claimed, now + pause, words, claimed.n_asks)
    given: dict[str, Any] = {
        "id": claimed.connection_id,
        "now": now,
        "words": words[:300],
        "trusted": TRUSTED_FAILURES,
        "rest": _FIRST_REST,
        "longest": _LONGEST_REST,
    }
    with database.cursor() as cursor:
        cursor.execute(_FAILING, given)


def end_resting(claimed: Claimed, rest: timedelta, words: str, now: datetime) -> None:
    """Put the event back as it was, and leave the helpdesk alone as long as it wants."""
    _hold(claimed, now, words, claimed.n_asks - 1)
    leave_alone(claimed.connection_id, rest, words, now)


_ALONE: Final = """
UPDATE surveys_connection
   SET api_rests_until = greatest(api_rests_until, %(until)s::timestamptz),
       api_last_failure = CASE WHEN %(words)s::text <> '' THEN %(words)s::text
                               ELSE api_last_failure END
 WHERE id = %(id)s
"""


def leave_alone(connection_id: int, rest: timedelta, words: str, now: datetime) -> None:
    """Ask nothing of this helpdesk for a while; a tenth longer at most, so that not all come back
    at once."""
    until = now + rest * random.uniform(1.0, 1.1)  # noqa: S311
    with database.cursor() as cursor:
        given: dict[str, Any] = {"id": connection_id, "until": until, "words": words[:300]}
        cursor.execute(_ALONE, given)


def pause(connection_id: int, words: str) -> int:
    """Ask nothing until the access is changed; what waits goes on without. How many that are."""
    Connection.objects.filter(pk=connection_id).update(
        api_fault=words[:300], api_last_failure=words[:300]
    )
    return release_unaskable()


_FAILING: Final = """
UPDATE surveys_connection c
   SET api_n_failing = c.api_n_failing + 1, api_last_failure = %(words)s::text,
       api_rests_until = CASE WHEN c.api_n_failing + 1 >= %(trusted)s
         THEN greatest(c.api_rests_until, %(now)s::timestamptz + least(
           %(rest)s::interval * power(2, least(c.api_n_failing + 1 - %(trusted)s, 10)),
           %(longest)s::interval))
         ELSE c.api_rests_until END
 WHERE c.id = %(id)s
"""


def _held(claimed: Claimed) -> HookEvent | None:
    """The event, locked, where this worker's lease still is the one."""
    return (
        HookEvent.objects.select_for_update(of=("self",))
        .select_related("connection")
        .filter(pk=claimed.event_id, lease=claimed.lease, state=_State.ASKING)
        .first()
    )


def _release(event: HookEvent, words: str, now: datetime) -> None:
    event.state, event.next_attempt_at, event.asked_at = _State.WAITING, now, now
    event.lease, event.lease_until, event.attempts = None, None, 0
    event.reason = hook_reading.storable(words)[:500]
    names = ["state", "next_attempt_at", "asked_at", "lease", "lease_until", "attempts", "reason"]
    event.save(update_fields=[*names, "content", "requester_id"])


def _hold(claimed: Claimed, due_at: datetime, words: str, n_asks: int) -> None:
    HookEvent.objects.filter(pk=claimed.event_id, lease=claimed.lease, state=_State.ASKING).update(
        lease=None, lease_until=None, next_attempt_at=due_at, asks=n_asks, reason=words[:500]
    )


def n_asking(held: Connection) -> int:
    """How many events wait for an answer."""
    return HookEvent.objects.filter(connection=held, state=_State.ASKING).count()


def rests_until(held: Connection) -> datetime | None:
    """Until when it is left alone; None where it is not."""
    until = held.api_rests_until
    return until if until is not None and until > timezone.now() else None
