"""What is asked of a helpdesk's own API about a case, and how its answers are read: without any
network, as a conversation.

A lookup is a generator. It yields a `Request`, is sent the `Reply`, and returns what it `Found`.
Whoever drives it sends the requests, and deals with whatever is no answer: a wrong token, a limit,
a server that is away. So a lookup only ever reads answers that are.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import quote, urlencode

from surveys.helpdesks.base import Agent, Call, UnreadableError
from surveys.helpdesks.reading import Node, json_of

_NUMBER: Final = re.compile(r"[0-9]{1,20}")
_NOBODY: Final = Agent()
_WORD: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,99})")


class UnknownCaseError(Exception):
    """The helpdesk knows no such case, or nobody who asked; in words."""


class WrongTokenError(Exception):
    """The helpdesk answered, and what it says is that it does not know us."""


@dataclass(frozen=True, slots=True)
class Access:
    """What proves us to the API: a token, and for some helpdesks whose it is."""

    token: str = field(repr=False)
    user: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which case, and who asked as far as the webhook said."""

    case: str
    requester_id: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request below the API's address. `path` begins with a slash. `is_optional`: what it
    tells is good to have, and a refusal no fault. `is_sign_in`: any refusal is one of the token.
    `about` names what is written by it, in the words of a refusal."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "GET"
    body: bytes = field(default=b"", repr=False)
    is_optional: bool = False
    is_sign_in: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered with 2xx; nothing stands in `body` where an optional request was refused
    or something is not known there."""

    body: Node


@dataclass(frozen=True, slots=True)
class Found:
    """What the API told of who asked and who handled the case; what it did not say is empty."""

    requester_id: str = ""
    email: str = ""
    name: str = ""
    language: str = ""
    timezone: str = ""
    phone: str = ""
    agent: Agent = _NOBODY
    group: str = ""
    cause: str = ""

    def told(self) -> tuple[str, ...]:
        """What it has, in words, without saying it."""
        words = {
            "an e-mail address": self.email,
            "a name": self.name,
            "a language": self.language,
            "a telephone number": self.phone,
            "an agent": self.agent.external_id or self.agent.name,
            "a team": self.group,
            "a cause": self.cause,
        }
        return tuple(word for word, value in words.items() if value)


Conversation = Generator[Request, Reply, Found]
Greeting = Generator[Request, Reply, str]


class Lookup(Protocol):
    """What the module of a helpdesk offers, by these names.

    `ADDRESS` is where its API is, where that is the same for everybody, else an example that is
    shown and `HAS_OWN_ADDRESS` true. `WHOSE` says what goes beside the token, "" for nothing;
    `PROOF` what the token is called there and where it is made.
    """

    ADDRESS: str
    HAS_OWN_ADDRESS: bool
    WHOSE: str
    PROOF: str

    def ask(self, access: Access, asked: Asked) -> Conversation:
        """Who asked, and who handled it. Raises: UnknownCaseError, WrongTokenError."""

    def greet(self, access: Access) -> Greeting:
        """Whether the token is good, by something that changes nothing; ends with what it is good
        for, in words. Raises: WrongTokenError."""


def basic(user: str, password: str) -> dict[str, str]:
    """The header of basic authentication."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def bearer(token: str) -> dict[str, str]:
    """The header of a token that stands for itself."""
    return {"Authorization": f"Bearer {token}"}


def number(text: str, what: str = "case") -> str:
    """An id that is a number, safe to stand in a path. Raises: UnknownCaseError."""
    if not _NUMBER.fullmatch(text):
        raise UnknownCaseError(f"{what} {text[:50]!r} is no number, as ids are there")
    return text


def word(text: str, what: str = "case") -> str:
    """An id of letters, digits and dashes, safe to stand in a path. Raises: UnknownCaseError."""
    if not _WORD.fullmatch(text):
        raise UnknownCaseError(f"{what} {text[:50]!r} is no id, as they are there")
    return text


def with_query(path: str, **query: str) -> str:
    """A path with its query; commas stay, as the APIs write lists."""
    return f"{path}?{urlencode(query, safe=',', quote_via=quote)}"


def read(body: bytes) -> Node:
    """An answer as JSON. Raises: UnreadableError."""
    if not body.strip():
        return Node(None)
    return json_of(Call("GET", "", {}, body))


def required(reply: Reply) -> Node:
    """An answer that is an object. Raises: UnreadableError."""
    if not isinstance(reply.body.value, dict):
        raise UnreadableError("the answer is no object")
    return reply.body


def form(**fields: str) -> bytes:
    """The body of a form."""
    return urlencode(fields).encode()


def as_json(document: object) -> bytes:
    """A body of JSON."""
    return json.dumps(document).encode()


def language(text: str) -> str:
    """`fr_FR` as `fr-FR`."""
    return text.replace("_", "-")


def full_name(*parts: str) -> str:
    """First and last name together."""
    return " ".join(part for part in parts if part)
