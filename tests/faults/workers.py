"""A real Celery worker on a real broker, to be killed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from config.stack import redis as embedded
from config.stack.home import Home
from config.stack.process import spawn
from tests.faults import databases


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """A Redis of this test's own, for it may be flushed."""
    program = embedded.server()
    if program is None:
        pytest.skip("no redis-server was found")
    home = Home(tmp_path)
    home.prepare()
    child, url = embedded.start(home, program)
    yield url
    child.stop()


def wake(broker: str, task: str, **kwargs: Any) -> None:
    """Publish a task, as beat or a command does."""
    url = broker.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    with Celery("beat", broker=url) as beat:
        beat.send_task(task, kwargs=kwargs)


def environment(broker: str, **more: str) -> dict[str, str]:
    """What processes beside this test need to share its database and broker."""
    return os.environ | {"DATABASE_URL": databases.url(), "REDIS_URL": broker} | more


@contextmanager
def worker(broker: str, log: Path, **more: str) -> Iterator[int]:
    """A worker with one pool process; its process number."""
    command = [sys.executable, "-m", "celery", "--app", "config.celery", "worker"]
    options = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    child = spawn("worker", [*command, *options], log, environment=environment(broker, **more))
    try:
        yield child.popen.pid
    finally:
        # Whose pool process was killed may wait for its report for ever.
        child.stop(20)


def pool_process(worker: int) -> int:
    """The worker's one child; the newest, where a dead one has not been buried yet."""
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    return int(children[-1])


def is_ready(log: Path) -> bool:
    """Whether the worker takes tasks."""
    return "ready." in log.read_text()


def wait_for(what: Callable[[], bool], log: Path, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.05)
