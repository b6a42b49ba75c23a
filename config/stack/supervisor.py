"""`manage.py up`: one process that starts every part, watches it, and leaves nothing behind."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from config import env
from config.stack.errors import StackError
from config.stack.home import Home, write_private
from config.stack.launcher import PR_SET_PDEATHSIG
from config.stack.process import LINUX, SUPERVISED, Child, spawn
from config.stack.services import Backing, Part

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STOP_WITH_PARENT = "STABLEDOOR_STOP_WITH_PARENT"
READY_WITHIN = 120.0
HEALTHY_AFTER = 60.0
LONGEST_PAUSE = 30.0
OURS = frozenset({"web", "worker", "beat", "bounces"})
WEB_WORKERS, WEB_THREADS = 2, 4
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- compared with, not bound to


class Stopped(Exception):  # noqa: N818 -- it is no error
    """Somebody asked the supervisor to stop."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `up`. A flag wins over the environment variable of the same name."""
    parser.add_argument("--demo", action="store_true", help="load the sample data once")
    parser.add_argument("--host", metavar="H", help="where to listen (HOST, 127.0.0.1)")
    parser.add_argument("--port", metavar="N", help="the port to listen on (PORT, 8000)")
    parser.add_argument("--home", metavar="DIR", help="the home (STABLEDOOR_HOME, .stabledoor/)")
    parser.add_argument(
        "--workers", metavar="N", type=int, default=2, help="processes for background jobs (2)"
    )


def main(arguments: Sequence[str]) -> int:
    """Run until asked to stop. Returns the exit code; raises StackError or ConfigurationError."""
    parser = argparse.ArgumentParser(prog="manage.py up", allow_abbrev=False)
    add_arguments(parser)
    options = parser.parse_args(arguments)
    if options.workers < 1:
        parser.error("--workers must be at least 1")
    for name in ("host", "port", "home"):
        given = getattr(options, name)
        if given:
            variable = "STABLEDOOR_HOME" if name == "home" else name.upper()
            os.environ.pop(f"{variable}_FILE", None)
            os.environ[variable] = given
    values = env.load(os.environ)
    home = Home(values["STABLEDOOR_HOME"] or BASE_DIR / ".stabledoor")
    host, port = values["HOST"] or "127.0.0.1", values["PORT"] or 8000
    return Supervisor(home, host, port, options.workers, demo=options.demo).run()


@dataclass
class Supervisor:
    """Everything one `up` runs."""

    home: Home
    host: str
    port: int
    workers: int
    demo: bool
    backing: Backing = field(init=False)
    signals: int = 0
    troubles: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.backing = Backing(self.home)

    def run(self) -> int:
        self._listen_to_signals()
        self.home.prepare()
        with self._sole_owner():
            self._require_port()
            started = datetime.now(UTC)
            try:
                self._start()
                self._await_ready(started)
                self._say_hello()
                self._watch()
            except Stopped:
                say("stopping")
            except OSError as error:
                raise StackError(f"{error.filename or self.home.path}: {error.strerror}") from error
            finally:
                self._stop()
        return 0

    # Signals

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        if os.environ.pop(STOP_WITH_PARENT, "") and LINUX:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)

    def _note_signal(self, *_: Any) -> None:
        self.signals += 1

    def _pause(self, seconds: float) -> None:
        if not self.signals:
            time.sleep(seconds)
        if self.signals:
            raise Stopped

    # Before anything starts

    @contextlib.contextmanager
    def _sole_owner(self) -> Iterator[None]:
        with self.home.lock("up") as up:
            if not up.held:
                running = self.home.services()
                number = f" (process {running.owner.pid})" if running else ""
                raise StackError(
                    f"Stabledoor already runs on the home {self.home.path}{number}. "
                    "Stop it, or choose another home with STABLEDOOR_HOME and another PORT"
                )
            told = False
            while True:
                with self.home.lock("owner") as owner:
                    if owner.held:
                        yield
                        return
                if not told:
                    say("waiting for a command that uses this home to end")
                    told = True
                self._pause(0.1)

    def _require_port(self) -> None:
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, address = found[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                probe.listen(1)
        except OSError as error:
            raise StackError(
                f"the web server cannot listen on {self.host} port {self.port}: "
                f"{error.strerror}. Choose another, for example PORT={self.port + 1}"
            ) from error

    # Starting

    def _start(self) -> None:
        os.environ |= {
            "STABLEDOOR_HOME": str(self.home.path),
            "HOST": self.host,
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            "CELERY_SKIP_CHECKS": "1",  # they load every page; the suite runs them
            SUPERVISED: "1",
        }
        self.home.secret("secret_key")
        self.backing.start(os.environ, env.address_of(self.host, self.port))
        self._pause(0)
        programs = self.programs()
        # The web server reads which static files were collected, so it waits in any case.
        early = ("worker", "beat") if self._known_tables() else ()
        for name in early:
            self.backing.add(name, partial(self._spawn, name, programs[name]))
        self._prepare()
        for name in programs.keys() - set(early):
            self.backing.add(name, partial(self._spawn, name, programs[name]))
            self._pause(0)

    def _known_tables(self) -> bool:
        """Whether the embedded database has had exactly these migrations, at an earlier start."""
        note = self.home.run / "migrations"
        embedded = not env.given("DATABASE_URL", os.environ)
        return embedded and note.exists() and note.read_text().strip() == migrations_state()

    def _prepare(self) -> None:
        """Migrations, static files, sample data: one command, watched like the rest."""
        command = [sys.executable, "manage.py", "prepare", *(["--demo"] if self.demo else [])]
        part = self.backing.add("prepare", partial(self._spawn, "prepare", command))
        while part.child and part.child.running:
            self._pause(0.02)
        self.backing.parts.remove(part)
        if part.child and part.child.popen.returncode:
            refused, named, why = part.child.last_words().partition("CommandError: ")
            words = why if named else f"the database could not be prepared: {refused}"
            raise StackError(f"{words} (see {part.child.log})")
        write_private(self.home.run / "migrations", migrations_state())

    def programs(self) -> dict[str, list[str]]:
        """The command of each part that is ours."""
        celery = [sys.executable, "-m", "celery", "--app", "config.celery"]
        quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        bounces = [sys.executable, "manage.py", "receive_bounces"]
        return {
            **({"bounces": bounces} if env.given("BOUNCE_LISTENER", os.environ) else {}),
            "web": [
                sys.executable, "-m", "config.serve", "--interface", "wsgi", "--no-ws",
                "--host", self.host, "--port", str(self.port),
                "--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS),
                "--respawn-failed-workers", "--workers-kill-timeout", "5",
                "--log-level", "warning", "config.wsgi:application",
            ],
            "worker": [
                *celery, "worker", "--concurrency", str(self.workers), *quiet,
                "--hostname", f"stabledoor-{os.getpid()}@%h",
            ],
            "beat": [
                # Nothing is kept between runs: every entry is a sweep that may come early.
                *celery, "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", "",
                "--loglevel", "INFO",
            ],
        }  # fmt: skip

    def _spawn(self, name: str, command: Sequence[str]) -> Child:
        environment = dict(os.environ) | {"STABLEDOOR_PROCESS": name}
        log = self.home.logs / f"{name}.log"
        return spawn(name, command, log, environment=environment, directory=BASE_DIR)

    def _await_ready(self, started: datetime) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            self._require_running()
            failing = self._failing(started)
            if not failing:
                return
            if time.monotonic() > deadline:
                raise StackError(
                    f"not ready within {READY_WITHIN:.0f} s: {failing}; see {self.home.logs}"
                )
            self._pause(0.1)

    def _require_running(self) -> None:
        for part in self.backing.parts:
            if part.child and not part.child.running:
                raise StackError(
                    f"{part.name} cannot start: {part.child.last_words()} (see {part.child.log})"
                )

    def _failing(self, started: datetime) -> str:
        """What is not ready yet; nothing once every part answered since this start."""
        try:
            answer = self._ask("/readyz")
        except (OSError, http.client.HTTPException) as error:
            return f"web ({error})"
        except json.JSONDecodeError:
            return "web (its answer cannot be read)"
        faults = [name for name, part in answer["parts"].items() if not part["ok"]]
        seen = answer["parts"].get("beat", {}).get("seen_at")
        if not faults and (not seen or datetime.fromisoformat(seen) < started):
            return "beat and worker"
        return ", ".join(faults)

    def _ask(self, path: str) -> Any:
        connection = http.client.HTTPConnection(
            EVERYWHERE.get(self.host, self.host), self.port, timeout=5
        )
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Host": "localhost"})
            return json.loads(connection.getresponse().read())

    def _say_hello(self) -> None:
        address = env.address_of(self.host, self.port)
        say(f"{'Stabledoor':<17}{address}/")
        for line in self._greeting():
            say(line)
        say(f"ready {address}")

    def _greeting(self) -> list[str]:
        """What `prepare` wrote for whoever sits before the terminal: logins and the inbox."""
        with contextlib.suppress(OSError):
            return (self.home.run / "greeting").read_text().splitlines()
        return []

    # Watching and stopping

    def _watch(self) -> None:
        while True:
            self._pause(0.25)
            for part in self.backing.parts:
                if part.child and not part.child.running:
                    self._again(part, part.child)

    def _again(self, part: Part, ended: Child) -> None:
        """Start a part again that died, after a pause that grows while it keeps dying."""
        code = ended.popen.returncode
        how = (
            f"was ended by {signal.Signals(-code).name}"
            if code < 0
            else f"ended: {ended.last_words()}"
        )
        ended.stop()  # what is left of its process group
        now = time.monotonic()
        recent = [at for at in self.troubles.get(part.name, []) if now - at < HEALTHY_AFTER]
        self.troubles[part.name] = [*recent, now]
        pause = min(LONGEST_PAUSE, 0.5 * 2 ** len(recent))
        say(f"{part.name} {how}; starting it again in {pause:g} s")
        self._pause(pause)
        try:
            part.child = part.start()
        except StackError as error:
            say(str(error))
        self.backing.note()

    def _stop(self) -> None:
        """The web, the workers and beat at once, then what they lean on, in reverse order."""
        patience = 0.5 if self.signals > 1 else 15.0
        ours = [part for part in self.backing.parts if part.name in OURS]
        for part in ours:
            if part.child and part.child.running:
                part.child.popen.send_signal(part.child.record.stop_signal)
        for part in ours:
            if part.child:
                part.child.stop(patience)
        self.backing.stop()


def migrations_state() -> str:
    """A digest of the migrations as they lie in the checkout."""
    digest = hashlib.sha256()
    for file in sorted(BASE_DIR.glob("*/migrations/*.py")):
        digest.update(f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()


def say(line: str) -> None:
    """One line to the terminal, at once; nobody there to read it is no reason to end."""
    with contextlib.suppress(BrokenPipeError, ValueError):
        print(line, flush=True)
