"""Speaks SMTP to the mail server, and says precisely how far a mail came.

``smtplib`` knows the protocol; what it lacks stands here. One deadline holds for a whole exchange,
not for each read, so that a server which answers one byte at a time cannot keep a worker. And a
failure says whether the server may have the mail: before the content was begun it cannot, after
that nobody knows (RFC 1047).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from django.conf import settings

from surveys.channels import base
from surveys.channels.base import Interrupted, NotAccepted, OutcomeUnknown, Unreachable
from surveys.channels.smtp_client import Deadline, DeadlineSsl

__all__ = [
    "Interrupted",
    "MailServer",
    "MailServerError",
    "OutcomeUnknown",
    "Refused",
    "Server",
    "Unreachable",
]

#: What `MailServer` raises.
MailServerError = NotAccepted
LONGEST_SECONDS: Final = 30.0
_GO_ON: Final = 354
SERVICE_CLOSING: Final = 421  # the server is about to close the session (RFC 5321 3.8)
_CONNECT_SHARE: Final = 1 / 3  # of the time given, the rest is for the mail
_DOTTED: Final = re.compile(rb"\n\.")  # sooner found than by `in`
_ENHANCED: Final = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")

Stage = Literal["MAIL", "RCPT", "DATA", "content"]
#: A mail's sender and recipient.
Envelope = tuple[str, str]


class Refused(base.Refused):
    """The server's definite no to one mail."""

    def __init__(self, stage: Stage, code: int, reply: bytes) -> None:
        said = " ".join(reply.decode("utf-8", "replace").split())[:400]
        super().__init__(f"the mail server answered {code} {said} ({stage})")
        self.stage = stage
        self.code = code
        found = _ENHANCED.match(said)
        self.enhanced = found.group(1) if found else ""
        self.permanent = 500 <= code <= 599
        # RFC 3463: 5.1.x, save those on the sender's.
        self.bad_address = (
            self.permanent
            and stage != "MAIL"
            and self.enhanced.startswith("5.1.")
            and self.enhanced not in {"5.1.7", "5.1.8"}
        )
        self.is_about_us = self.permanent and stage == "MAIL"  # it refuses our sender
        self.ends_session = code == SERVICE_CLOSING


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how mail is handed over. ``seconds`` is the most that one mail may take."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    ssl: bool = False
    seconds: float = LONGEST_SECONDS
    greeting: str = "localhost"

    @classmethod
    def configured(cls) -> Server:
        """The server of ``EMAIL_URL``, as Django's own settings hold it."""
        return cls(
            host=settings.EMAIL_HOST,
            port=settings.EMAIL_PORT,
            user=settings.EMAIL_HOST_USER or "",
            password=settings.EMAIL_HOST_PASSWORD or "",
            starttls=settings.EMAIL_USE_TLS,
            ssl=settings.EMAIL_USE_SSL,
            seconds=min(settings.EMAIL_TIMEOUT or LONGEST_SECONDS, LONGEST_SECONDS),
            greeting=_greeting(settings.SITE_URL),
        )


def _greeting(site_url: str) -> str:
    """Our name for EHLO. Asking the resolver for it can hang for seconds."""
    host = urlsplit(site_url).hostname or "localhost"
    if ":" in host:
        return f"[IPv6:{host}]"
    return f"[{host}]" if re.fullmatch(r"[\d.]+", host) else host


class MailServer:
    """One session with the mail server, kept for many mails.

    For each mail ``deliver``; or ``offer``, then ``hand_over`` or ``withdraw``, for whoever has to
    know in between. The first of them opens the session where there is none.
    """

    def __init__(self, server: Server | None = None) -> None:
        self._server = server or Server.configured()
        self._client: Deadline | None = None
        # The envelope it was asked about already, its answers not read yet.
        self._announced: Envelope | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def connect(self) -> None:
        """Open the session where there is none.

        Raises: Unreachable.
        """
        if self._client is not None:
            return
        where = f"{self._server.host}:{self._server.port}"
        try:
            self._client = self._opened()
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"the mail server {where} cannot be used: {_words(error)}") from error

    def _opened(self) -> Deadline:
        server = self._server
        where = server.host, server.port, server.greeting
        seconds = server.seconds * _CONNECT_SHARE
        if server.ssl:
            client: Deadline = DeadlineSsl(*where, seconds, context=ssl.create_default_context())
        else:
            client = Deadline(*where, seconds)
        try:
            client.ehlo_or_helo_if_needed()
            if server.starttls:
                client.starttls(context=ssl.create_default_context())
                client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
        except (smtplib.SMTPException, OSError):
            client.close()
            raise
        return client

    def deliver(
        self, sender: str, recipient: str, content: bytes, following: Envelope | None = None
    ) -> str:
        """A whole mail, with as few round trips as the server allows; what it said at the end.

        ``following`` is the sender and recipient of the mail delivered next. Where the server
        allows it, it is asked about that one in one packet with this one's content (RFC 2920), and
        says what it thinks of it when that one's turn comes.

        Raises: as ``offer`` and ``hand_over``.
        """
        envelope = sender, recipient
        if self._announced not in (None, envelope):
            self._drop()  # it waits for another mail; nothing else takes a DATA back
        self.connect()
        client = self._session()
        if not client.has_extn("pipelining"):
            self.offer(sender, recipient)
            return self.hand_over(content)
        client.ends_at = time.monotonic() + self._server.seconds * (1 - _CONNECT_SHARE)
        try:
            if self._announced is None:
                client.send(_asking_about(envelope))
            self._announced = None
            answers = client.getreply(), client.getreply(), client.getreply()
            if answers[2][0] == _GO_ON and (answers[0][0] // 100, answers[1][0] // 100) != (2, 2):
                # It waits for a mail to nobody, and gets none (RFC 2920 3.1).
                client.send(".\r\n")
                client.getreply()
            self._expect(2, "MAIL", answers[0])
            self._expect(2, "RCPT", answers[1])
            self._expect(3, "DATA", answers[2])
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Interrupted(f"before the mail was sent: {_words(error)}") from error
        return self._content(client, content, following)

    def offer(self, sender: str, recipient: str) -> None:
        """MAIL and RCPT: everything the server can refuse before it sees the mail.

        Both addresses must be plain ``local@domain`` in ASCII. The time for the whole mail starts
        here.

        Raises: Unreachable, Interrupted, Refused; after Refused the session can be used on.
        """
        if self._announced is not None:
            self._drop()  # as in `deliver`
        self.connect()
        client = self._session()
        client.ends_at = time.monotonic() + self._server.seconds * (1 - _CONNECT_SHARE)
        mail, rcpt = f"MAIL FROM:<{sender}>\r\n", f"RCPT TO:<{recipient}>\r\n"
        try:
            if client.has_extn("pipelining"):
                client.send(mail + rcpt)  # one round trip for both (RFC 2920)
                answers = (client.getreply(), client.getreply())
                self._expect(2, "MAIL", answers[0])
                self._expect(2, "RCPT", answers[1])
            else:
                client.send(mail)
                self._expect(2, "MAIL", client.getreply())
                client.send(rcpt)
                self._expect(2, "RCPT", client.getreply())
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Interrupted(f"before the mail was sent: {_words(error)}") from error

    def hand_over(self, content: bytes) -> str:
        """DATA and the mail itself; returns what the server said on accepting it.

        ``content`` begins with a header and has CRLF line ends alone, as `surveys.mail` builds it:
        some servers take a bare LF for a line end and could be told that the mail is over.

        Raises: Interrupted where no content was sent, Refused, OutcomeUnknown.
        """
        client = self._session()
        try:
            client.send("DATA\r\n")
            self._expect(3, "DATA", client.getreply())
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Interrupted(f"before the mail was sent: {_words(error)}") from error
        return self._content(client, content)

    def _content(self, client: Deadline, content: bytes, following: Envelope | None = None) -> str:
        wire = _on_the_wire(content)
        if following is not None:
            wire += _asking_about(following)
            self._announced = following
        try:
            client.send(wire)
            code, reply = answer = client.getreply()
            self._expect(2, "content", answer)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise OutcomeUnknown(
                f"the connection was lost after the mail was sent: {_words(error)}"
            ) from error
        return f"{code} {reply.decode('utf-8', 'replace')}"[:200]

    def withdraw(self) -> None:
        """Take an offer back (RSET)."""
        if self._client is None or self._announced is not None:
            self._drop()
            return
        try:
            code, _ = self._client.rset()
        except (smtplib.SMTPException, OSError):
            code = 0
        if code != 250:
            self._drop()

    def close(self) -> None:
        """End the session politely, without waiting long for a good-bye."""
        if self._announced is not None:
            self._drop()  # a QUIT would be the first line of the mail it waits for
        client = self._client
        self._client = None
        if client is None:
            return
        client.ends_at = time.monotonic() + 1.0
        # Nothing depends on this answer: every mail has had its own.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.docmd("QUIT")
        client.close()

    def _session(self) -> Deadline:
        if self._client is None:
            raise Interrupted("there is no session with the mail server")
        return self._client

    def _drop(self) -> None:
        self._announced = None
        if self._client is not None:
            self._client.close()
            self._client = None

    def _expect(self, digit: int, stage: Stage, answer: tuple[int, bytes]) -> None:
        """Raise unless the answer begins with this digit; after a no the session stays usable.

        Raises: Refused, or SMTPResponseException for an answer that is neither yes nor no.
        """
        code, reply = answer
        if code // 100 == digit:
            return
        if code // 100 not in {4, 5}:
            raise smtplib.SMTPResponseException(code, reply)
        if code == SERVICE_CLOSING:
            self._drop()
        elif stage != "content":
            self.withdraw()
        raise Refused(stage, code, reply)


def _asking_about(envelope: Envelope) -> bytes:
    """All commands before a mail's content, for one packet."""
    sender, recipient = envelope
    return f"MAIL FROM:<{sender}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode("ascii")


def _on_the_wire(content: bytes) -> bytes:
    """The content with its dots stuffed, and the lone dot that ends it."""
    if _DOTTED.search(content):
        content = content.replace(b"\n.", b"\n..")
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return f"it answered {error.smtp_code} {text}"[:300]
    if isinstance(error, TimeoutError):
        return "it took too long to answer"
    plain = error.strerror if isinstance(error, OSError) else None
    return (plain or str(error))[:300] or type(error).__name__
