"""One installation under the machine: its clock, its people, and every way in and out of it."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import time_machine
from django.db import connection
from django.test import Client

from surveys.api.limits import BUCKETS
from surveys.models import Delivery, Policy
from surveys.respondent.base import LIMITER
from surveys.services import keys, return_paths
from surveys.services.publishing import ensure_defaults
from tests.surveys.delivery_machine.dying import ALIVE, Fate, live
from tests.surveys.delivery_machine.outside import Attempt, Event, Link, Outside
from tests.surveys.delivery_machine.postbox import Postbox

BEGIN = dt.datetime(2026, 3, 20, 12, 0, tzinfo=dt.UTC)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# All that an example writes, children first; what is append-only stays and names other people.
_WRITTEN = (
    *("linkopening", "deliveryreport", "answerchange", "followupchange", "followup"),
    *("responserevision", "response", "delivery", "invitation", "resolutionagent", "resolution"),
    *("caseevent", "case", "customer", "suppression", "erasedcustomer", "mailpace"),
)
#: Who asks about what: two of them have two cases.
CASES = {"c1": "ada", "c2": "ada", "c3": "bob", "c4": "bob", "c5": "cy", "c6": "dee"}
_TOKEN = re.compile(r"/s/([\w-]{27})/")


class Site:
    """A fresh installation, empty but for its policy."""

    def __init__(self, postbox: Postbox, secret: str, policy: dict[str, Any]) -> None:
        self.postbox, self.outside, self.now = postbox, Outside(), BEGIN
        self.n_done = 0  # to tell that something was done since the last check
        self._run = uuid.uuid4().hex[:8]
        self._moments = count(1)
        self.emails = {name: f"{name}.{self._run}@example.com" for name in set(CASES.values())}
        postbox.behave()
        postbox.taken_away()
        BUCKETS.forget()
        with connection.cursor() as cursor:
            for name in _WRITTEN:
                cursor.execute(f"DELETE FROM surveys_{name}")  # noqa: S608 -- our own tables
        ensure_defaults()
        Policy.objects.update(**policy)
        self.close_days, self.cooldown_days = 14, policy["cooldown_days"]
        self.has_quiet_hours = policy["quiet_hours"] is not None
        self._api = Client(headers={"Authorization": f"Bearer {secret}"})
        self._web = Client(enforce_csrf_checks=True, headers={"User-Agent": BROWSER})

    @staticmethod
    def make_key() -> str:
        return keys.create("The helpdesk", ["cases:write"])[1]

    @contextmanager
    def at_its_time(self) -> Iterator[None]:
        self.n_done += 1
        with time_machine.travel(self.now, tick=False):
            yield

    def email_of(self, case: str) -> str:
        return self.emails[CASES[case]]

    def new_event(self, status: str, age: dt.timedelta, subject: str) -> Event:
        """Of a moment of its own; of two of the same age the one made later is the later one."""
        at = self.now - age - dt.timedelta(milliseconds=100_000 - next(self._moments))
        return Event(at, status, subject)

    def post_events(self, events: list[tuple[str, Event]], fate: Fate = ALIVE) -> Any:
        """Tell of cases as a helpdesk does; the answer, or None where there was none."""
        cases = [self._case(name, event) for name, event in events]

        def work() -> Any:
            return self._api.post("/api/v1/cases/", {"cases": cases}, "application/json")

        for name, event in events:
            self.outside.told[name].add(event)
        with self.at_its_time():
            return live(work, fate)

    def _case(self, name: str, event: Event) -> dict[str, Any]:
        told = {
            "source": f"desk {self._run}",
            "external_id": name,
            "status": event.status,
            "occurred_at": event.at.isoformat(),
            "subject": event.subject,
            "agents": [{"external_id": "a1", "name": "Grace"}],
            "customer": {"email": self.email_of(name), "name": CASES[name]},
        }
        return told | ({"resolved_at": event.at.isoformat()} if event.status == "resolved" else {})

    def ask(self, method: str, path: str, data: Any = None, fate: Fate = ALIVE) -> Any:
        """A request of whoever holds a link; the answer, or None where there was none."""
        LIMITER.clear()
        with self.at_its_time():
            return live(lambda: getattr(self._web, method)(path, data), fate)

    def do(self, work: Callable[[], Any], fate: Fate = ALIVE) -> Any:
        with self.at_its_time():
            return live(work, fate)

    def note_mails(self, *, was_noted: bool) -> list[tuple[Delivery, Attempt]]:
        """What the mail server saw since the last look, with the delivery that each was of."""
        seen = []
        for attempt in self.postbox.taken_away():
            claimed = return_paths.read(attempt.sender)
            assert claimed is not None, f"a mail from {attempt.sender}"
            mail = Delivery.objects.select_related("invitation__resolution__case").get(
                pk=claimed.delivery_id
            )
            attempt.at, attempt.was_noted = self.now, was_noted
            message = mail.invitation_id, mail.kind
            self.outside.attempts[message].append(attempt)
            self.outside.senders[message] = attempt.sender
            seen.append((mail, attempt))
            if attempt.content:
                self._note_link(mail, attempt)
        return seen

    def _note_link(self, mail: Delivery, attempt: Attempt) -> None:
        content = email.message_from_bytes(attempt.content, policy=email.policy.default)
        text = content.get_body(("plain",))
        assert text is not None, "a mail without plain text"
        found = _TOKEN.search(text.get_content())
        assert found is not None, "a mail without a link"
        self.outside.links.setdefault(
            found[1],
            Link(
                found[1],
                mail.invitation_id,
                mail.invitation.resolution.case.external_id,
                attempt.recipient,
                self.now,
            ),
        )
