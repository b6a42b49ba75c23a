"""A worker killed at any SQL statement, commit or request loses no event; what is told twice has
the same id."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from pytest_django.fixtures import Settings

from surveys.models import OutgoingEvent, WebhookAttempt, WebhookDelivery
from surveys.services import answering
from surveys.services.outgoing import endpoints
from surveys.services.outgoing.endpoints import Wish
from surveys.services.outgoing.queue import LEASE
from surveys.services.outgoing.sending import send_due
from surveys.services.tokens import token_of
from tests.factories import NOW, InvitationFactory
from tests.faults.doomed import Worker, Zygote
from tests.webhook_receiver import Receiver

pytestmark = [pytest.mark.xdist_group("kills"), pytest.mark.django_db(transaction=True)]

LATER = NOW + LEASE + timedelta(seconds=5)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver() as found:
        yield found


@pytest.fixture
def worker(zygote: Zygote, receiver: Receiver) -> Worker:
    wish = Wish("CRM", receiver.url, ["response.completed"])
    endpoints.add(wish, NOW)
    return Worker(zygote, "webhooks", receiver, WEBHOOK_ALLOW_PRIVATE=True)


def happened() -> None:
    invitation = InvitationFactory(expires_at=None)
    asked = answering.find(token_of(invitation.nonce), NOW)
    assert asked is not None
    answering.store_answers(asked, {"F1": 5, "C1": 2}, language="en", now=NOW)


def check_after_restart(receiver: Receiver, where: str) -> int:
    """The next worker comes when the lease has run out. Returns how often it was told."""
    with time_machine.travel(LATER, tick=True):
        send_due(0.01)
    told = len(receiver.received)
    assert told in (1, 2), where
    assert len(set(receiver.ids)) == 1, where
    assert list(WebhookDelivery.objects.values_list("status", flat=True)) == ["delivered"], where
    assert WebhookAttempt.objects.count() == 1, where
    assert receiver.received[-1].body["type"] == "response.completed"
    receiver.received.clear()
    OutgoingEvent.objects.all().delete()
    return told


def test_worker_killed_at_any_step_loses_no_event(receiver: Receiver, worker: Worker) -> None:
    happened()
    n_steps = worker.round()
    assert n_steps > 10
    assert check_after_restart(receiver, "nobody died") == 1
    n_doubled = 0
    for step in range(n_steps):
        happened()
        assert worker.round(before=step) == -signal.SIGKILL
        n_doubled += check_after_restart(receiver, f"killed before step {step}") == 2
    assert n_doubled > 0  # between the answer and the commit that notes it


def test_worker_killed_while_it_sends_tells_again_under_the_same_id(
    receiver: Receiver, worker: Worker
) -> None:
    happened()
    assert worker.round(at_verb="POST") == -signal.SIGKILL
    assert len(receiver.received) == 1
    assert check_after_restart(receiver, "killed at the request") == 2
