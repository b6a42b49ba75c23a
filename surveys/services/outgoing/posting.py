"""One request: to the address that was judged, without redirects or proxies, and for 15 s at most.

Nothing of the environment is asked. The whole exchange has one deadline: a receiver that sends a
byte now and then holds a worker no longer than one that sends nothing.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import certifi

from surveys.services.outgoing.addresses import Refused, Resolver, Target, judged, look_up

TIMEOUT: Final = 15.0
CONNECT_TIMEOUT: Final = 5.0
#: Bytes kept of an answer. No more is read.
KEPT: Final = 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what was answered. ``status`` is None, and ``words`` say why, where nothing
    was; ``headers`` by lower-case names. ``is_whole``: the body ended before it was too long."""

    status: int | None
    words: str
    headers: Mapping[str, str]
    said: bytes
    milliseconds: int
    is_whole: bool = False
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended. ``status`` is None where nothing was answered; ``words`` say why to a
    person. ``is_away``: it kept us waiting for nothing."""

    status: int | None
    words: str
    body: str
    milliseconds: int
    is_away: bool = False

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever its name leads to meanwhile."""

    def __init__(self, target: Target, address: str, deadline: float) -> None:
        super().__init__(target.host, target.port)
        self._target, self._address, self._deadline = target, address, deadline
        self.plain: socket.socket | None = None
        self.is_cut = False

    def connect(self) -> None:
        left = max(self._deadline - time.monotonic(), 0.01)
        plain = socket.create_connection(
            (self._address, self._target.port), timeout=min(CONNECT_TIMEOUT, left)
        )
        self.plain = plain
        plain.settimeout(max(self._deadline - time.monotonic(), 0.01))
        if self._target.scheme == "https":
            # Kept before it shakes hands, so that the deadline ends that as well.
            self.sock = wrapped = _tls().wrap_socket(
                plain, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            wrapped.do_handshake()
        else:
            self.sock = plain


@cache
def _tls() -> ssl.SSLContext:
    """The system's authorities, and those of certifi where the system has none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolve: Resolver = look_up,
    seconds: float = TIMEOUT,
) -> Answer:
    """Send it and hear the answer. Never raises for what the other side does.

    Raises: Refused where the address must not be connected to.
    """
    told = exchange(target, Sent("POST", body, headers, KEPT, seconds), resolve=resolve)
    return Answer(told.status, told.words, _text(told.said), told.milliseconds, told.is_away)


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent, and how much is heard: at most ``kept`` bytes, for ``seconds`` in all."""

    method: str
    body: bytes
    headers: Mapping[str, str]
    kept: int
    seconds: float


def exchange(target: Target, sent: Sent, *, resolve: Resolver = look_up) -> Exchange:
    """The same for any request. Never raises for what the other side does.

    Raises: Refused where the address must not be connected to.
    """
    started = time.monotonic()
    deadline = started + sent.seconds
    status: int | None = None
    said, words, is_whole, is_away = b"", "", False, False
    headers: dict[str, str] = {}
    try:
        address = judged(target, resolve)
        connection = _Pinned(target, address, deadline)
        with contextlib.closing(connection), _ended_at(connection, deadline):
            connection.request(
                sent.method, target.path, sent.body or None, _all(target, sent.headers)
            )
            found = connection.getresponse()
            if connection.is_cut:  # what we cut off ourselves looks like headers that end
                raise TimeoutError
            status, words = found.status, _words_of(found)
            headers = {name.lower(): value for name, value in found.getheaders()}
            said = found.read(sent.kept)
            is_in_time = time.monotonic() < deadline
            is_whole = is_in_time and len(said) < sent.kept and not found.length
    except Refused:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_late = time.monotonic() - started >= sent.seconds - 0.05
        if status is None:
            words = f"no answer within {round(sent.seconds, 1):g} s" if is_late else _fault(error)
            is_away = is_late or isinstance(error, TimeoutError)
    took = round((time.monotonic() - started) * 1000)
    return Exchange(status, words, headers, said, took, is_whole, is_away)


@contextlib.contextmanager
def _ended_at(connection: _Pinned, deadline: float) -> Iterator[None]:
    """Cut the connection at the deadline, whoever waits on it."""

    def cut() -> None:
        connection.is_cut = True
        held = connection.sock or connection.plain
        if held is not None:
            with contextlib.suppress(OSError):
                # Of the socket itself: TLS must not be told, or it would read on in the clear.
                socket.socket.shutdown(held, socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - time.monotonic(), 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _all(target: Target, headers: Mapping[str, str]) -> dict[str, str]:
    return {
        "Host": target.authority,
        "Content-Type": "application/json",
        "User-Agent": "Stabledoor-Webhooks/1",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }


def _words_of(found: http.client.HTTPResponse) -> str:
    if 200 <= found.status < 300:
        return ""
    if 300 <= found.status < 400:
        return f"answered {found.status}, a redirect, which is not followed"
    return f"answered {found.status}"


def _fault(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"[:300]
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, TimeoutError):
        return "no connection in time"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return "the connection was closed without an answer"
    return f"the connection failed: {type(error).__name__}"


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace").replace("\x00", "\ufffd")
