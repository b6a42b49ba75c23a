"""The gateway interface: short messages to a telephone number, by somebody's HTTP API.

An adapter is a `Gateway`: it is made from an `Account`, takes one `Outgoing` at a time and returns
a `Receipt`, or raises what `base` names. It keeps no queue, tries nothing twice and knows no
customer. What it hears back it turns into `News` once the sender has proved itself. A new one is
one file beside `twilio` and a line in `adapter_of`; docs/channels.md shows the whole of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import quote, urlsplit

import msgspec
from django.conf import settings

from surveys.channels.base import Message, Receipt, Session, Unreachable

#: Where a provider tells what became of a message, below SITE_URL.
EVENTS_PATH: Final = "/api/message-events/"


@dataclass(frozen=True, slots=True)
class Account:
    """How a gateway is used: the parts of SMS_URL or WHATSAPP_URL. ``variable`` is that name."""

    variable: str
    kind: str
    user: str
    password: str = field(repr=False)
    sender: str
    api_url: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says: ``body`` whole, and its parts for a template that is filled in."""

    body: str
    company: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message: to a number in E.164, and where its fate is told, "" for nowhere."""

    number: str
    words: Words
    tell: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What a provider says. ``kind``: delivered, hard (no such number), soft (not this time),
    policy (refused as such), stop (the person wants no more); "" where it is nothing new.
    ``mark`` names the message, ``number`` the person's."""

    kind: Literal["delivered", "hard", "soft", "policy", "stop", ""]
    mark: str = ""
    number: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """What came in at EVENTS_PATH: the address as the provider knows it, with its query."""

    url: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]


class Gateway(ABC):
    """One provider. Made with an account and how many seconds a message may take."""

    def __init__(self, account: Account, seconds: float | None = None) -> None:
        self.account = account
        self.seconds = seconds

    @abstractmethod
    def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one message over. Raises: as `base` says; in doubt OutcomeUnknown."""

    @abstractmethod
    def check(self) -> str:
        """Whether the account can be used, in words; sends nothing. Raises: Unreachable."""

    @abstractmethod
    def heard(self, call: Call) -> News | None:
        """What a call tells; None where its sender did not prove to be the provider."""

    def close(self) -> None:  # noqa: B027 -- not every one keeps a connection
        """End what is kept open."""


class GatewaySession(Session):
    """The session of a channel that goes by a gateway; a message's ``content`` are its words."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def connect(self) -> None:
        """The first message connects: an HTTP gateway has nothing to say before."""

    def deliver(self, message: Message, following: Message | None = None) -> Receipt:
        tell = ""
        # A provider refuses to tell an address that only this machine knows; a stand-in does not.
        if message.mark and (self._gateway.account.api_url or not _is_local(settings.SITE_URL)):
            tell = f"{settings.SITE_URL}{EVENTS_PATH}?mark={quote(message.mark)}"
        words = msgspec.json.decode(message.content, type=Words)
        return self._gateway.send(Outgoing(message.recipient, words, tell))

    def close(self) -> None:
        self._gateway.close()


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104


def account_of(channel: str) -> Account | None:
    """How a channel's gateway is used; None where none is configured."""
    parts = settings.GATEWAYS.get(channel)
    return Account(**parts) if parts else None


def gateway_of(channel: str, seconds: float | None = None) -> Gateway:
    """The gateway of a channel. Raises: Unreachable where none is configured."""
    account = account_of(channel)
    if account is None:
        raise Unreachable(f"{channel.upper()}_URL is not set")
    return adapter_of(account.kind)(account, seconds)


def adapter_of(kind: str) -> type[Gateway]:
    """The adapter that a gateway's address begins with."""
    # Only whoever has a gateway pays for loading what speaks to it.
    from surveys.channels.twilio import Twilio

    return {"twilio": Twilio}[kind]


def open_gateway(channel: str, seconds: float | None) -> Session:
    return GatewaySession(gateway_of(channel, seconds))
