"""`smtplib` with one deadline for a whole exchange, where its own is one for each read.

A server that answers one byte at a time cannot keep a worker.
"""

from __future__ import annotations

import math
import smtplib
import socket
import ssl
import time
from typing import Any, Final

_SLACK: Final = 0.25
_MAX_REPLY_BYTES: Final = 64 * 1024


class Deadline(smtplib.SMTP):
    """An SMTP client whose every wait ends at one deadline."""

    def __init__(self, host: str, port: int, greeting: str, seconds: float, **secured: Any) -> None:
        self.ends_at = time.monotonic() + seconds
        self._unread = b""
        super().__init__(host, port, greeting, timeout=seconds, **secured)  # connects
        if self.sock is not None:
            # A mail is several small writes; each must leave at once.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _limit_wait(self, sock: socket.socket) -> None:
        """Let the next read or write wait no longer than the deadline, or hardly longer: setting
        a timeout is a system call, so one that is still about right stays."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long")
        if not left <= (sock.gettimeout() or math.inf) <= left + _SLACK:
            sock.settimeout(left)

    def send(self, s: object) -> None:
        if self.sock is not None:
            self._limit_wait(self.sock)
        super().send(s)  # type: ignore[arg-type]  # passed on as it came

    def getreply(self) -> tuple[int, bytes]:
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._line()
            size += len(line)
            code = line[:3]
            if size > _MAX_REPLY_BYTES or not code.isdigit() or line[3:4] not in (b" ", b"-", b""):
                self.close()
                raise smtplib.SMTPServerDisconnected(f"no SMTP reply: {line[:80]!r}")
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(code), b"\n".join(lines)

    def _line(self) -> bytes:
        while b"\n" not in self._unread:
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("not connected")
            try:
                self._limit_wait(self.sock)
                received = self.sock.recv(4096)
            except OSError:
                self.close()
                raise
            if not received or len(self._unread) > _MAX_REPLY_BYTES:
                self.close()
                raise smtplib.SMTPServerDisconnected("the mail server closed the connection")
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        return line.rstrip(b"\r")

    def starttls(self, *, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:  # type: ignore[override]
        reply = super().starttls(context=context)
        # Whatever came in plain text behind the server's go-ahead was injected by someone else.
        self._unread = b""
        return reply


class DeadlineSsl(Deadline, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""
