"""Compares what was acknowledged with what there is, and puts each difference to the fault during
which its thing was acknowledged, sent or due.

Pure: a ledger, facts and the story of the faults in, a matrix and words out.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos.facts import Facts, Invited, Mailed
from tests.chaos.ledger import Case, Ledger, Letter, Survey
from tests.chaos.matrix import Matrix

#: Nothing more happens to these.
FINAL: Final = frozenset({"failed", "skipped", "cancelled", "expired"})
#: These are closed in their time.
OPEN: Final = frozenset({"sent", "unknown"})


@dataclass
class Story:
    """Which fault was on at which time: (since, name), in order."""

    chapters: list[tuple[float, str]] = field(default_factory=list)

    def at(self, moment: float) -> str:
        place = bisect_right(self.chapters, (moment, "\uffff")) - 1
        return self.chapters[max(place, 0)][1]


@dataclass
class Judge:
    """Fills `matrix`; `words` say each thing lost or doubled."""

    ledger: Ledger
    facts: Facts
    story: Story
    matrix: Matrix = field(default_factory=Matrix)
    words: list[str] = field(default_factory=list)

    def judge(self) -> None:
        for _, name in self.story.chapters:
            self.matrix.cells.setdefault(name, {})
        self._cases()
        self._mails()
        self._stops()
        self._closed()
        self._answers()
        for difference in self.facts.differences:
            self._lost("aggregate", self.story.chapters[-1][0], f"a recount differs: {difference}")

    # Cells

    def _counted(self, flow: str, at: float) -> None:
        self.matrix.add(self.story.at(at), flow, 1)

    def _lost(self, flow: str, at: float, words: str) -> None:
        self.matrix.add(self.story.at(at), flow, 0, lost=1)
        self.words.append(f"lost in {flow} during {self.story.at(at)!r}: {words}")

    def _doubled(self, flow: str, at: float, words: str) -> None:
        self.matrix.add(self.story.at(at), flow, 0, doubled=1)
        self.words.append(f"doubled in {flow} during {self.story.at(at)!r}: {words}")

    # Intake

    def _cases(self) -> None:
        stored = {row[0]: row[1:] for row in self.facts.cases}
        n_stored = Counter(row[0] for row in self.facts.cases)
        events = Counter((case, status, round(at, 3)) for case, status, at in self.facts.events)
        n_resolutions = Counter(case for case, _ in self.facts.resolutions)
        n_invitations = Counter(each.resolution for each in self.facts.invitations)
        for case in self.ledger.cases.values():
            for place, at in case.acknowledged.items():
                self._counted("intake", at)
                event = case.events[place]
                key = (case.external_id, event.status, round(event.occurred_at.timestamp(), 3))
                if not events[key]:
                    self._lost("intake", at, f"{event.status} of case {case.external_id}")
                elif events[key] > 1:
                    self._doubled("intake", at, f"{event.status} of case {case.external_id}")
            if case.acknowledged:
                self._case(case, stored.get(case.external_id), n_stored, n_resolutions)
        for case_id, resolution in self.facts.resolutions:
            self._invited(case_id, n_invitations[resolution])

    def _case(
        self,
        case: Case,
        stored: tuple[str, ...] | None,
        n_stored: Counter[str],
        n_resolutions: Counter[str],
    ) -> None:
        """One case in its last state, and all its resolutions."""
        at = max(case.acknowledged.values())
        name = case.external_id
        if n_stored[name] > 1:
            self._doubled("intake", at, f"case {name}")
        if not case.is_told:
            return  # nobody was told of all of it, so part of it may be there
        last = case.events[-1]
        if stored is not None and stored != (last.subject, last.status):
            self._lost("intake", at, f"case {name} is {stored}, not as {last}")
        if n_resolutions[name] < case.n_resolutions:
            self._lost("intake", at, f"a resolution of case {name}")
        elif n_resolutions[name] > case.n_resolutions:
            self._doubled("intake", at, f"a resolution of case {name}")

    def _invited(self, case_id: str, n: int) -> None:
        case = self.ledger.cases.get(case_id)
        if case is None or not case.acknowledged or n == 1:
            return
        at = max(case.acknowledged.values())
        (self._lost if n == 0 else self._doubled)("intake", at, f"an invitation of case {case_id}")

    # Mails

    def _mails(self) -> None:
        arrived: dict[str, list[Letter]] = defaultdict(list)
        for letter in self.ledger.letters:
            arrived[letter.message_id.strip("<>").partition("@")[0]].append(letter)
        for mail in self.facts.mails:
            self._mail(mail, arrived.pop(mail.message_id, []))
        for letters in arrived.values():
            self._doubled("dispatch", letters[0].at, f"{letters[0].message_id} is of no mail")
        mails = {(each.invitation, each.kind): each for each in self.facts.mails}
        for invited in self.facts.invitations:
            self._waits(invited, mails.get((invited.id, "invitation")))

    def _mail(self, mail: Mailed, letters: Sequence[Letter]) -> None:
        flow = "dispatch" if mail.kind == "invitation" else "reminder, expiry"
        at = letters[0].at if letters else mail.sent_at or mail.in_flight_at or mail.due_at
        tried = bool(letters) or mail.status in ("sent", "unknown", "failed")
        name = f"{mail.kind} {mail.id}, {mail.status}"
        if tried:
            self._counted(flow, at)
        for letter in letters[1:]:
            self._doubled(flow, letter.at, f"{name} arrived {len(letters)} times")
        if mail.status == "unknown":
            self.matrix.add(self.story.at(mail.in_flight_at or at), flow, 0, unknown=1)
        elif mail.status == "sent" and not letters:
            self._lost(flow, at, f"{name} never arrived")
        elif mail.status != "sent" and letters:
            self._doubled(flow, at, f"{name} has arrived and nobody knows")
        if mail.status in ("queued", "sending") and mail.due_at <= self.story.chapters[-1][0]:
            self._lost(flow, mail.due_at, f"{name} waits and was due")

    def _waits(self, invited: Invited, mail: Mailed | None) -> None:
        """Every invitation is in a final state or something will move it on."""
        if invited.status in FINAL:
            return
        if invited.status in OPEN and invited.expires_at is not None:
            return
        if invited.status == "scheduled" and mail is not None and mail.status == "queued":
            return
        at = mail.due_at if mail else self.story.chapters[0][0]
        self._lost("dispatch", at, f"invitation {invited.id} is {invited.status} for ever")

    def _stops(self) -> None:
        """A mail put in flight after it was known that none may leave is one too many."""
        stops: dict[int, float] = {}
        for invited in self.facts.invitations:
            known = [self.ledger.unsubscribed.get(invited.email), self._reopened(invited.case)]
            stops[invited.id] = min((at for at in known if at is not None), default=math.inf)
        for mail in self.facts.mails:
            if (mail.in_flight_at or 0) > stops[mail.invitation]:
                flow = "dispatch" if mail.kind == "invitation" else "reminder, expiry"
                words = f"{mail.kind} {mail.id} left after a reopening or unsubscription"
                self._doubled(flow, mail.in_flight_at or 0, words)
        for email, at in self.ledger.unsubscribed.items():
            if email not in self.facts.suppressed:
                self._lost("answer", at, f"the unsubscription of {email}")

    def _reopened(self, name: str) -> float | None:
        """Since when a case was known to be reopened for good."""
        case = self.ledger.cases.get(name)
        if case is None or case.events[-1].status != "reopened":
            return None
        return case.acknowledged.get(len(case.events) - 1)

    def _closed(self) -> None:
        found = {each.id: each for each in self.facts.invitations}
        for invitation, at in self.ledger.closing.items():
            self._counted("reminder, expiry", at)
            if found[invitation].status not in FINAL:
                words = f"invitation {invitation} is {found[invitation].status} after its end"
                self._lost("reminder, expiry", at, words)

    # Answers

    def _answers(self) -> None:
        for survey in self.ledger.surveys.values():
            token_hash = hashlib.sha256(survey.token.encode()).digest()
            for post in survey.posts:
                self._counted("answer", post.at)
            if not survey.posts:
                continue
            at = survey.posts[-1].at
            self._answer(survey, self.facts.answers.get(token_hash))
            self._counted("aggregate", at)
            if token_hash in self.facts.uncounted:
                self._lost("aggregate", at, f"the answers of {survey.token[:8]}… are not counted")

    def _answer(self, survey: Survey, stored: dict[str, Any] | None) -> None:
        name = f"{survey.token[:8]}…"
        if stored is None:
            self._lost("answer", survey.posts[-1].at, f"all answers of {name}")
            return
        allowed = survey.allowed()
        for column, (at, value) in survey.expected().items():
            found = str(stored[column])
            if found != value and found not in allowed.get(column, ()):
                self._lost("answer", at, f"{column} of {name} is {found!r}, not {value!r}")
        at, most = survey.posts[-1].at, len(survey.posts) + len(survey.unanswered)
        if stored["n_revisions"] != stored["n_stored"]:
            self._lost("answer", at, f"a revision of {name}")
        if stored["n_stored"] > most:
            self._doubled("answer", at, f"{name} has {stored['n_stored']} revisions of {most}")
