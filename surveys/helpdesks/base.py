"""The one form into which every helpdesk's webhook is read, and what an adapter must offer.

An adapter proves who calls before it reads anything, trusts the change that is told rather than
the state that is sent along, and never takes the author of the closing message for the customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, Protocol

RESOLVED: Final = "resolved"
REOPENED: Final = "reopened"
IGNORED: Final = "ignored"
Outcome = Literal["resolved", "reopened", "ignored"]

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_NO_FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class NotAuthenticError(Exception):
    """The call is not proven to come from the helpdesk: 401, nothing stored. Says what is wrong
    (missing, wrong or stale), never what would have been right."""


class UnreadableError(Exception):
    """The body cannot be read as what this helpdesk sends: 400, nothing stored. Names the field."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came. Names of headers are lower-case; `url` is the address as the caller
    wrote it, with its query, for helpdesks that sign it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a connection knows of its helpdesk.

    `secrets`: all that are valid now, newest first (two while one is rotated). `statuses`: the
    helpdesk's own status, by id or by name in any case and language, to "resolved", "open" or
    "ignored"; added to what the adapter knows. `cause_path`: where the cause stands in the body
    (`data.item.custom_attributes.reason`); empty takes the adapter's default. `fields`: our field
    to a path, for the generic hook and wherever somebody chose otherwise. `options`: what only
    one helpdesk needs, such as the organisation of Salesforce. `watched`: paths of other fields
    whose texts are wanted.
    """

    secrets: tuple[str, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    cause_path: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    options: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    watched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """Who handled the case, as far as the body says."""

    external_id: str = ""
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class HelpdeskEvent:
    """One thing a helpdesk told of one case; what was not said is empty or None.

    `why`: in words, for what is ignored and where the outcome is not obvious. `event_id`: the
    helpdesk's own id of this event; equal ids are one event. `at`: when the status changed, aware;
    None takes the moment of arrival. `requester_id`: the helpdesk's id of the customer, by which
    an address can be asked for. `fields`: the texts of what is watched, by path; of one that is
    absent or empty, none.
    """

    outcome: Outcome
    case: str = ""
    why: str = ""
    event_id: str = ""
    at: datetime | None = None
    number: str = ""
    requester_id: str = ""
    email: str = ""
    name: str = ""
    language: str = ""
    timezone: str = ""
    phone: str = ""
    agents: tuple[Agent, ...] = ()
    group: str = ""
    cause: str = ""
    product: str = ""
    channel: str = ""
    subject: str = ""
    severity: str = ""
    tags: tuple[str, ...] = ()
    opened_at: datetime | None = None
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_FIELDS)

    @property
    def needs_enrichment(self) -> bool:
        """A resolution nobody can be asked about: the body has no address of the customer."""
        return self.outcome == RESOLVED and not self.email


@dataclass(frozen=True, slots=True)
class Answer:
    """What the helpdesk expects to hear, where it is not our own JSON."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Adapter(Protocol):
    """What the module of a helpdesk offers, by these names."""

    KIND: str
    NAME: str

    def probe(self, call: Call, wiring: Wiring) -> Answer | None:
        """The answer to a challenge or a probe (HEAD, a `crc_token`), else None.

        Raises: NotAuthenticError.
        """

    def verify(self, call: Call, wiring: Wiring, now: datetime) -> None:
        """Prove over the raw bytes that the helpdesk calls, with any of the secrets.

        Raises: NotAuthenticError, also for a stamp more than 300 s away where the helpdesk stamps
        at sending.
        """

    def read(self, call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
        """What the body says, one event per case and change; at least one, which may be ignored.

        Raises: UnreadableError.
        """

    def acknowledge(self, call: Call) -> Answer | None:
        """What to answer once all is stored, where the helpdesk wants its own form, else None."""
