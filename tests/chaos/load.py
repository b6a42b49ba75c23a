"""Helpdesks that tell cases, and customers that answer: each says a thing again until it is heard,
as a helpdesk and a person do, and writes down what was acknowledged."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import random
import re
import threading
import time
from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from tests.chaos.ledger import Case, Event, Ledger, Letter, Post, Survey

PATIENCE: Final = 15.0
#: A helpdesk's pause between two requests, so many seconds on average.
PAUSE: Final = 0.4
_WORDS: Final = (
    "no signal",
    "Überweisung",
    "señal",
    "انقطاع",
    "📵",
    "fixed?",
    "O'Brien",
    "<b>&amp;",
)
_AWAY: Final = (OSError, http.client.HTTPException)
#: What a case goes through; every resolved one follows one that is not.
_LIVES: Final = (
    ("resolved",),
    ("open", "resolved"),
    ("open", "resolved"),
    ("resolved", "reopened"),
    ("open", "resolved", "reopened", "resolved"),
)


class Client(threading.Thread):
    """Somebody outside, in a thread of its own, at an address that may fail at any moment."""

    def __init__(self, port: int, ledger: Ledger, seed: object) -> None:
        super().__init__(daemon=True)
        self.lot = random.Random(str(seed))
        self.ledger = ledger
        self.ending = threading.Event()
        self._port = port

    def post(self, path: str, body: str, headers: Mapping[str, str]) -> int:
        """The status of the answer, read to its end; 0 where none came."""
        with self.ledger.lock:
            self.ledger.n_requests += 1
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        status = 0
        with contextlib.closing(connection), contextlib.suppress(*_AWAY):
            connection.request("POST", path, body.encode(), dict(headers))
            answer = connection.getresponse()
            content = answer.read()
            status = answer.status
            if b'"rejected"' in content:
                self.ledger.troubles.append(f"a case was rejected: {content!r}")
        with self.ledger.lock:
            self.ledger.n_refused += status not in (200, 201, 303)
        return status

    def get(self, path: str) -> str:
        """The page, empty where none came."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        with contextlib.closing(connection), contextlib.suppress(*_AWAY):
            connection.request("GET", path)
            return connection.getresponse().read().decode(errors="replace")
        return ""

    @abstractmethod
    def run(self) -> None: ...

    def words(self) -> str:
        """A few words that are hard to keep byte for byte."""
        return " ".join(self.lot.choices(_WORDS, k=self.lot.randint(1, 6)))


class Helpdesk(Client):
    """Tells cases in small batches, out of order and repeatedly, reopenings a while later."""

    def __init__(self, port: int, ledger: Ledger, name: str, secret: str, seed: object) -> None:
        super().__init__(port, ledger, f"{seed} {name}")
        self._name = name
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._to_tell: list[tuple[float, Case, int]] = []
        self._n = 0

    def run(self) -> None:
        """Until it may end and everything was heard."""
        while True:
            if not self.ending.is_set():
                for _ in range(self.lot.randint(1, 4)):
                    self._begin()
            elif not self._to_tell:
                return
            self._tell(time.time())
            pause = PAUSE / 4 if self.ending.is_set() else self.lot.uniform(0, 2 * PAUSE)
            time.sleep(pause)

    def _begin(self) -> None:
        self._n += 1
        external_id = f"{self._name}-{self._n}"
        begun = datetime.now(UTC) - timedelta(hours=self.lot.uniform(6, 20))
        events = [
            Event(status, begun + timedelta(minutes=7 * place), self.words())
            for place, status in enumerate(self.lot.choice(_LIVES))
        ]
        case = Case(external_id, f"{external_id}@customers.example", events)
        with self.ledger.lock:
            self.ledger.cases[external_id] = case
        again = self.lot.uniform(0, 20)
        for place, event in enumerate(events):
            first = [one.status for one in events[: place + 1]].count("reopened") == 0
            later = self.lot.uniform(0, 2) + (0 if first else again)
            self._to_tell.append((time.time() + later, case, place))
            if event.status == "resolved" and self.lot.random() < 0.2:
                self._to_tell.append((time.time() + later + 3, case, place))

    def _tell(self, now: float) -> None:
        due = [one for one in self._to_tell if one[0] <= now or self.ending.is_set()]
        batch = self.lot.sample(due, min(len(due), self.lot.randint(1, 14)))
        if not batch:
            return
        body = json.dumps({"cases": [_told(case, case.events[place]) for _, case, place in batch]})
        if self.post("/api/v1/cases/", body, self._headers) not in (200, 201):
            time.sleep(0.3)
            return
        at = time.time()
        for one in batch:
            self._to_tell.remove(one)
            with self.ledger.lock:
                one[1].acknowledged.setdefault(one[2], at)


def _told(case: Case, event: Event) -> dict[str, Any]:
    at = event.occurred_at.isoformat()
    told = {
        "source": "chaos",
        "external_id": case.external_id,
        "status": event.status,
        "occurred_at": at,
        "customer": {"email": case.email, "language": "en"},
        "agents": [{"external_id": f"agent-{len(case.external_id) % 5}"}],
        "team": "Mobile",
        "product": "Prepaid",
        "cause": "no-signal",
        "subject": event.subject,
    }
    return told | ({"resolved_at": at} if event.status == "resolved" else {})


class Customer(Client):
    """Reads letters a while after they came; answers, changes an answer, or wants no more."""

    def __init__(
        self, port: int, ledger: Ledger, letters: queue.SimpleQueue[Letter], seed: object
    ) -> None:
        super().__init__(port, ledger, seed)
        self._letters = letters

    def run(self) -> None:
        """Until it may end; what it has begun it ends."""
        while not self.ending.is_set():
            with contextlib.suppress(queue.Empty):
                letter = self._letters.get(timeout=0.2)
                time.sleep(self.lot.uniform(0, 0.3))
                self._read(letter)

    def _read(self, letter: Letter) -> None:
        mood = self.lot.random()
        if mood < 0.06:
            self._unsubscribe(letter)
        elif mood < 0.7:
            self._answer(letter)

    def _unsubscribe(self, letter: Letter) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        while (status := self.post(letter.unsubscribe, "List-Unsubscribe=One-Click", form)) != 200:
            if status == 404 or self.ending.wait(0.5):
                return
        with self.ledger.lock:
            self.ledger.unsubscribed.setdefault(letter.recipient, time.time())

    def _answer(self, letter: Letter) -> None:
        """A page on the fix, a page on the cause, and sometimes the first again. All of them, where
        the page came that was opened first, in tabs that were opened then."""
        with self.ledger.lock:
            survey = self.ledger.surveys.setdefault(letter.token, Survey(letter.token))
        pages = [("fix", "F1", "fix_comment"), ("cause", "C1", "cause_comment")]
        if self.lot.random() < 0.3:
            pages.append(pages[0])
        form = {"shown_in": "en", "first": self._code(letter)}
        for page, item, comment in pages:
            given = {item: str(self.lot.randint(1, 5)), comment: self.words()}
            if not self._post_page(letter, survey, form | {"page": page}, given):
                return

    def _code(self, letter: Letter) -> str:
        """What the opened page says of a survey that nobody answered yet."""
        found = re.search(r'name="first" value="(\w*)"', self.get(letter.survey))
        return found[1] if found else ""

    def _post_page(
        self,
        letter: Letter,
        survey: Survey,
        hidden: Mapping[str, str],
        given: Mapping[str, str],
    ) -> bool:
        """Send it until it is acknowledged; False where the survey is closed, or nobody answered to
        the end."""
        body = urlencode({**hidden, **given})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        while True:
            status = self.post(letter.survey, body, form)
            if status == 303:
                with self.ledger.lock:
                    survey.posts.append(Post(time.time(), given))
                return True
            if status in (404, 410) or self.ending.wait(0.5):
                with self.ledger.lock:
                    survey.unanswered.append(given)
                return False
