"""A mail server that remembers each content it began to read, and what it said to it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

from tests.smtp_server import SmtpServer, _Session
from tests.surveys.delivery_machine.outside import Attempt


class Postbox(SmtpServer):
    """The scripted server with a memory of attempts, taken or not."""

    def __post_init__(self) -> None:
        self.attempts: list[Attempt] = []
        super().__post_init__()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError), connection.makefile("rb") as lines:
            _Noted(self, connection, lines.readline, self.attempts).run()

    def taken_away(self) -> list[Attempt]:
        """The attempts since the last look."""
        found = self.attempts[:]
        del self.attempts[: len(found)]
        self.received.clear()
        self.verbs.clear()
        return found


class _Noted(_Session):
    """Notes what it says before it says it: whoever hears the answer finds it noted."""

    def __init__(
        self,
        server: SmtpServer,
        connection: socket.socket,
        read: Callable[[], bytes],
        attempts: list[Attempt],
    ) -> None:
        super().__init__(server, connection, read)
        self._attempts = attempts
        self._open: Attempt | None = None

    def _content(self) -> None:
        self._open = Attempt(self.sender, self.recipient)
        self._attempts.append(self._open)
        self._n_taken = len(self.server.received)
        try:
            super()._content()
        finally:
            self._close("")
            self._open = None

    def _say(self, line: str) -> None:
        self._close(line)
        super()._say(line)

    def _close(self, line: str) -> None:
        if self._open is None:
            return
        self._open.reply = self._open.reply or line or None
        if len(self.server.received) > self._n_taken:
            self._open.content = self.server.received[-1].content
