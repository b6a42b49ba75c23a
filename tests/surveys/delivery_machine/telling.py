"""Cases are told: new events, old ones again, in any order and any number at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.surveys.delivery_machine.dying import ALIVE, FATES, Fate
from tests.surveys.delivery_machine.outside import Event
from tests.surveys.delivery_machine.site import CASES, Site

NAMES = st.sampled_from(sorted(CASES))
STATUSES = st.sampled_from(("resolved", "resolved", "reopened", "open"))
AGES = st.sampled_from(
    [dt.timedelta(0), dt.timedelta(hours=5), dt.timedelta(days=1), dt.timedelta(days=5)]
)
SUBJECTS = st.sampled_from(["No signal", "Bill | too high", "=cmd()"])


class Telling:
    """Rules of intake."""

    site: Site

    @rule(name=NAMES, age=AGES, subject=SUBJECTS, fate=FATES)
    def resolve(self, name: str, age: dt.timedelta, subject: str, fate: Fate) -> None:
        self._tell([(name, self.site.new_event("resolved", age, subject))], fate)

    @rule(name=NAMES, status=STATUSES, age=AGES, subject=SUBJECTS, fate=FATES)
    def tell(self, name: str, status: str, age: dt.timedelta, subject: str, fate: Fate) -> None:
        self._tell([(name, self.site.new_event(status, age, subject))], fate)

    @rule(
        told=st.lists(st.tuples(NAMES, STATUSES, AGES, SUBJECTS), min_size=2, max_size=5),
        fate=FATES,
    )
    def tell_several(self, told: list[tuple[str, str, dt.timedelta, str]], fate: Fate) -> None:
        self._tell(
            [(name, self.site.new_event(status, age, text)) for name, status, age, text in told],
            fate,
        )

    @precondition(lambda self: any(self.site.outside.told.values()))
    @rule(data=st.data(), fate=FATES)
    def deliver_again(self, data: st.DataObject, fate: Fate) -> None:
        """Some of what was told, heard or not, in another order."""
        known = sorted(
            (name, event) for name, told in self.site.outside.told.items() for event in told
        )
        again = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=6))
        acknowledged = all(event in self.site.outside.acknowledged[name] for name, event in again)
        answer = self._tell(again, fate)
        if answer is not None and acknowledged:
            # Of what was acknowledged nothing is news.
            outcomes = {result["outcome"] for result in answer["results"]}
            assert outcomes == {"unchanged"}, answer

    def resolve_anew(self, names: set[str]) -> None:
        """Have surveys due at once, of cases that were resolved before as well."""
        hours = dt.timedelta(hours=5)
        for name in sorted(names):
            events = [self.site.new_event(s, hours, "No signal") for s in ("reopened", "resolved")]
            self._tell([(name, event) for event in events], ALIVE)

    def _tell(self, events: list[tuple[str, Event]], fate: Fate) -> dict[str, Any] | None:
        answer = self.site.post_events(events, fate)
        if answer is None:
            return None
        assert answer.status_code in (200, 201), answer.content
        results = answer.json()["results"]
        assert [result["errors"] for result in results] == [[]] * len(events), results
        for name, event in events:
            self.site.outside.acknowledged[name].add(event)
        told: dict[str, Any] = answer.json()
        return told
