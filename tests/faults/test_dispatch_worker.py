"""A real Celery worker on a real broker: both may lose everything, the outbox loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.utils import timezone

from config.stack import redis as embedded
from config.stack.home import Home
from surveys.models import Delivery
from tests.faults import databases
from tests.smtp_server import SmtpServer
from tests.surveys.services.outbox import queued

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

N_MAILS = 40


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """A Redis of this test's own, for it will be flushed."""
    program = embedded.server()
    if program is None:
        pytest.skip("no redis-server was found")
    home = Home(tmp_path)
    home.prepare()
    child, url = embedded.start(home, program)
    yield url
    child.stop()


def wake(broker: str) -> None:
    """What beat does every few seconds."""
    url = broker.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    with Celery("beat", broker=url) as beat:
        beat.send_task("surveys.dispatch_due")


@contextmanager
def worker(broker: str, smtp: SmtpServer, log: Path) -> Iterator[int]:
    """A worker with one pool process; its process number."""
    environment = os.environ | {
        "DATABASE_URL": databases.url(),
        "REDIS_URL": broker,
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "SITE_URL": "https://survey.northline.example",
    }
    command = [sys.executable, "-m", "celery", "--app", "config.celery", "worker"]
    options = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options], env=environment, stdout=output, stderr=output
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(20)


def pool_process(worker: int) -> int:
    """The worker's one child; the newest, where a dead one has not been buried yet."""
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    return int(children[-1])


def wait_for(what: Callable[[], bool], log: Path, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.05)


def n_done() -> int:
    return Delivery.objects.filter(kind="invitation", status__in=["sent", "unknown"]).count()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
def test_lost_broker_and_killed_pool_process_lose_and_double_nothing(
    smtp: SmtpServer, broker: str, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    for number in range(N_MAILS):
        queued(f"customer{number}@example.com")
    wake(broker)
    with redis.Redis.from_url(broker) as client:
        assert client.llen("celery") == 1
        client.flushall()
    killed: list[int] = []

    with worker(broker, smtp, log) as pid:
        wait_for(lambda: "ready." in log.read_text(), log)
        assert n_done() == 0  # the wake-up is gone, as Redis may

        def kill(verb: str) -> None:
            if verb == "DOT" and len(smtp.received) == 5 and not killed:
                killed.append(pool_process(pid))
                os.kill(killed[0], signal.SIGKILL)

        smtp.watch = kill
        wake(broker)
        wait_for(lambda: bool(killed), log)
        # The lease of the dead runs out: this test has not the time to wait for it.
        wait_for(lambda: not Path(f"/proc/{killed[0]}").exists(), log)
        Delivery.objects.filter(status="sending").update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
        wake(broker)
        wait_for(lambda: n_done() == N_MAILS, log)

    statuses = Counter(Delivery.objects.filter(kind="invitation").values_list("status", flat=True))
    assert statuses == {"sent": N_MAILS - 1, "unknown": 1}  # the one in flight
    received = Counter(smtp.recipients)
    assert max(received.values()) == 1
    assert len(received) == N_MAILS
