"""The outbox of digests: claims under a lease, and what became of each, every step committed by
itself. A statement holds only while the worker's lease does: who was taken over changes nothing.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from typing import Final

from django.db import transaction
from django.db.models import F

from analytics.kept import DigestMail, DigestSubscription
from surveys.console.roles import role_of
from surveys.models import Suppression, User
from surveys.services.tokens import email_hash

#: Building the pictures and one mail take seconds; this is well beyond.
LEASE: Final = dt.timedelta(minutes=5)
MAX_ATTEMPTS: Final = 6
_FIRST_PAUSE: Final = dt.timedelta(minutes=1)
_LONGEST_PAUSE: Final = dt.timedelta(hours=4)
_DIED: Final = "The worker stopped before the mail was sent."
_DIED_IN_FLIGHT: Final = "The worker stopped while the mail was being sent; it may have arrived."
_NEVER: Final = (Suppression.Reason.BOUNCED, Suppression.Reason.COMPLAINED)
Status = DigestMail.Status


def claim(now: dt.datetime) -> DigestMail | None:
    """One due digest, leased; None where none is due."""
    with transaction.atomic():
        mail = (
            DigestMail.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(status=Status.QUEUED, due_at__lte=now)
            .select_related("subscription__user")
            .order_by("due_at", "id")
            .first()
        )
        if mail is None:
            return None
        mail.status, mail.lease = Status.SENDING, uuid.uuid4()
        mail.lease_until, mail.n_attempts = now + LEASE, mail.n_attempts + 1
        mail.save(update_fields=["status", "lease", "lease_until", "n_attempts"])
        return mail


def refusal(mail: DigestMail) -> str:
    """Why a digest may not leave, in words; empty where it may."""
    subscription = mail.subscription
    if subscription.stopped_at is not None:
        return "The reader unsubscribed."
    if not subscription.user.is_active:
        return "The reader may not sign in any more."
    if role_of(subscription.user) == User.Role.DESIGNER:
        return "The reader’s role has no report any more."
    hashed = email_hash(subscription.user.email)
    if Suppression.objects.filter(email_hash=hashed, reason__in=_NEVER).exists():
        return "Mail to this address was refused before."
    return ""


def put_in_flight(mail: DigestMail, now: dt.datetime) -> bool:
    """Commit that this mail is about to leave. False where the lease was lost, or the reader
    unsubscribed or was switched off meanwhile: their row is locked, so it is one or the other."""
    with transaction.atomic():
        subscription = (
            DigestSubscription.objects.select_for_update(of=("self",))
            .select_related("user")
            .get(pk=mail.subscription_id)
        )
        mail.subscription = subscription
        if refusal(mail):
            return False
        held = DigestMail.objects.filter(
            pk=mail.pk, lease=mail.lease, status=Status.SENDING, in_flight_at=None
        )
        return held.update(in_flight_at=now) == 1


def sent(mail: DigestMail, now: dt.datetime) -> bool:
    """The server took it. False where the lease was lost: it stays unknown."""
    return _end(mail, Status.SENT, sent_at=now, reason="")


def skipped(mail: DigestMail, words: str) -> None:
    """It is not sent, for a reason."""
    _end(mail, Status.SKIPPED, reason=words, in_flight_at=None)


def failed(mail: DigestMail, words: str) -> None:
    """It will not be sent."""
    _end(mail, Status.FAILED, reason=words, in_flight_at=None)


def unknown(mail: DigestMail, words: str) -> None:
    """It may have arrived; nothing sends it again."""
    _end(mail, Status.UNKNOWN, reason=words)


def retry(mail: DigestMail, words: str, now: dt.datetime) -> bool:
    """Queue it again after a pause that triples and is spread, or give it up; whether queued."""
    if mail.n_attempts >= MAX_ATTEMPTS:
        failed(mail, f"Given up after {mail.n_attempts} attempts: {words}")
        return False
    pause: dt.timedelta = min(_FIRST_PAUSE * 3 ** (mail.n_attempts - 1), _LONGEST_PAUSE)
    pause *= random.uniform(0.8, 1.2)  # noqa: S311 -- spreads load, keeps no secret
    _end(mail, Status.QUEUED, reason=words, due_at=now + pause, in_flight_at=None)
    return True


def release(mail: DigestMail, words: str) -> None:
    """Give it back untried; no attempt is counted."""
    _end(mail, Status.QUEUED, reason=words, in_flight_at=None, n_attempts=F("n_attempts") - 1)


def return_expired(now: dt.datetime) -> tuple[int, int]:
    """Take back what dead workers held: how many are queued again, and how many unknown."""
    lost = DigestMail.objects.filter(status=Status.SENDING, lease_until__lt=now)
    n_unknown = lost.filter(in_flight_at__isnull=False).update(
        status=Status.UNKNOWN, lease=None, lease_until=None, reason=_DIED_IN_FLIGHT
    )
    n_queued = lost.filter(in_flight_at__isnull=True).update(
        status=Status.QUEUED, lease=None, lease_until=None, reason=_DIED
    )
    return n_queued, n_unknown


def _end(mail: DigestMail, status: str, *, reason: str, **changes: object) -> bool:
    held = DigestMail.objects.filter(pk=mail.pk, lease=mail.lease)
    changed = held.update(
        status=status, lease=None, lease_until=None, reason=reason[:300], **changes
    )
    return changed == 1
