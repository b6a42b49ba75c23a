"""A real SMTP server in a thread that does what a test tells it: accept, refuse, hang or drop.

aiosmtpd cannot misbehave in the middle of a mail, so this one speaks the protocol by itself.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Literal, Self

# Where a reaction can be scripted. CONTENT: the first bytes of the mail have come.
# DOT: all of it has.
Verb = Literal["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "CONTENT", "DOT", "RSET", "QUIT"]
VERBS: Final[tuple[Verb, ...]] = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT", "DOT")
HANG: Final = "hang"
DROP: Final = "drop"
ACCEPT_AND_DROP: Final = "accept and drop"  # at DOT: take the mail, say nothing
_GOOD: Final[dict[str, str]] = {
    "CONNECT": "220 test ready",
    "EHLO": "250-test\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 fine",
    "RCPT": "250 2.1.5 fine",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 taken",
    "RSET": "250 2.0.0 forgotten",
    "NOOP": "250 2.0.0 here",
    "QUIT": "221 2.0.0 bye",
}


@dataclass(frozen=True)
class Received:
    """A mail that the server took."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class Rule:
    """What to do at a verb, how often, and for which recipient."""

    verb: str
    reaction: str
    times: int
    recipient: str


@dataclass
class SmtpServer:
    """Listens from the start; use as a context manager."""

    pipelining: bool = False
    # Says 354 to DATA without a recipient, as RFC 2920 allows, and no only at the end.
    late_no: bool = False
    received: list[Received] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    watch: Callable[[str], None] | None = None  # told each verb before the answer

    def __post_init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def on(self, verb: Verb, reaction: str, *, times: int = 1_000_000, recipient: str = "") -> None:
        """React so, instead of well, the next ``times`` times."""
        with self._lock:
            self._rules.append(Rule(verb, reaction, times, recipient))

    def behave(self) -> None:
        """Forget all that was scripted."""
        with self._lock:
            self._rules.clear()

    @property
    def recipients(self) -> list[str]:
        return [mail.recipient for mail in self.received]

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _run(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(connection)
            self._run(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError), connection.makefile("rb") as lines:
            _Session(self, connection, lines.readline).run()

    def reaction(self, verb: str, recipient: str) -> str:
        """What is scripted for this verb, else ''."""
        self.verbs.append(verb)
        if self.watch is not None:
            self.watch(verb)
        with self._lock:
            for rule in self._rules:
                if rule.verb == verb and rule.times > 0 and rule.recipient in ("", recipient):
                    rule.times -= 1
                    return rule.reaction
        return ""

    def hang(self) -> None:
        self._closing.wait(60)


class _Dropped(OSError):  # noqa: N818 -- it names what happened
    """The script ends this session."""


@dataclass
class _Session:
    server: SmtpServer
    connection: socket.socket
    read: Callable[[], bytes]
    sender: str = ""
    recipient: str = ""
    has_sender: bool = False
    has_recipient: bool = False

    def run(self) -> None:
        if not self._answer("CONNECT"):
            return
        while line := self.read():
            verb = line[:4].upper().decode("latin-1").strip()
            if verb == "MAIL":
                self.sender, self.has_recipient = _address(line), False
            elif verb == "RCPT":
                self.recipient = _address(line)
            if verb == "DATA" and not self.has_recipient:
                self._data_to_nobody()
                continue
            if verb == "RCPT" and not self.has_sender:
                self._say("503 5.5.1 MAIL first")
                continue
            good = self._answer(verb)
            if verb in ("MAIL", "RSET"):
                self.has_sender = good and verb == "MAIL"
            elif verb == "RCPT":
                self.has_recipient = good
            elif verb == "DATA" and good:
                self._content()
            elif verb == "QUIT":
                return

    def _data_to_nobody(self) -> None:
        self._say("354 go on" if self.server.late_no else "554 5.5.1 no valid recipients")
        if self.server.late_no:
            assert self.read() == b".\r\n", "a mail to nobody has no content"
            self._say("554 5.5.1 no valid recipients")

    def _content(self) -> None:
        lines: list[bytes] = []
        while (line := self.read()) != b".\r\n":
            if not line:
                raise _Dropped
            if not lines:
                self._react(self.server.reaction("CONTENT", self.recipient))
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = Received(self.sender, self.recipient, b"".join(lines))
        reaction = self.server.reaction("DOT", self.recipient)
        if reaction in ("", ACCEPT_AND_DROP):
            self.server.received.append(mail)
        self._say(self._react(reaction) or _GOOD["DOT"])

    def _answer(self, verb: str) -> bool:
        said = self._react(self.server.reaction(verb, self.recipient))
        good = _GOOD.get(verb, "502 5.5.1 what?")
        if verb == "EHLO" and self.server.pipelining:
            good = "250-test\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES"
        self._say(said or good)
        return not said or said[0] in "23"

    def _react(self, reaction: str) -> str:
        if reaction == HANG:
            self.server.hang()
            raise _Dropped
        if reaction in (DROP, ACCEPT_AND_DROP):
            raise _Dropped
        return reaction

    def _say(self, line: str) -> None:
        self.connection.sendall(line.encode() + b"\r\n")


def _address(line: bytes) -> str:
    return line.partition(b"<")[2].partition(b">")[0].decode()
