"""The backing services of a home: started by `up`, or for one command alone, or found running."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from config import env
from config.stack import redis
from config.stack.errors import StackError
from config.stack.home import Home, Services
from config.stack.postgres import Postgres
from config.stack.process import Child, Record, purge, spawn, started_at

CATCHER = Path(__file__).with_name("catcher.py")
PATIENCE = 60.0


@dataclass
class Part:
    """Something that runs, and how to start it again."""

    name: str
    start: Callable[[], Child]
    child: Child | None = None


@dataclass
class Backing:
    """PostgreSQL, Redis and mail catcher of one home, as far as no other is configured."""

    home: Home
    parts: list[Part] = field(default_factory=list)
    mail_socket: socket.socket | None = None

    def start(self, environ: Mapping[str, str], site_url: str | None = None) -> Services:
        """Start what is missing and say where it is; stop all of it where one cannot start."""
        purge(self.home.records())
        services = Services(owner=this_process(), site_url=site_url)
        try:
            if not env.given("DATABASE_URL", environ):
                services = replace(services, database_url=self._postgres())
            if not env.given("REDIS_URL", environ):
                services = self._broker(services)
            if not env.given("EMAIL_URL", environ):
                services = replace(services, email_url=self._catcher())
        except BaseException:
            self.stop()
            raise
        self.home.announce(services)
        return services

    def stop(self) -> None:
        """Withdraw the addresses, then stop in the reverse order of the start."""
        self.home.withdraw()
        for part in reversed(self.parts):
            if part.child:
                part.child.stop()
        self.parts.clear()
        self.note()
        self.home.forget_socket_directory()
        if self.mail_socket:
            self.mail_socket.close()

    def add(self, name: str, start: Callable[[], Child]) -> Part:
        """Start a part and write its process down for whoever comes after a kill."""
        part = Part(name, start)
        self.parts.append(part)
        part.child = start()
        self.note()
        return part

    def note(self) -> None:
        """Write the running processes down; a full disk must not keep anything from stopping."""
        with contextlib.suppress(OSError):
            self.home.record([part.child.record for part in self.parts if part.child])

    def _postgres(self) -> str:
        server = Postgres.of(self.home)
        self.add("postgres", lambda: server.start()[0])
        return server.url

    def _broker(self, services: Services) -> Services:
        program = redis.server()
        if program is None:
            directory = self.home.path / "broker"
            directory.mkdir(mode=0o700, exist_ok=True)
            return replace(services, broker_directory=str(directory))
        self.add("redis", lambda: redis.start(self.home, program)[0])
        return replace(services, redis_url=redis.url(self.home))

    def _catcher(self) -> str:
        self.mail_socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        descriptor = self.mail_socket.fileno()
        command = [sys.executable, "-P", str(CATCHER), str(descriptor), str(self.home.mail)]
        log = self.home.logs / "mail.log"
        self.add("mail", partial(spawn, "mail", command, log, pass_fds=[descriptor]))
        return f"smtp://127.0.0.1:{self.mail_socket.getsockname()[1]}"


def this_process() -> Record:
    return Record("owner", os.getpid(), started_at(os.getpid()) or "", 15)


def all_configured(environ: Mapping[str, str]) -> bool:
    """Whether the environment names every backing service, so that none is started."""
    return all(env.given(name, environ) for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"))


@contextlib.contextmanager
def for_command(home: Home, environ: Mapping[str, str]) -> Iterator[bool]:
    """The services one command needs: those that run, else started for it and stopped after it.

    Yields True where it started them. Several commands may run at once: whoever started the
    services waits at its end until the others are done.
    """
    if all_configured(environ):
        yield False
        return
    home.prepare()
    with home.lock("users", shared=True, wait=True) as users:
        deadline = time.monotonic() + PATIENCE
        while True:
            with home.lock("owner") as owner:
                if owner.held:
                    backing = Backing(home)
                    home.secret("secret_key")
                    backing.start(environ)
                    try:
                        yield True
                    finally:
                        users.make_exclusive()
                        backing.stop()
                    return
            if home.services():
                yield False
                return
            if time.monotonic() > deadline:
                raise StackError(
                    f"another command has been starting the services of {home.path} for "
                    f"{PATIENCE:.0f} s; see {home.logs}"
                )
            time.sleep(0.05)
