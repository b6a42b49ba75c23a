"""What the outside world was told and saw: the small model that the database is held against.

It knows nothing of how Stabledoor works: events that were acknowledged, mails that a server took,
answers that got a 2xx or 3xx, objections that were confirmed.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

# The weightiest last; only a wish of the person takes an address off again.
WEIGHT = ("manual", "unreachable", "bounced", "complained", "unsubscribed", "erased")

Message = tuple[int, str]  # the invitation and which of its two mails


@dataclass(frozen=True, order=True)
class Event:
    """One thing told of a case; no two of one case are of the same moment."""

    at: dt.datetime
    status: str
    subject: str


@dataclass
class Stretch:
    """A time of being resolved."""

    begins: dt.datetime
    ends: dt.datetime | None = None

    def holds(self, moment: dt.datetime) -> bool:
        return self.begins <= moment and (self.ends is None or moment < self.ends)


def stretches(events: Iterable[tuple[dt.datetime, str]]) -> list[Stretch]:
    """When a case was resolved, from its events in any order."""
    found: list[Stretch] = []
    for at, status in sorted(events):
        is_in_one = bool(found) and found[-1].ends is None
        if status == "resolved" and not is_in_one:
            found.append(Stretch(at))
        elif status != "resolved" and is_in_one:
            found[-1].ends = at
    return found


@dataclass
class Attempt:
    """A mail whose content a server began to read. `reply` is what it said at the end: None where
    the line was cut before."""

    sender: str
    recipient: str
    reply: str | None = None
    content: bytes = b""
    at: dt.datetime | None = None
    # Whether the sender lived on to note what became of it.
    was_noted: bool = True

    @property
    def fate(self) -> Literal["taken", "refused", "unknown"]:
        if self.reply is None:
            return "unknown"
        return "taken" if self.reply.startswith("2") else "refused"


@dataclass
class Answered:
    """What one link was told it had stored: the current answers, and every post that changed
    them."""

    current: dict[str, Any] = field(default_factory=dict)
    posts: list[dict[str, Any]] = field(default_factory=list)

    def after(self, posted: dict[str, Any]) -> Answered:
        merged = {**self.current, **posted}
        merged = {name: value for name, value in merged.items() if value not in (None, "")}
        if merged == self.current:
            return Answered(self.current, self.posts)
        return Answered(merged, [*self.posts, posted])


@dataclass
class Link:
    """A link that someone has in their mailbox."""

    token: str
    invitation: int
    case: str
    email: str
    # Of the first mail that carried it.
    came_at: dt.datetime
    answered: Answered = field(default_factory=Answered)


@dataclass
class Outside:
    """All of it, for one example."""

    acknowledged: dict[str, set[Event]] = field(default_factory=lambda: defaultdict(set))
    # Told at least once, with or without an answer.
    told: dict[str, set[Event]] = field(default_factory=lambda: defaultdict(set))
    objections: dict[str, str] = field(default_factory=dict)
    # Who objected at any time, whether they were told that it was heard or not.
    ever_objected: set[str] = field(default_factory=set)
    # Who asked for mails again since the database was last looked at.
    may_lift: set[str] = field(default_factory=set)
    # Who ever did: a bounce of before is not held against them.
    ever_lifted: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    attempts: dict[Message, list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    resends: Counter[Message] = field(default_factory=Counter)
    links: dict[str, Link] = field(default_factory=dict)
    senders: dict[Message, str] = field(default_factory=dict)

    def object(self, email: str, reason: str) -> None:
        """Somebody was told that this address will not be written to."""
        held = self.objections.get(email)
        if held is None or WEIGHT.index(reason) > WEIGHT.index(held):
            self.objections[email] = reason
        self.doubt(email)

    def doubt(self, email: str) -> None:
        """Somebody objected, and nobody told them whether that was heard."""
        self.ever_objected.add(email)

    def invited(self, link: Link) -> list[Attempt]:
        """The attempts at the mail that brought a link."""
        return self.attempts[link.invitation, "invitation"]
