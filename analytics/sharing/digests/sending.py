"""Sends the digests that are due: claim and commit, build, send, mark.

At most once after SMTP DATA, as with surveys: `in_flight_at` is committed before the server may see
the content. No transaction is open while the network is waited for.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError
from django.utils import timezone

from analytics.kept import DigestMail
from analytics.sharing.digests import content, message, outbox, planning
from surveys import channels
from surveys.channels.base import (
    USUAL,
    Message,
    NotAccepted,
    OutcomeUnknown,
    Refused,
    Session,
    Unreachable,
)

logger = logging.getLogger(__name__)
SLICE_SECONDS: Final = 20.0


@dataclass
class Counts:
    """What a round did. `stopped`: why it ended early, if it did."""

    planned: int = 0
    sent: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0
    retried: int = 0
    returned: int = 0
    stopped: str = ""


def send_due(
    *,
    seconds: float | None = None,
    clock: Callable[[], dt.datetime] = timezone.now,
    server: Session | None = None,
) -> Counts:
    """Plan what is due and send it, one after the other; safe to run any number of times at once.

    After `seconds` no further one is begun. Raises: database errors, after which leases run out and
    another worker continues.
    """
    ends_at = None if seconds is None else time.monotonic() + seconds
    counts = Counts()
    counts.returned, counts.unknown = outbox.return_expired(clock())
    counts.planned = planning.plan(clock())
    session = server or channels.open_session(USUAL)
    try:
        while not counts.stopped and (ends_at is None or time.monotonic() < ends_at):
            mail = outbox.claim(clock())
            if mail is None:
                return counts
            _one(mail, session, counts, clock)
    finally:
        if server is None:
            session.close()
    return counts


def _one(
    mail: DigestMail, server: Session, counts: Counts, clock: Callable[[], dt.datetime]
) -> None:
    built = _built(mail, counts, clock)
    if built is None:
        return
    try:
        letter = Message(built.sender, built.recipient, built.content)
        server.offer(letter)
        if not outbox.put_in_flight(mail, clock()):
            server.withdraw()
            outbox.skipped(mail, outbox.refusal(mail) or "Another worker took it over.")
            counts.skipped += 1
            return
        server.hand_over(letter)
    except NotAccepted as error:
        _not_sent(mail, error, counts, clock)
        return
    if outbox.sent(mail, clock()):
        counts.sent += 1
    else:
        counts.unknown += 1
        logger.warning("Digest %s was accepted after its lease ended", mail.pk)


def _built(
    mail: DigestMail, counts: Counts, clock: Callable[[], dt.datetime]
) -> message.Mail | None:
    """The mail; None where there is nothing to send: then the row says why."""
    words = outbox.refusal(mail)
    try:
        told = None if words else content.digest(mail, clock())
        if told is not None:
            return message.build(mail, told, clock())
    except DatabaseError:
        raise
    except Exception as error:
        # A mistake of ours, or data nobody thought of: shown and logged, but it must not hold up
        # everyone behind it.
        logger.exception("Digest %s cannot be built", mail.pk)
        outbox.failed(mail, f"The mail cannot be built: {type(error).__name__}: {error}")
        counts.failed += 1
        return None
    outbox.skipped(mail, words or content.NOTHING)
    counts.skipped += 1
    return None


def _not_sent(
    mail: DigestMail, error: NotAccepted, counts: Counts, clock: Callable[[], dt.datetime]
) -> None:
    if isinstance(error, Unreachable):
        outbox.release(mail, str(error))
        counts.stopped = str(error)
    elif isinstance(error, OutcomeUnknown):
        outbox.unknown(mail, f"{error}; it may have arrived")
        counts.unknown += 1
        logger.warning("Digest %s is unknown: %s", mail.pk, error)
    elif isinstance(error, Refused) and error.permanent:
        outbox.failed(mail, str(error))
        counts.failed += 1
        if error.is_about_us:  # our own sender is refused: the next would share its fate
            counts.stopped = str(error)
    elif outbox.retry(mail, str(error), clock()):
        counts.retried += 1
    else:
        counts.failed += 1
