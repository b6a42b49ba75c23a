"""Several workers at once: each delivery is one's alone."""

from __future__ import annotations

import pytest
from django.utils import timezone

from surveys.models import WebhookAttempt, WebhookDelivery
from surveys.services.outgoing import queue
from surveys.services.outgoing.sending import send_due
from surveys.services.outgoing.sorting import sort
from tests.surveys.services.outgoing.conftest import Subscribe, answer
from tests.threads import at_once
from tests.webhook_receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_workers_at_once_tell_everything_once_and_keep_the_limit(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    receiver.takes_seconds = 0.02
    for _ in range(30):
        answer()
    at_once(*[lambda: send_due(20)] * 3)
    send_due(20)
    assert len(receiver.ids) == len(set(receiver.ids)) == 30
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"delivered"}
    assert WebhookAttempt.objects.count() == 30
    assert receiver.most_at_once <= queue.AT_ONCE


def test_notes_sorted_at_once_are_queued_once(receiver: Receiver, subscribe: Subscribe) -> None:
    subscribe()
    for _ in range(10):
        answer()
    done = at_once(*[lambda: sort(timezone.now())] * 3)
    assert sum(n_taken for n_taken, _ in done) == 10
    assert WebhookDelivery.objects.count() == 10
