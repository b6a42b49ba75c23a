"""What was acknowledged, as those outside saw it: the only thing that reconciling believes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

#: Columns of a response by the names that the form posts.
COLUMNS: Final[Mapping[str, str]] = {
    "F1": "f1",
    "C1": "c1",
    "fix_comment": "fix_comment",
    "cause_comment": "cause_comment",
}


@dataclass(frozen=True)
class Event:
    """One thing that a helpdesk tells of a case."""

    status: str
    occurred_at: datetime
    subject: str


@dataclass
class Case:
    """A case with all that is ever told of it. `acknowledged` maps the place of an event to when
    its first 2xx came; times are in seconds since the epoch."""

    external_id: str
    email: str
    events: list[Event]
    acknowledged: dict[int, float] = field(default_factory=dict)

    @property
    def n_resolutions(self) -> int:
        """By construction: every resolved event follows one that is not."""
        return sum(event.status == "resolved" for event in self.events)

    @property
    def is_told(self) -> bool:
        """Whether everything of it was acknowledged."""
        return len(self.acknowledged) == len(self.events)


@dataclass(frozen=True)
class Post:
    """An answer that was acknowledged."""

    at: float
    fields: Mapping[str, str]


@dataclass
class Survey:
    """What the holder of one link sent: acknowledged, and what had no answer."""

    token: str
    posts: list[Post] = field(default_factory=list)
    unanswered: list[Mapping[str, str]] = field(default_factory=list)

    def expected(self) -> dict[str, tuple[float, str]]:
        """What each column must hold, and since when; a later answer replaces an earlier one."""
        found: dict[str, tuple[float, str]] = {}
        for post in self.posts:
            for name, value in post.fields.items():
                found[COLUMNS[name]] = (post.at, value)
        return found

    def allowed(self) -> dict[str, set[str]]:
        """What else a column may hold, because nobody was told whether it was stored."""
        found: dict[str, set[str]] = {}
        for fields in self.unanswered:
            for name, value in fields.items():
                found.setdefault(COLUMNS[name], set()).add(value)
        return found


@dataclass(frozen=True)
class Letter:
    """A mail that the mail server took."""

    at: float
    message_id: str
    recipient: str
    survey: str
    unsubscribe: str

    @property
    def token(self) -> str:
        return self.survey.strip("/").rpartition("/")[2]


@dataclass
class Ledger:
    """Everything that was seen from outside. Writers hold `lock`."""

    cases: dict[str, Case] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    #: Since when an address must not be written to.
    unsubscribed: dict[str, float] = field(default_factory=dict)
    #: Invitations whose time was made to be over, and since when.
    closing: dict[int, float] = field(default_factory=dict)
    #: What should never happen and has no cell of the matrix.
    troubles: list[str] = field(default_factory=list)
    n_requests: int = 0
    n_refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
