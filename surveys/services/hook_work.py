"""Works off what webhooks told: each waiting event becomes a case of the intake, once.

Events are claimed in order with `SKIP LOCKED` and marked in the transaction that takes them in, so
a worker that dies leaves them waiting. One that cannot be taken is tried again a few times, then
set aside with its reason; the others go on. One without an address goes to the helpdesk's API
first, where that can be asked (`asking`), and comes back with what was told.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from surveys.models import Connection, HookEvent
from surveys.services import connections, hook_log, hook_reading, intake
from surveys.services.asking import queue as asking
from surveys.services.intake_reading import convert_case
from surveys.services.intake_sql import execute, with_retries

log = logging.getLogger(__name__)

BATCH: Final = 100
MOST_ATTEMPTS: Final = 5
KEPT: Final = timedelta(days=30)
KEPT_ASIDE: Final = timedelta(days=90)
_FIRST_PAUSE: Final = timedelta(seconds=10)
_State = HookEvent.State


@dataclass(slots=True)
class Counts:
    """What became of the events of a round."""

    taken: int = 0
    to_ask: int = 0
    put_off: int = 0
    set_aside: int = 0


def work_off(seconds: float = 2.0, now: datetime | None = None) -> Counts:
    """Take in what waits, for about so long."""
    counts = Counts()
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if not _one_batch(counts, now or timezone.now()):
            break
    return counts


def try_again(event_id: int, connection: Connection, now: datetime) -> bool:
    """Have an event that was set aside tried again; whether there is one."""
    return bool(
        HookEvent.objects.filter(
            pk=event_id, connection=connection, state=_State.QUARANTINED
        ).update(state=_State.WAITING, attempts=0, next_attempt_at=now, reason="", settled_at=None)
    )


def tidy(now: datetime) -> dict[str, int]:
    """Forget what was kept long enough; returns how much."""
    old = Q(state=_State.DONE, received_at__lt=now - KEPT)
    old |= Q(state=_State.NEEDS_ENRICHMENT, received_at__lt=now - KEPT_ASIDE)
    old |= Q(state=_State.QUARANTINED, received_at__lt=now - KEPT_ASIDE)
    n_events, _ = HookEvent.objects.filter(old).delete()
    return {
        "events": n_events,
        "lines": hook_log.trim(),
        "connections": connections.forget_deleted(now),
    }


def _one_batch(counts: Counts, now: datetime) -> int:
    """The oldest that are due, together; where that fails, each by itself. Returns how many."""

    def together() -> int:
        events = _claim(now, BATCH)
        if events:
            _take(events, now, counts)
        return len(events)

    try:
        return with_retries(together)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 -- whatever one event does, the others go on
        log.error("Events of webhooks failed together: %s", type(error).__name__)
    due = HookEvent.objects.filter(state=_State.WAITING, next_attempt_at__lte=now).order_by("pk")
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    return sum(_alone(number, counts, now) for number in ids)


def _alone(event_id: int, counts: Counts, now: datetime) -> int:
    def work() -> int:
        events = _claim(now, 1, event_id)
        if events:
            _take(events, now, counts)
        return len(events)

    try:
        return with_retries(work)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 -- as above
        # Its text may quote what the event holds, so only its kind is told.
        log.error("Event %d of a webhook failed: %s", event_id, type(error).__name__)
        _put_off(event_id, f"it could not be taken in ({type(error).__name__})", counts, now)
    return 1


def _claim(now: datetime, most: int, event_id: int | None = None) -> list[HookEvent]:
    due = HookEvent.objects.filter(state=_State.WAITING, next_attempt_at__lte=now)
    if event_id is not None:
        due = due.filter(pk=event_id)
    locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("connection")
    return list(locked.order_by("pk")[:most])


def _take(events: Sequence[HookEvent], now: datetime, counts: Counts) -> None:
    """Give events to the intake and mark them, in the caller's transaction; those that are to be
    asked about first are put aside for that."""
    to_ask = [event for event in events if asking.is_to_be_asked(event)]
    for event in to_ask:
        asking.put(event, now)
    HookEvent.objects.bulk_update(to_ask, ["state", "next_attempt_at", "asks"])
    _take_in([event for event in events if event not in to_ask], now, counts)
    counts.to_ask += len(to_ask)


def _take_in(events: Sequence[HookEvent], now: datetime, counts: Counts) -> None:
    reports = [convert_case(event.content, event.received_at) for event in events]
    outcomes = intake.take(reports, now=now)
    taken = set_aside = 0
    for event, outcome in zip(events, outcomes, strict=True):
        event.settled_at, event.result = now, outcome.outcome
        if outcome.outcome == intake.REJECTED:
            words = "; ".join(f"{path} {text}".strip() for path, text in outcome.errors)
            event.state, event.reason = _State.QUARANTINED, hook_reading.storable(words)[:500]
            set_aside += 1
        else:
            _settle(event)
            taken += 1
    names = ["settled_at", "result", "state", "reason", "content"]
    HookEvent.objects.bulk_update(events, names)
    _settle_addressed(events)
    counts.taken += taken
    counts.set_aside += set_aside


def _settle(event: HookEvent) -> None:
    customer = (event.content or {}).get("customer", {})
    if event.outcome == "resolved" and not customer.get("email"):
        event.state = _State.NEEDS_ENRICHMENT
        event.reason = (event.reason if event.asked_at else "") or hook_reading.NO_ADDRESS
    else:  # the case has all of it now, and one place is enough for what is personal
        event.state, event.reason, event.content = _State.DONE, "", None


def _settle_addressed(events: Sequence[HookEvent]) -> None:
    """What waited for an address is done where the case has one by now, or its customer was
    erased."""
    pairs = sorted({(event.connection_id, event.case) for event in events})
    execute(_SETTLE, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


def settle_all_addressed() -> None:
    """The same for all that waits, for an address may also come by the API or a file."""
    waiting = HookEvent.objects.filter(state=_State.NEEDS_ENRICHMENT)
    pairs = sorted(set(waiting.values_list("connection_id", "case")))
    if pairs:
        execute(_SETTLE, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


def _put_off(event_id: int, words: str, counts: Counts, now: datetime) -> None:
    with transaction.atomic():
        event = (
            HookEvent.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=event_id, state=_State.WAITING)
            .first()
        )
        if event is None:
            return
        event.attempts += 1
        event.reason = words
        event.next_attempt_at = now + _FIRST_PAUSE * 4 ** (event.attempts - 1)
        if event.attempts >= MOST_ATTEMPTS:
            event.state, event.settled_at = _State.QUARANTINED, now
            counts.set_aside += 1
        else:
            counts.put_off += 1
        event.save(update_fields=["attempts", "reason", "next_attempt_at", "state", "settled_at"])


_SETTLE: Final = """
UPDATE surveys_hookevent e
SET state = 'done', content = NULL, reason = '', requester_id = ''
FROM surveys_connection n, surveys_case c, surveys_customer u,
  unnest(%s::bigint[], %s::text[]) AS asked(connection_id, number)
WHERE e.connection_id = asked.connection_id AND e."case" = asked.number
  AND e.state = 'needs_enrichment' AND n.id = e.connection_id
  AND c.source = n.slug AND c.external_id = e."case" AND u.id = c.customer_id
  AND (u.email <> '' OR u.erased_at IS NOT NULL)
"""
