"""Puts together what was noted, and queues it for every endpoint that asked for it, and answers
for the helpdesk that is to be told.

In one transaction per batch, its notes locked: two workers never take the same one, and a worker
that dies leaves them as they were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import transaction

from surveys.models import OutgoingEvent, WebhookDelivery, WebhookEndpoint
from surveys.services.outgoing import kinds, payloads
from surveys.services.writing import queue as writing

BATCH: Final = 500


def sort_all(now: dt.datetime, most: int = 20) -> int:
    """Batch after batch until nothing waits, at most ``most`` batches; how many were queued."""
    n_queued = 0
    for _ in range(most):
        n_taken, n_here = sort(now)
        n_queued += n_here
        if n_taken < BATCH:
            break
    return n_queued


def sort(now: dt.datetime) -> tuple[int, int]:
    """Take the oldest notes; how many they were, and how many deliveries came of them."""
    with transaction.atomic():
        events = list(
            OutgoingEvent.objects.select_for_update(skip_locked=True)
            .filter(data__isnull=True)
            .order_by("pk")[:BATCH]
        )
        if not events:
            return 0, 0
        found = payloads.known({event.invitation_id or 0 for event in events})
        for event in events:
            invitation = found.get(event.invitation_id or 0)
            event.data = payloads.data_of(event, invitation) if invitation else None
        deliveries = _for_whom([event for event in events if event.data is not None], now)
        writing.queue_for([e for e in events if e.type in kinds.OF_ANSWERS], now)
        wanted = {delivery.event_id for delivery in deliveries}
        # What was erased meanwhile, or nobody asks for any more, is told to nobody.
        gone = [event.pk for event in events if event.pk not in wanted]
        OutgoingEvent.objects.filter(pk__in=gone).delete()
        kept = [event for event in events if event.pk in wanted]
        OutgoingEvent.objects.bulk_update(kept, ["data"], batch_size=BATCH)
        WebhookDelivery.objects.bulk_create(deliveries, batch_size=1000)
    return len(events), len(deliveries)


def _for_whom(events: Sequence[OutgoingEvent], now: dt.datetime) -> list[WebhookDelivery]:
    # Locked against being removed meanwhile.
    endpoints = list(
        WebhookEndpoint.objects.select_for_update(no_key=True)
        .filter(disabled_at=None)
        .order_by("pk")
    )
    return [
        WebhookDelivery(
            event=event,
            endpoint=endpoint,
            status=WebhookDelivery.Status.QUEUED,
            due_at=now,
            created_at=now,
        )
        for event in events
        for endpoint in endpoints
        if event.type in endpoint.events
    ]
