"""Takes reports from the mail server over LMTP or SMTP.

Accepted is only what is sent to a rightly signed return path, one recipient at a time; 250 is said
only after the report is committed. Where the database is away, or the mail that the report is about
is still being sent, the answer is 451: the mail server keeps the report and tries again.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from surveys.services import bounces

logger = logging.getLogger(__name__)

LARGEST: Final = 5 * 1024 * 1024
MOST_SESSIONS: Final = 50
#: Of a whole command, or of DATA with all that follows it.
SECONDS: Final = 30.0
_DATABASE_SECONDS: Final = 20.0
_LANES: Final = 4
_NO_PATH: Final = "550 5.1.1 No mail of ours comes back to this address"
_AWAY: Final = "451 4.3.0 The database is away; please try again"
_NOT_SETTLED: Final = "451 4.3.2 The mail is still being sent; please try again"
_NO_REPORT: Final = "550 5.6.0 This address takes reports of mail servers, nobody reads it"

Made = TypeVar("Made")


class _Door:
    """aiosmtpd's handler."""

    def __init__(self, source: str, lanes: ThreadPoolExecutor) -> None:
        self._source = source
        self._lanes = lanes

    async def handle_RCPT(  # noqa: N802 -- the name aiosmtpd calls
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        try:
            admitted = await self._work(
                lambda: bounces.admits(address, self._source, timezone.now())
            )
        except (DatabaseError, TimeoutError) as error:
            logger.warning("A report was not taken: %s", error)
            return _AWAY
        if not admitted:
            return _NO_PATH
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Signed by us"

    async def handle_DATA(  # noqa: N802 -- the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        recipient = envelope.rcpt_tos[0]
        try:
            outcome = await self._work(
                lambda: bounces.take(raw, self._source, timezone.now(), recipient=recipient)
            )
        except bounces.NotSettled:
            return _NOT_SETTLED
        except (DatabaseError, TimeoutError) as error:
            logger.warning("A report was not taken: %s", error)
            return _AWAY
        except Exception:
            # A mistake of ours: the mail server keeps the report while it is mended.
            logger.exception("A report could not be read")
            return "451 4.3.0 The report cannot be read now; please try again"
        if outcome == bounces.Outcome.UNREADABLE:
            return _NO_REPORT
        if outcome in (bounces.Outcome.FORGED, bounces.Outcome.UNSIGNED):
            return _NO_PATH
        return "250 2.0.0 Taken"

    async def _work(self, task: Callable[[], Made]) -> Made:
        """Ask the database, in a thread and not for ever. One that was given up may still commit:
        then the mail server's second attempt is known as the same report."""

        def work() -> Made:
            close_old_connections()
            try:
                return task()
            finally:
                close_old_connections()

        future = asyncio.get_running_loop().run_in_executor(self._lanes, work)
        return await asyncio.wait_for(future, _DATABASE_SECONDS)


class _Counted:
    """Sessions that are open now; further ones are sent away."""

    n = 0


def _protocol(kind: type[SMTP], open_sessions: _Counted) -> type[SMTP]:
    class Limited(kind):  # type: ignore[misc, valid-type]  # one of two classes
        """With a bound on how many there are at once, and room for long lines."""

        line_length_limit = 64 * 1024
        _is_counted = False

        def connection_made(self, transport: Any) -> None:
            if open_sessions.n >= MOST_SESSIONS:
                transport.write(b"421 4.3.2 Too many sessions; please try again\r\n")
                transport.close()
                return
            self._is_counted = True
            open_sessions.n += 1
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            if not self._is_counted:
                return
            self._is_counted = False
            open_sessions.n -= 1
            super().connection_lost(error)

    return Limited


async def serve(protocol: str, listening: socket.socket, ended: asyncio.Event) -> None:
    """Take reports on this socket until the event; ``protocol`` is "lmtp" or "smtp"."""
    loop = asyncio.get_running_loop()
    kind = _protocol(LMTP if protocol == "lmtp" else SMTP, _Counted())
    with ThreadPoolExecutor(_LANES) as lanes:
        door = _Door(protocol, lanes)

        def session() -> SMTP:
            return kind(
                door,
                hostname="stabledoor",
                ident="Stabledoor reports",
                data_size_limit=LARGEST,
                enable_SMTPUTF8=True,
                timeout=SECONDS,
                command_call_limit=10_000,
                loop=loop,
            )

        server = await loop.create_server(session, sock=listening)
        await ended.wait()
        server.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket there.

    Raises: OSError.
    """
    family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    found = socket.socket(family, kind, number)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(100)
    except OSError:
        found.close()
        raise
    return found
