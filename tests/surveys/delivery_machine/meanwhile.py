"""While a round talks to the mail server, somebody objects, reopens, answers, or another worker
takes over: invariants 3 and 4 at the very moment of sending."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import rule

from surveys.models import Delivery
from surveys.services import return_paths
from surveys.services.delivery import dispatch_round
from surveys.services.delivery_claims import LEASE
from tests.smtp_server import Verb
from tests.surveys.delivery_machine import leaving
from tests.surveys.delivery_machine.dying import ALIVE
from tests.surveys.delivery_machine.objecting import LISTED, Objecting
from tests.surveys.delivery_machine.outside import Attempt
from tests.surveys.delivery_machine.sending import FRESH, MOODS, Sending, put_in_mood
from tests.surveys.delivery_machine.site import CASES

VERBS = st.sampled_from(["CONNECT", "MAIL", "RCPT", "DATA", "DOT"])


class Meanwhile(Sending, Objecting):
    """Rules of what happens at once."""

    @rule(
        fresh=FRESH,
        verb=VERBS,
        nth=st.integers(0, 2),
        person=LISTED,
        what=st.sampled_from(["object", "reopen", "erase", "answer"]),
        moods=MOODS,
    )
    def dispatch_while(
        self,
        fresh: set[str],
        verb: str,
        nth: int,
        person: str,
        what: str,
        moods: list[tuple[tuple[Verb, str], int]],
    ) -> None:
        """What has left by then has left; what has not must not any more."""
        act = {
            "object": lambda: self.import_list(person, "unsubscribed", ALIVE),
            "reopen": lambda: self._reopen(person),
            "erase": lambda: self.erase(person, ALIVE),
            "answer": lambda: self._answer(person),
        }[what]
        self.resolve_anew(fresh)
        put_in_mood(self.site, moods)
        self._round_interrupted(_Once(self.site.postbox.attempts, verb, nth, act))

    @rule(fresh=FRESH, verb=VERBS, nth=st.integers(0, 2))
    def dispatch_overtaken(self, fresh: set[str], verb: str, nth: int) -> None:
        """A worker stands still for longer than its lease, and goes on after another took over."""
        self.resolve_anew(fresh)
        later = self.site.now + LEASE + dt.timedelta(seconds=1)
        self._round_interrupted(
            _Once(self.site.postbox.attempts, verb, nth, lambda: dispatch_round(later))
        )
        self.site.now = later

    def _round_interrupted(self, once: _Once) -> None:
        postbox = self.site.postbox
        postbox.watch = once
        self.site.do(lambda: dispatch_round(self.site.now))
        postbox.watch = None
        postbox.behave()
        if once.failed is not None:
            raise once.failed
        leaving.check(self.site, was_noted=True, excused=once.gone)

    def _reopen(self, person: str) -> None:
        for name, who in CASES.items():
            if who == person:
                event = self.site.new_event("reopened", dt.timedelta(0), "Again")
                self._tell([(name, event)], ALIVE)

    def _answer(self, person: str) -> None:
        address = self.site.emails[person]
        for link in self.site.outside.links.values():
            if link.email == address:
                self._post(link, {"F1": 4, "fix_comment": "just now"}, ALIVE)


class _Once:
    """Acts when a verb comes for the n-th time, in the thread of the mail server: the client waits
    for its answer meanwhile. `gone` are the mails that had left or were in flight by then."""

    def __init__(
        self, attempts: list[Attempt], verb: str, nth: int, act: Callable[[], object]
    ) -> None:
        self.gone: set[int] = set()
        self.failed: BaseException | None = None
        self._attempts, self._verb, self._left, self._act = attempts, verb, nth, act

    def __call__(self, verb: str) -> None:
        if verb != self._verb or self._left < 0:
            return
        self._left -= 1
        if self._left >= 0:
            return
        try:
            self._act()
            in_flight = Delivery.objects.filter(status="sending", in_flight_at__isnull=False)
            self.gone.update(in_flight.values_list("pk", flat=True))
            for attempt in list(self._attempts):
                claimed = return_paths.read(attempt.sender)
                if claimed is not None:
                    self.gone.add(claimed.delivery_id)
        except BaseException as error:  # noqa: BLE001 -- told in the thread of the test
            self.failed = error
        finally:
            connection.close()
