"""A worker killed at any SQL statement, commit or request while it writes ratings into a helpdesk
leaves none untold, and no tag of ours that holds no longer."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from pytest_django.fixtures import Settings

from surveys.models import Case, Connection, Invitation, OutgoingEvent, WriteBack
from surveys.services import connections
from surveys.services.asking import access
from surveys.services.writing import choosing, rounds
from surveys.services.writing.choosing import Forms
from surveys.services.writing.queue import LEASE
from tests.factories import NOW, InvitationFactory
from tests.faults.doomed import Worker, Zygote
from tests.helpdesk_server import HelpdeskServer
from tests.surveys.services.asking.documented import DOCUMENTED
from tests.surveys.services.outgoing.conftest import answer
from tests.surveys.services.writing.desks import FIELDS, OTHERS, Kept

pytestmark = [pytest.mark.xdist_group("kills"), pytest.mark.django_db(transaction=True)]

TOLD = DOCUMENTED["zendesk"]
FIX, CAUSE = FIELDS["zendesk"]
LATER = NOW + LEASE + timedelta(seconds=30)


@pytest.fixture
def server(settings: Settings) -> Iterator[HelpdeskServer]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with HelpdeskServer() as found:
        yield found


@pytest.fixture
def desk(server: HelpdeskServer) -> Connection:
    made = connections.make("zendesk")
    access.set_access(made, server.url, TOLD.access.user, TOLD.access.token, NOW)
    made.refresh_from_db()
    choosing.choose(made, Forms(note=True, tags=True, fix_field=FIX, cause_field=CAUSE))
    return made


def happened(desk: Connection, server: HelpdeskServer) -> tuple[Invitation, Kept]:
    Case.objects.all().delete()
    OutgoingEvent.objects.all().delete()
    kept = Kept("zendesk")
    kept.teach(server)
    invitation: Invitation = InvitationFactory(
        expires_at=None,
        resolution__case__source=desk.slug,
        resolution__case__external_id=TOLD.case,
    )
    answer(invitation, F1=5, C1=2)
    return invitation, kept


def check_after_restart(invitation: Invitation, kept: Kept, where: str) -> int:
    """The answer is changed before the next worker comes. Returns how many notes stand there."""
    answer(invitation, F1=3, C1=4)
    with time_machine.travel(LATER, tick=True):
        rounds.write_due(0.01)
    assert WriteBack.objects.get().status == "written", where
    ours = {"stabledoor_fix_3", "stabledoor_cause_4", "stabledoor_cause_dismayed"}
    assert kept.tags == {OTHERS, *ours}, where
    assert kept.fields == {OTHERS: 9, FIX: 3, CAUSE: 4}, where
    assert "fixed: 3 of 5" in kept.notes[-1], where
    return len(kept.notes)


def test_worker_killed_at_any_step_loses_no_rating_and_leaves_no_former_tag(
    server: HelpdeskServer, desk: Connection, zygote: Zygote
) -> None:
    worker = Worker(zygote, "writing", server, WEBHOOK_ALLOW_PRIVATE=True)
    invitation, kept = happened(desk, server)
    n_steps = worker.round()
    assert n_steps > 10
    assert check_after_restart(invitation, kept, "nobody died") == 2
    numbers = set()
    for step in range(n_steps):
        invitation, kept = happened(desk, server)
        assert worker.round(before=step) == -signal.SIGKILL
        numbers.add(check_after_restart(invitation, kept, f"killed before step {step}"))
    assert numbers == {1, 2}  # 2: between the answer and the commit that notes it
    invitation, kept = happened(desk, server)
    assert worker.round(at_verb="PUT") == -signal.SIGKILL
    check_after_restart(invitation, kept, "killed while it wrote")
