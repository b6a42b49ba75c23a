"""Holds a conversation with a helpdesk's API, and says in words what came of it.

Each request goes to an address that was judged, without redirects, with one deadline for all of
them; an answer is read up to a limit. The words never quote an answer: it may hold anything.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Generic, TypeVar

from surveys.helpdesks.base import UnreadableError
from surveys.helpdesks.lookups import rates
from surveys.helpdesks.lookups.base import (
    Reply,
    Request,
    UnknownCaseError,
    WrongTokenError,
    read,
)
from surveys.helpdesks.reading import Node
from surveys.services.outgoing.addresses import Refused, Resolver, look_up, target_of
from surveys.services.outgoing.posting import Exchange, Sent, exchange

#: Seconds for one request, and for all of a conversation.
REQUEST_SECONDS: Final = 10.0
SECONDS: Final = 30.0
MOST_REQUESTS: Final = 30
MOST_BYTES: Final = 1024 * 1024
#: Salesforce tells that a day's requests are used up by 403.
_USED_UP: Final = b"REQUEST_LIMIT_EXCEEDED"
_USED_UP_REST: Final = timedelta(minutes=15)

T = TypeVar("T")


class Kind(Enum):
    """What is to be done about a trouble."""

    LATER = "try again after a while"
    REST = "ask nothing of this helpdesk for a time that it told"
    PAUSE = "ask nothing until somebody changes the access"
    FINAL = "do not ask this again"


class Trouble(Exception):  # noqa: N818 -- it names what happened
    """Why there is no answer, in words that follow the helpdesk's name."""

    def __init__(self, kind: Kind, words: str, rest: timedelta | None = None) -> None:
        super().__init__(words)
        self.kind, self.words, self.rest = kind, words, rest


@dataclass(frozen=True, slots=True)
class Heard(Generic[T]):
    """How a conversation ended, and how long to ask nothing after it."""

    value: T
    rest: timedelta | None = None


@dataclass(slots=True)
class _Line:
    url: str
    now: datetime
    resolve: Resolver
    deadline: float
    rest: timedelta | None = field(default=None)


def converse(
    url: str,
    conversation: Generator[Request, Reply, T],
    now: datetime,
    *,
    resolve: Resolver = look_up,
    seconds: float = SECONDS,
) -> Heard[T]:
    """Put a conversation's requests to the API at this address. Raises: Trouble."""
    line = _Line(url, now, resolve, time.monotonic() + seconds)
    try:
        request = next(conversation)
        for _ in range(MOST_REQUESTS):
            request = conversation.send(_put(line, request))
    except StopIteration as end:
        return Heard(end.value, line.rest)
    except UnknownCaseError as error:
        raise Trouble(Kind.FINAL, str(error)) from error
    except WrongTokenError as error:
        raise Trouble(Kind.PAUSE, f"the token is not valid: {error}") from error
    except UnreadableError as error:
        raise Trouble(Kind.LATER, f"answered what cannot be read: {error}") from error
    finally:
        conversation.close()
    raise Trouble(Kind.FINAL, "wants to be asked too often")


def _put(line: _Line, request: Request) -> Reply:
    left = line.deadline - time.monotonic()
    if left <= 0:
        raise Trouble(Kind.LATER, "took too long")
    sent = Sent(
        request.method,
        request.body,
        {"User-Agent": "Stabledoor/1", "Accept": "application/json", **request.headers},
        MOST_BYTES + 1,
        min(REQUEST_SECONDS, left),
    )
    try:
        told = exchange(target_of(line.url + request.path), sent, resolve=line.resolve)
    except Refused as error:
        raise Trouble(Kind.PAUSE, f"is not asked: its address {error}") from error
    return _judged(line, request, told)


def _judged(line: _Line, request: Request, told: Exchange) -> Reply:
    if told.status is None:
        raise Trouble(Kind.LATER, told.words)
    rest = rates.rest_of(told.status, told.headers, line.now)
    if told.status == 403 and _USED_UP in told.said:
        rest = _USED_UP_REST
    if rest is not None and told.status >= 400:
        raise Trouble(Kind.REST, f"answered {told.status}: it is asked too often", rest)
    line.rest = rest or line.rest
    if 200 <= told.status < 300:
        if not told.is_whole:
            raise Trouble(Kind.LATER, f"answered not to the end, or more than {MOST_BYTES} bytes")
        return Reply(read(told.said))
    return _refused(request, told.status)


def _refused(request: Request, status: int) -> Reply:
    """What an answer without 2xx means. Raises: Trouble, unless it is no matter."""
    if status >= 500 or status in (408, 425):
        raise Trouble(Kind.LATER, f"answered {status}")
    if status < 400:
        words = f"answered {status}, a redirect, which is not followed: is the address right?"
        raise Trouble(Kind.PAUSE, words)
    if status == 401 or request.is_sign_in:
        raise Trouble(Kind.PAUSE, f"answered {status}: the token is not valid, or was withdrawn")
    if request.is_optional:
        return Reply(Node(None))
    if status == 403:
        may_not = f"write {request.about}" if request.about else "read what is asked for"
        raise Trouble(Kind.PAUSE, f"answered 403: the token may not {may_not}")
    to = f" to {request.about}" if request.about else ""
    if status in (404, 410):
        raise Trouble(Kind.FINAL, f"answered {status}{to}: it knows no such case or person")
    raise Trouble(Kind.FINAL, f"answered {status}{to}, which no other question will change")
