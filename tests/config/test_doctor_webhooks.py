"""What `doctor` and the task say of webhooks."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from config import doctor
from surveys import tasks
from surveys.models import WebhookEndpoint
from surveys.services.outgoing import endpoints
from surveys.services.outgoing.endpoints import Wish
from tests.surveys.services.outgoing.conftest import Subscribe, answer, receiver, subscribe

__all__ = ["receiver", "subscribe"]

pytestmark = pytest.mark.django_db


def test_doctor_warns_of_private_addresses_and_of_what_is_switched_off(settings: Settings) -> None:
    assert doctor.webhooks().status == "ok"
    made = endpoints.add(Wish("CRM", "https://example.com/", ["invitation.sent"]), timezone.now())
    assert doctor.webhooks().found == "1 endpoint"
    WebhookEndpoint.objects.filter(pk=made.pk).update(disabled_at=timezone.now())
    off = doctor.webhooks()
    assert (off.status, off.found) == ("warn", "switched off: CRM")
    settings.WEBHOOK_ALLOW_PRIVATE = True
    assert (doctor.webhooks().status, doctor.webhooks().mend[:27]) == (
        "warn",
        "unset WEBHOOK_ALLOW_PRIVATE",
    )


def test_task_tells_and_counts(subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "WEBHOOK_SECONDS", 0.1)
    assert tasks.send_webhooks() == {}
    subscribe()
    answer()
    assert tasks.send_webhooks() == {"queued": 1, "delivered": 1}
    assert tasks.forget_webhooks() == 0
