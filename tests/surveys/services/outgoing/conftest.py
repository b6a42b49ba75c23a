"""Endpoints that a real receiver stands behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from surveys.models import WebhookDelivery, WebhookEndpoint
from surveys.services import answering
from surveys.services.outgoing import endpoints, kinds
from surveys.services.outgoing.endpoints import Wish
from surveys.services.tokens import token_of
from tests.factories import InvitationFactory
from tests.webhook_receiver import Receiver

Subscribe = Callable[..., WebhookEndpoint]


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver() as found:
        yield found


@pytest.fixture
def subscribe(receiver: Receiver) -> Subscribe:
    """Makes an endpoint of the receiver for all events, or as told."""

    def make(url: str = "", **fields: Any) -> WebhookEndpoint:
        wish = {"name": "CRM", "url": url or receiver.url, "events": list(kinds.EVENTS)} | fields
        return endpoints.add(Wish(**wish), timezone.now())

    return make


def answer(invitation: Any = None, **answers: Any) -> Any:
    """Somebody answers, now; gives the invitation."""
    invitation = invitation or InvitationFactory(expires_at=None)
    now = timezone.now()
    asked = answering.find(token_of(invitation.nonce), now)
    assert asked is not None
    answering.store_answers(asked, answers or {"F1": 5, "C1": 2}, language="en", now=now)
    return invitation


def due_again() -> None:
    """Let the pauses be over."""
    WebhookDelivery.objects.filter(status="queued").update(due_at=timezone.now())
    WebhookEndpoint.objects.update(rests_until=None)
