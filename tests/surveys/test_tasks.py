"""The tasks that beat wakes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from config.celery import app
from surveys import tasks
from surveys.models import Invitation
from tests.factories import InvitationFactory
from tests.smtp_server import HANG, SmtpServer
from tests.surveys.services.conftest import smtp
from tests.surveys.services.outbox import queued

__all__ = ["smtp"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Wake-ups go into a list instead of a broker that other tests share."""
    calls: list[bool] = []
    monkeypatch.setattr(tasks, "_wake_another", lambda: calls.append(True))
    monkeypatch.setattr(tasks, "_paused_until", 0.0)
    return calls


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {"surveys.dispatch_due", "surveys.expire_due", "surveys.heartbeat"} <= scheduled
    assert {name for name in scheduled if name.startswith("surveys.")} <= set(app.tasks)


def test_dispatch_due_sends_and_says_so(smtp: SmtpServer, woken: list[bool]) -> None:
    for number in range(3):
        queued(f"customer{number}@example.com")
    queued("later@example.com", due_at=timezone.now() + timedelta(hours=1))

    assert tasks.dispatch_due() == {"sent": 3}
    assert tasks.dispatch_due() == {}
    assert woken == []


def test_dispatch_due_works_in_slices_and_wakes_the_next(
    smtp: SmtpServer, woken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "SLICE_SECONDS", 0.001)
    for number in range(30):
        queued(f"customer{number}@example.com")

    slices = 0
    while len(smtp.received) < 30:
        tasks.dispatch_due()
        slices += 1
        assert slices < 200
    assert len(woken) >= slices - 1 > 0
    assert len(set(smtp.recipients)) == 30


def test_process_kept_waiting_by_the_mail_server_pauses(
    smtp: SmtpServer,
    woken: list[bool],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "_LONG_WAIT", 0.5)
    settings.EMAIL_TIMEOUT = 1.5
    queued("a@example.com")
    smtp.on("MAIL", HANG)

    stopped = tasks.dispatch_due()["stopped"]
    assert "took too long" in str(stopped)
    queued("b@example.com")
    smtp.behave()
    assert tasks.dispatch_due() == {}
    assert woken == []


def test_expire_due_closes_what_is_over() -> None:
    InvitationFactory(expires_at=timezone.now() - timedelta(seconds=1))
    assert tasks.expire_due() == 1
    assert Invitation.objects.get().status == "expired"
