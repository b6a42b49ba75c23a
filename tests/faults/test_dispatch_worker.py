"""A real Celery worker on a real broker: both may lose everything, the outbox loses nothing."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from surveys.models import Delivery
from surveys.services.delivery_round import TOGETHER
from tests.faults.conftest import Note
from tests.faults.workers import is_ready, pool_process, wait_for, wake, worker
from tests.smtp_server import SmtpServer
from tests.surveys.services.outbox import queued

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

N_MAILS = 40
SITE_URL = "https://survey.northline.example"


def n_done() -> int:
    return Delivery.objects.filter(kind="invitation", status__in=["sent", "unknown"]).count()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
def test_lost_broker_and_killed_pool_process_lose_and_double_nothing(
    smtp: SmtpServer, broker: str, tmp_path: Path, note: Note
) -> None:
    log = tmp_path / "worker.log"
    for number in range(N_MAILS):
        queued(f"customer{number}@example.com")
    wake(broker, "surveys.dispatch_due")
    with redis.Redis.from_url(broker) as client:
        assert client.llen("celery") == 1
        client.flushall()
    killed: list[int] = []

    with worker(broker, log, EMAIL_URL=f"smtp://127.0.0.1:{smtp.port}", SITE_URL=SITE_URL) as pid:
        wait_for(lambda: is_ready(log), log)
        assert n_done() == 0  # the wake-up is gone, as Redis may

        def kill(verb: str) -> None:
            if verb == "DOT" and len(smtp.received) == 5 and not killed:
                killed.append(pool_process(pid))
                os.kill(killed[0], signal.SIGKILL)

        smtp.watch = kill
        wake(broker, "surveys.dispatch_due")
        wait_for(lambda: bool(killed), log)
        # The lease of the dead runs out: this test has not the time to wait for it.
        wait_for(lambda: not Path(f"/proc/{killed[0]}").exists(), log)
        Delivery.objects.filter(status="sending").update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
        wake(broker, "surveys.dispatch_due")
        wait_for(lambda: n_done() == N_MAILS, log)

    statuses = Counter(Delivery.objects.filter(kind="invitation").values_list("status", flat=True))
    # Those that had taken off together when the process died, and no others.
    assert 1 <= statuses["unknown"] <= TOGETHER
    assert statuses["sent"] == N_MAILS - statuses["unknown"]
    received = Counter(smtp.recipients)
    assert max(received.values()) == 1
    assert statuses["sent"] < len(received) <= N_MAILS  # the one it was killed at had arrived
    note("pool child killed, broker flushed", "dispatch", N_MAILS, unknown=statuses["unknown"])
