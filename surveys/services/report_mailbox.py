"""Reads what came back from an IMAP mailbox that serves nothing else.

A message leaves the mailbox only after what it told is committed: killed anywhere, the next round
takes it again, and the same report twice does nothing. What could be used is deleted, for it names
people and nothing of it is needed any more; what could not (no return path of ours, a wrong
signature, a person's own words) is moved to a folder for somebody to look at.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import imaplib
import logging
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from surveys.mail.reports import MOST_BYTES
from surveys.models import DeliveryReport
from surveys.services import bounces

logger = logging.getLogger(__name__)

#: Where messages go that are no reports of ours.
KEPT_FOLDER: Final = "Stabledoor kept"
MOST_IN_A_ROUND: Final = 1000
LONGEST_ROUND: Final = 45.0
_ONE_READER: Final = 0x5D_0B0C  # the advisory lock's number: two readers would only do things twice
_USED: Final = frozenset({bounces.Outcome.RECORDED, bounces.Outcome.DUPLICATE})
_SOURCE: Final = DeliveryReport.Source.IMAP


class MailboxError(Exception):
    """The mailbox cannot be read; the text says why to a person, without the password."""


@dataclass
class Round:
    """What a round did with the messages it found. ``left``: about mails that are still being
    sent, so they stay for the next round."""

    used: int = 0
    kept: int = 0
    left: int = 0


def is_configured() -> bool:
    """Whether there is a mailbox to read."""
    return bool(settings.IMAP_HOST)


def read(
    clock: Callable[[], dt.datetime] = timezone.now, *, seconds: float = LONGEST_ROUND
) -> Round:
    """Take what is in the mailbox, for at most ``seconds``, unless another reader is at it.

    Raises: MailboxError; database errors, after which nothing is lost.
    """
    done = Round()
    with _sole_reader() as is_ours:
        if is_ours:
            with session() as mailbox:
                _read(mailbox, done, clock, time.monotonic() + seconds)
    return done


@contextlib.contextmanager
def session() -> Iterator[Mailbox]:
    """The mailbox, opened.

    Raises: MailboxError, also for whatever fails while it is open.
    """
    where = f"{settings.IMAP_HOST}:{settings.IMAP_PORT}"
    client: imaplib.IMAP4 | None = None
    try:
        client = _connected()
        yield Mailbox(client)
        client.logout()
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxError(f"the mailbox at {where} cannot be used: {_words(error)}") from error
    finally:
        if client is not None:
            # Not by a good-bye: a server that hangs would be waited for once more.
            with contextlib.suppress(OSError):
                client.shutdown()


class Mailbox:
    """One session with the selected folder."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client
        self._must(client.login(settings.IMAP_USER, settings.IMAP_PASSWORD))
        _, told = client.capability()
        self._capabilities = frozenset(b" ".join(filter(None, told)).upper().split())
        self._must(client.select(_quoted(settings.IMAP_FOLDER)))

    def numbers(self) -> list[str]:
        """The messages that are there, oldest first; also those that a round which was cut short
        had marked as deleted and did not take away."""
        found = self._must(self._client.uid("SEARCH", "ALL"))
        return b" ".join(filter(None, found)).decode("ascii", "ignore").split()

    def fetch(self, number: str) -> bytes | None:
        """The beginning of a message; None where it is gone."""
        parts = self._must(self._client.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
        return next((part[1] for part in parts if isinstance(part, tuple)), None)

    def delete(self, number: str) -> None:
        """Take a message away."""
        self._must(self._client.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)"))
        if b"UIDPLUS" in self._capabilities:
            self._must(self._client.uid("EXPUNGE", number))
        else:
            self._must(self._client.expunge())

    def keep(self, number: str) -> None:
        """Put a message aside for people, in a folder that is made where there is none."""
        verb = "MOVE" if b"MOVE" in self._capabilities else "COPY"
        target = _quoted(KEPT_FOLDER)
        if self._client.uid(verb, number, target)[0] != "OK":
            # Some servers have all folders inside of INBOX.
            if self._client.create(target)[0] != "OK":
                target = _quoted(f"INBOX.{KEPT_FOLDER}")
                self._client.create(target)
            self._must(self._client.uid(verb, number, target))
        if verb == "COPY":
            self.delete(number)

    @staticmethod
    def _must(answer: tuple[str, list[Any]]) -> list[Any]:
        kind, told = answer
        if kind != "OK":
            raise imaplib.IMAP4.error(b" ".join(t for t in told if isinstance(t, bytes)))
        return told


def _read(mailbox: Mailbox, done: Round, clock: Callable[[], dt.datetime], ends_at: float) -> None:
    for number in mailbox.numbers()[:MOST_IN_A_ROUND]:
        if time.monotonic() > ends_at:
            break
        raw = mailbox.fetch(number)
        if raw is None:
            continue
        try:
            used = _take(raw, clock())
        except bounces.NotSettled:
            done.left += 1
            continue
        # Only now, for what it told is committed.
        if used:
            mailbox.delete(number)
            done.used += 1
        else:
            mailbox.keep(number)
            done.kept += 1


def _take(raw: bytes, now: dt.datetime) -> bool:
    """Whether the message could be used; a mistake of ours in one must not stop all others."""
    try:
        return bounces.take(raw, _SOURCE, now) in _USED
    except (DatabaseError, bounces.NotSettled):
        raise
    except Exception:
        logger.exception("A message in the mailbox could not be read")
        bounces.tally(bounces.Outcome.UNREADABLE, _SOURCE, now)
        return False


@contextlib.contextmanager
def _sole_reader() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ONE_READER])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        # Where the connection broke, the lock went with it.
        if is_ours and connection.connection is not None and not connection.connection.closed:
            with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_READER])


def _connected() -> imaplib.IMAP4:
    where: dict[str, Any] = {
        "host": settings.IMAP_HOST,
        "port": settings.IMAP_PORT,
        "timeout": settings.IMAP_TIMEOUT,
    }
    if settings.IMAP_SECURITY == "ssl":
        return imaplib.IMAP4_SSL(ssl_context=ssl.create_default_context(), **where)
    client = imaplib.IMAP4(**where)
    if settings.IMAP_SECURITY == "starttls":
        client.starttls(ssl.create_default_context())
    return client


def _quoted(folder: str) -> str:
    return f'"{folder}"'


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long to answer"
    said = error.args[0] if error.args and isinstance(error.args[0], bytes) else None
    text = said.decode("utf-8", "replace") if said is not None else str(error)
    words = " ".join(text.split())[:200] or type(error).__name__
    secret = settings.IMAP_PASSWORD
    return re.sub(re.escape(secret), "…", words) if secret else words
