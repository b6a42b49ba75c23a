"""Rounds of work in processes of their own, to be killed at any statement or verb."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

from django.db import connection

from tests.faults import databases
from tests.faults.zygote import FAILED

SESSION = "doomed worker"


class Watched(Protocol):
    """A server that tells each verb before it answers."""

    watch: Callable[[str], None] | None


def count_its_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [SESSION],
        )
        (count,) = cursor.fetchone()
    return int(count)


def wait_until_its_sessions_end() -> None:
    """The server notices a killed client a moment later, and holds its row locks until then."""
    ends_at = time.monotonic() + 60
    while time.monotonic() < ends_at:
        if count_its_sessions() == 0:
            return
        time.sleep(0.005)
    raise AssertionError("the killed worker's session did not end")


class Zygote:
    """Forks the processes of the rounds."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # In the address, for there it overrules the name that settings give.
            env=os.environ | {"DATABASE_URL": databases.url(application_name=SESSION)},
        )

    def close(self) -> None:
        self._process.communicate(timeout=20)

    def start(self, order: dict[str, Any]) -> int:
        """Have a process stand connected and stopped; its number."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def go_on(self, pid: int) -> int:
        """Let the process go on to its end."""
        os.kill(pid, signal.SIGCONT)
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


class Worker:
    """Runs rounds of one flow, with settings of its own."""

    def __init__(
        self, zygote: Zygote, flow: str, server: Watched | None = None, **settings: Any
    ) -> None:
        self._zygote = zygote
        self._flow = flow
        self._server = server
        self._settings = settings

    def round(self, *, before: int = -1, at_verb: str = "", **arguments: Any) -> int:
        """Run one round, to die before that step or at that verb; minus the signal it died of,
        else the number of its steps."""
        order = {
            "flow": self._flow,
            "arguments": arguments,
            "settings": self._settings,
            "before": before,
        }
        pid = self._zygote.start(order)
        assert count_its_sessions() == 1
        if self._server is not None:
            self._server.watch = lambda verb: self._kill(pid, verb, at_verb)
        status = self._zygote.go_on(pid)
        if self._server is not None:
            self._server.watch = None
        assert status != FAILED, "the round failed by itself, see its traceback"
        if status < 0:
            wait_until_its_sessions_end()
        return status

    def _kill(self, pid: int, verb: str, at_verb: str) -> None:
        if verb == at_verb and self._server is not None:
            self._server.watch = None
            os.kill(pid, signal.SIGKILL)
