"""Everything that is done to a running installation, each for a few seconds."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import redis

from tests.chaos import proxy
from tests.chaos.installation import Installation
from tests.chaos.proxy import Proxy
from tests.smtp_server import ACCEPT_AND_DROP, DROP, HANG, SmtpServer, Verb

#: How long Redis is away, and how long PostgreSQL stands still.
AWAY: Final = 4.0
#: How long the mail server thinks at each verb, so that there is always a mail on its way.
QUICK: Final = 0.003
SLOW: Final = 0.3
BEFORE_CONTENT: Final[tuple[Verb, ...]] = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA")
ANYWHERE: Final[tuple[Verb, ...]] = (*BEFORE_CONTENT, "CONTENT", "DOT")
KILL: Final = signal.SIGKILL


def _nothing() -> None:
    """What ends by itself."""


@dataclass(frozen=True)
class Fault:
    """Something bad: how it begins, and how it ends."""

    name: str
    begin: Callable[[], object]
    end: Callable[[], object] = _nothing


@dataclass
class Faults:
    """The faults of one installation; which process, which verb is left to the lot."""

    installation: Installation
    server: SmtpServer
    mail: Proxy
    web: Proxy
    lot: random.Random

    def __post_init__(self) -> None:
        self._stopped: list[int] = []
        self._pause = QUICK
        self._deed: tuple[Verb, Callable[[], object]] | None = None
        self.server.watch = self._watch

    def all(self) -> list[Fault]:
        return [*self._of_processes(), *self._of_services(), *self._of_mail(), *self._of_networks()]

    def _of_processes(self) -> list[Fault]:
        place = self.installation
        return [
            Fault("web killed", lambda: self._kill([place.pid("web")])),
            Fault("web process killed", lambda: self._kill(self._one(place.children("web")))),
            self._while_sending("worker killed", lambda: [place.pid(self._worker())]),
            self._while_sending("pool child killed", lambda: place.children(self._worker())[-1:]),
            Fault("beat killed", lambda: self._kill([place.pid("beat")])),
        ]

    def _of_services(self) -> list[Fault]:
        return [
            Fault("Redis stopped", self._stop_redis),
            Fault("Redis FLUSHALL", self._flush),
            Fault("PostgreSQL restarted at once", self._restart_postgres),
            Fault("PostgreSQL session killed", self._kill_session),
            Fault("PostgreSQL paused", self._pause_postgres, self._go_on),
        ]

    def _of_mail(self) -> list[Fault]:
        def said(name: str, verbs: tuple[Verb, ...], *reactions: str) -> Fault:
            return Fault(
                name,
                lambda: self.server.on(self.lot.choice(verbs), self.lot.choice(reactions)),
                self.server.behave,
            )

        later: tuple[Verb, ...] = ("MAIL", "RCPT", "DATA", "DOT")
        return [
            said("SMTP 4xx", later, "451 4.3.0 later", "450 4.2.1 not now"),
            said("SMTP 5xx", ("RCPT", "DOT"), "550 5.7.1 policy", "550 5.1.1 nobody here"),
            said("SMTP hangs", ANYWHERE, HANG),
            said("SMTP drops before DATA", BEFORE_CONTENT, DROP),
            said("SMTP drops after DATA", ("CONTENT", "DOT"), DROP),
            said("SMTP accepts and drops", ("DOT",), ACCEPT_AND_DROP),
            Fault("SMTP slow", self._slow, self._fast),
        ]

    def _of_networks(self) -> list[Fault]:
        def broken(name: str, which: Proxy, mode: str) -> Fault:
            return Fault(
                name,
                lambda: setattr(which, "mode", mode),
                lambda: setattr(which, "mode", proxy.PASS),
            )

        return [
            broken(f"{where} proxy: {mode}", which, mode)
            for where, which in (("mail", self.mail), ("web", self.web))
            for mode in (proxy.DELAY, proxy.RESET, proxy.HALF_CLOSE)
        ]

    def _while_sending(self, name: str, victims: Callable[[], list[Any]]) -> Fault:
        """Kill while the mail server hears a verb; where it hears none, all the same."""

        def begin() -> None:
            self._deed = self.lot.choice(ANYWHERE), lambda: self._kill(victims())

        return Fault(name, begin, self._do)

    def _do(self) -> None:
        deed, self._deed = self._deed, None
        if deed is not None:
            deed[1]()

    def _watch(self, verb: str) -> None:
        """Told by the mail server before it answers, which takes its time."""
        if self._deed is not None and self._deed[0] == verb:
            self._do()
        time.sleep(self._pause)

    def _worker(self) -> str:
        return self.lot.choice(self.installation.workers).name

    def _one(self, pids: list[int]) -> list[int]:
        return self.lot.sample(pids, min(1, len(pids)))

    def _kill(self, pids: list[int] | list[int | None]) -> None:
        self.installation.signal([pid for pid in pids if pid is not None], KILL)

    def _stop_redis(self) -> None:
        self.installation.hold_down("redis", AWAY)
        pid = self.installation.pid("redis")
        self.installation.signal([pid] if pid else [], signal.SIGTERM)

    def _flush(self) -> None:
        with contextlib.suppress(redis.RedisError):
            redis.Redis.from_url(self.installation.redis_url).flushall()

    def _restart_postgres(self) -> None:
        """As `pg_ctl restart -m immediate` stops it: no checkpoint, recovery from the log."""
        pid = self.installation.pid("postgres")
        self.installation.signal([pid] if pid else [], signal.SIGQUIT)

    def _kill_session(self) -> None:
        """PostgreSQL then ends every session and recovers by itself."""
        self._kill(self.installation.children("postgres")[-1:])

    def _pause_postgres(self) -> None:
        pid = self.installation.pid("postgres")
        self._stopped = ([pid] if pid else []) + self.installation.children("postgres")
        self.installation.signal(self._stopped, signal.SIGSTOP)

    def _go_on(self) -> None:
        self.installation.signal(self._stopped, signal.SIGCONT)
        self._stopped = []

    def _slow(self) -> None:
        self._pause = SLOW

    def _fast(self) -> None:
        self._pause = QUICK
