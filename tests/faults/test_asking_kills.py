"""A worker killed at any SQL statement, commit or request leaves no case without its address."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from pytest_django.fixtures import Settings

from surveys.models import Case, Connection, HookEvent, Invitation
from surveys.services import connections, hook_work
from surveys.services.asking import access, rounds
from surveys.services.asking.queue import LEASE
from surveys.services.publishing import ensure_defaults
from tests.factories import NOW
from tests.faults.doomed import Worker, Zygote
from tests.helpdesk_server import HelpdeskServer
from tests.surveys.services.asking.documented import DOCUMENTED

pytestmark = [pytest.mark.xdist_group("kills"), pytest.mark.django_db(transaction=True)]

TOLD = DOCUMENTED["zendesk"]
LATER = NOW + LEASE + timedelta(seconds=30)


@pytest.fixture
def server(settings: Settings) -> Iterator[HelpdeskServer]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    ensure_defaults()
    with HelpdeskServer() as found:
        TOLD.teach(found)
        yield found


@pytest.fixture
def desk(server: HelpdeskServer) -> Connection:
    made = connections.make("zendesk")
    access.set_access(made, server.url, TOLD.access.user, TOLD.access.token, NOW)
    return made


def happened(desk: Connection) -> None:
    content = {
        "source": desk.slug, "external_id": TOLD.case, "status": "resolved",
        "occurred_at": NOW.isoformat(), "resolved_at": NOW.isoformat(),
        "customer": {"external_id": "20978392"},
    }  # fmt: skip
    HookEvent.objects.create(
        connection=desk, event_key=b"one", outcome="resolved", case=TOLD.case, content=content,
        state="asking", next_attempt_at=NOW, received_at=NOW,
    )  # fmt: skip


def check_after_restart(server: HelpdeskServer, where: str) -> int:
    """The next worker comes when the lease has run out. Returns how often it was asked."""
    with time_machine.travel(LATER, tick=True):
        rounds.ask_due(0.01)
        hook_work.work_off(0.2)
    n_asked = len(server.asked)
    assert n_asked in (1, 2), where
    assert HookEvent.objects.get().state == "done", where
    customer = Invitation.objects.select_related("customer").get().customer
    assert customer is not None, where
    assert customer.email == "ana@home.example", where
    server.asked.clear()
    Case.objects.all().delete()
    HookEvent.objects.all().delete()
    Connection.objects.update(api_rests_until=None)
    return n_asked


def test_worker_killed_at_any_step_loses_no_address(
    server: HelpdeskServer, desk: Connection, zygote: Zygote
) -> None:
    worker = Worker(zygote, "asking", server, WEBHOOK_ALLOW_PRIVATE=True)
    happened(desk)
    n_steps = worker.round()
    assert n_steps > 10
    assert check_after_restart(server, "nobody died") == 1
    n_doubled = 0
    for step in range(n_steps):
        happened(desk)
        assert worker.round(before=step) == -signal.SIGKILL
        n_doubled += check_after_restart(server, f"killed before step {step}") == 2
    assert n_doubled > 0  # between the answer and the commit that notes it
    happened(desk)
    assert worker.round(at_verb="GET") == -signal.SIGKILL
    assert check_after_restart(server, "killed while it was asked") == 2
