"""A complete installation in a home of its own: the supervisor's parts, kept alive from here, so
that one of them can also be kept down for a while."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
from kombu.exceptions import OperationalError

from config.stack.errors import StackError
from config.stack.home import Home
from config.stack.process import SUPERVISED, Child, spawn
from config.stack.services import Part
from config.stack.supervisor import Supervisor
from tests.faults.workers import wake
from tests.stack.running import MANAGE, ROOT, environment, free_port

N_WORKERS: Final = 2
#: A part that died is started again after so many seconds, as `up` does at first.
PAUSE: Final = 0.5
READY_WITHIN: Final = 90.0


class Installation:
    """PostgreSQL, Redis, web, workers and beat. Everything is started by the thread that made it,
    for the parts die with that thread."""

    def __init__(self, path: Path, **variables: object) -> None:
        self.home = Home(path)
        self.port = free_port()
        self._supervisor = Supervisor(self.home, "127.0.0.1", self.port, 1, demo=False)
        self.backing = self._supervisor.backing
        self._environment: Mapping[str, str] = environment(
            STABLEDOOR_HOME=path,
            HOST="127.0.0.1",
            PORT=self.port,
            PYTHONUNBUFFERED="1",
            CELERY_SKIP_CHECKS="1",
            **{SUPERVISED: "1"},
            **variables,
        )
        self._owned = contextlib.ExitStack()
        self._held_until: dict[str, float] = {}
        self.n_started_again = 0

    def start(self) -> None:
        """Everything, until it says that it is ready."""
        self.home.prepare()
        # Else a command would start services of its own, and stop ours.
        self._owned.enter_context(self.home.lock("owner"))
        self.home.secret("secret_key")
        services = self.backing.start(self._environment)
        assert services.database_url is not None
        assert services.redis_url is not None
        self.database_url, self.redis_url = services.database_url, services.redis_url
        self.manage("prepare")
        programs = self._supervisor.programs()
        self._add("web", programs["web"])
        for number in range(N_WORKERS):
            name = f"worker-{number}"
            self._add(name, [*programs["worker"][:-1], f"{name}@%h"])
        self._add("beat", programs["beat"])
        self.wait_until_ready()

    def stop(self) -> None:
        """Our parts at once, then what they lean on."""
        ours = [part.child for part in self.backing.parts if part.child]
        for child in ours[2:]:
            with contextlib.suppress(ProcessLookupError):
                child.popen.send_signal(child.record.stop_signal)
        for child in ours[2:]:
            child.stop(5)
        self.backing.stop()
        self._owned.close()

    def manage(self, *arguments: str) -> str:
        """What a command of the installation says."""
        done = subprocess.run(
            [*MANAGE, *arguments],
            cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        if done.returncode:
            raise StackError(f"manage.py {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    # Parts

    def part(self, name: str) -> Part:
        return next(part for part in self.backing.parts if part.name == name)

    @property
    def workers(self) -> list[Part]:
        return [part for part in self.backing.parts if part.name.startswith("worker-")]

    def pid(self, name: str) -> int | None:
        """The process of a part, where it runs."""
        child = self.part(name).child
        return child.popen.pid if child and child.running else None

    def children(self, name: str) -> list[int]:
        """The processes that a part forked, in the order in which it did."""
        pid = self.pid(name)
        if pid is None:
            return []
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            return [int(each) for each in told.split()]
        return []

    def signal(self, pids: Sequence[int], number: signal.Signals) -> None:
        """To processes of this installation; one that is gone needs none."""
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def hold_down(self, name: str, seconds: float) -> None:
        """Whatever happens to this part, it is not started again before."""
        self._held_until[name] = time.monotonic() + seconds

    def keep(self) -> None:
        """Start again what died and is not held down. To be called again and again."""
        for part in self.backing.parts:
            child = part.child
            if child is None or child.running:
                continue
            now = time.monotonic()
            if now < self._held_until.setdefault(part.name, now + PAUSE):
                continue
            self._held_until.pop(part.name)
            child.stop()  # what is left of its process group
            with contextlib.suppress(StackError):
                part.child = part.start()
                self.n_started_again += 1
            self.backing.note()

    def heal(self) -> None:
        """Start everything that is down, and wait for it."""
        self._held_until.clear()
        self.wait_until_ready()

    def end_workers(self) -> None:
        """Every worker ends as it does when asked to; `heal` starts them again."""
        for part in self.workers:
            if part.child:
                part.child.stop(15)

    # What it says

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.database_url, autocommit=True, connect_timeout=5)

    def wake(self, task: str) -> None:
        """Publish a task, as beat does; without Redis, nothing."""
        if self.pid("redis") is not None:
            with contextlib.suppress(OperationalError):
                wake(self.redis_url, task)

    def wait_until_ready(self) -> None:
        """Raises: StackError where it is not in time."""
        ends_at = time.monotonic() + READY_WITHIN
        told = "nothing"
        while time.monotonic() < ends_at:
            self.keep()
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                told = self._ask()
                if not told:
                    return
            time.sleep(0.1)
        raise StackError(f"not ready within {READY_WITHIN:.0f} s: {told}; see {self.home.logs}")

    def _ask(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/readyz", headers={"Host": "localhost"})
            return ", ".join(json.loads(connection.getresponse().read())["failing"])

    def _add(self, name: str, command: Sequence[str]) -> None:
        self.backing.add(name, partial(self._spawn, name, command))

    def _spawn(self, name: str, command: Sequence[str]) -> Child:
        variables = {**self._environment, "STABLEDOOR_PROCESS": name.partition("-")[0]}
        log = self.home.logs / f"{name}.log"
        return spawn(name, command, log, environment=variables, directory=ROOT)
