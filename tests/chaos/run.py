"""One run: an installation under load, a fault every few seconds, and the reckoning."""

from __future__ import annotations

import json
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from config.stack.errors import StackError
from tests.chaos import ageing, facts
from tests.chaos.faults import Fault, Faults
from tests.chaos.installation import Installation
from tests.chaos.ledger import Ledger
from tests.chaos.load import Client, Customer, Helpdesk
from tests.chaos.mails import Inbox
from tests.chaos.proxy import PASS, Proxy
from tests.chaos.reconciling import Judge, Story
from tests.smtp_server import SmtpServer

#: From one fault to the next, and how long one lasts that does not end by itself.
EVERY: Final = 5.0
LASTS: Final = 3.5
WARM_UP: Final = 5.0
QUIET_WITHIN: Final = 120.0
N_HELPDESKS: Final = 2
N_CUSTOMERS: Final = 4

Say = Callable[[str], None]


@dataclass
class Chaos:
    """Everything of one run; `close` leaves nothing behind, however it ends."""

    home: Path
    seconds: float
    seed: int
    say: Say
    ledger: Ledger = field(default_factory=Ledger)
    story: Story = field(default_factory=Story)

    def __post_init__(self) -> None:
        self._lot = random.Random(self.seed)
        self._clients: list[Client] = []
        self._fault: Fault | None = None
        threading.excepthook = self._note
        self._server = SmtpServer(pipelining=True)
        self._server.__enter__()
        # Each draws from its own: else who comes first would decide which fault is next.
        self._mail = Proxy(self._server.port, random.Random(f"{self.seed} mail"))
        self._inbox = Inbox(self._server, self.ledger, N_CUSTOMERS)
        self.place = Installation(self.home, EMAIL_URL=f"smtp://127.0.0.1:{self._mail.port}")
        self._web = Proxy(self.place.port, random.Random(f"{self.seed} web"))

    def run(self) -> Judge:
        """The whole run, to its matrix."""
        self._begin("no fault")
        self.place.start()
        self._load()
        self._pass(WARM_UP)
        for fault in self._faults():
            self._suffer(fault)
        self._begin("after the last fault")
        self._heal()
        self._end_load()
        self._wait_until_quiet()
        return self._reckon()

    def close(self) -> None:
        """End what was started. PostgreSQL must not be left standing still."""
        if self._fault is not None:
            self._fault.end()
        for client in self._clients:
            client.ending.set()
        self.place.stop()
        for proxy in (self._mail, self._web):
            proxy.close()
        self._server.close()
        self._inbox.close()

    # The run

    def _load(self) -> None:
        secret = self.place.manage("create_api_key", "chaos", "--scope", "cases:write").strip()
        for n in range(N_HELPDESKS):
            desk = Helpdesk(self._web.port, self.ledger, f"desk{n}", secret, self.seed)
            self._clients.append(desk)
        for n, letters in enumerate(self._inbox.letters):
            seed = f"{self.seed} customer {n}"
            self._clients.append(Customer(self._web.port, self.ledger, letters, seed))
        for client in self._clients:
            client.start()

    def _faults(self) -> Iterator[Fault]:
        """All of them again and again, each time in another order, until the time is over."""
        ends_at = time.monotonic() + self.seconds
        lot = random.Random(f"{self.seed} faults")
        known = Faults(self.place, self._server, self._mail, self._web, lot).all()
        while True:
            for fault in self._lot.sample(known, len(known)):
                if time.monotonic() >= ends_at:
                    return
                yield fault

    def _suffer(self, fault: Fault) -> None:
        self._begin(fault.name)
        self._fault = fault
        fault.begin()
        self._pass(LASTS)
        fault.end()
        self._fault = None
        self._pass(EVERY - LASTS)
        self._age()

    def _begin(self, name: str) -> None:
        self.story.chapters.append((time.time(), name))
        self.say(f"{name:<28} {self._so_far()}")

    def _so_far(self) -> str:
        cases, letters = len(self.ledger.cases), len(self.ledger.letters)
        answers = sum(len(survey.posts) for survey in list(self.ledger.surveys.values()))
        requests, refused = self.ledger.n_requests, self.ledger.n_refused
        return (
            f"{cases:,} cases, {letters:,} mails, {answers:,} answers, "
            f"{requests:,} requests, {refused:,} without a 2xx"
        )

    def _pass(self, seconds: float) -> None:
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            self.place.keep()
            # Beat does it every five seconds: workers would sleep most of the time.
            self.place.wake("surveys.dispatch_due")
            time.sleep(0.25)

    def _age(self) -> None:
        """Where the database is away, time passes later."""
        try:
            with self.place.database() as database:
                ageing.some(database, self.ledger)
        except psycopg.OperationalError as error:
            self.say(f"  (no time passes: {str(error).splitlines()[0]})")

    # The end

    def _heal(self) -> None:
        self._server.behave()
        self._mail.mode = self._web.mode = PASS
        self.place.heal()

    def _end_load(self) -> None:
        for client in self._clients:
            client.ending.set()
        for client in self._clients:
            client.join(60)
            if client.is_alive():
                self.ledger.troubles.append(f"{client} did not end")

    def _wait_until_quiet(self) -> None:
        """Workers end, so that whatever is still being sent is held by the dead; days pass; what is
        due then is done."""
        self.place.end_workers()
        with self.place.database() as database:
            ageing.leases(database)
        self.place.heal()
        ends_at = time.monotonic() + QUIET_WITHIN
        waits = "nothing was looked at"
        while time.monotonic() < ends_at:
            self.place.keep()
            with self.place.database() as database:
                ageing.pauses(database)
                waits = _waits(database)
            if not waits:
                return
            for task in ("surveys.dispatch_due", "surveys.expire_due", "analytics.aggregate"):
                self.place.wake(task)
            time.sleep(0.5)
        self.ledger.troubles.append(f"it does not come to rest: {waits}")

    def _reckon(self) -> Judge:
        self._inbox.close()
        try:
            told = json.loads(self.place.manage("verify_aggregates", "--json"))
            differences = [str(each) for each in told["differences"]]
        except StackError as error:
            differences = [str(error)]
        with self.place.database() as database:
            found = facts.read(database, differences)
        judge = Judge(self.ledger, found, self.story)
        judge.judge()
        return judge

    def _note(self, failed: threading.ExceptHookArgs) -> None:
        self.ledger.troubles.append(
            f"{failed.thread}: {failed.exc_type.__name__} {failed.exc_value}"
        )


_WAITING: Final = {
    "mails are being sent": "SELECT count(*) FROM surveys_delivery WHERE status = 'sending'",
    "mails are due": (
        "SELECT count(*) FROM surveys_delivery WHERE status = 'queued' AND due_at <= now()"
    ),
    "surveys are over": (
        "SELECT count(*) FROM surveys_invitation"
        " WHERE status IN ('sent', 'unknown') AND expires_at <= now()"
    ),
    "answers are not counted": "SELECT count(*) FROM surveys_answerchange",
}


def _waits(database: psycopg.Connection[tuple[int]]) -> str:
    """What is still to be done, in words."""
    found = {words: database.execute(sql).fetchone() for words, sql in _WAITING.items()}
    return ", ".join(f"{row[0]} {words}" for words, row in found.items() if row and row[0])


def new_home() -> Path:
    """An empty home for one run."""
    return Path(tempfile.mkdtemp(prefix="stabledoor-chaos-")) / "home"
