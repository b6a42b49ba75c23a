"""Stops survey mails to the person behind a link."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.models import Invitation, Suppression
from surveys.questionnaire.branding import Look
from surveys.services import brands
from surveys.services.suppressions import Told, suppress
from surveys.services.tokens import email_hash, hash_of


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever holds the link: the address written to, and in which language.

    ``email`` is empty where the customer was erased since.
    """

    email: str
    language: str
    unsubscribed: bool
    look: Look | None


def find(token: str) -> Reader | None:
    """The person behind a link, however old it is; None for a link never given out."""
    row = (
        Invitation.objects.filter(token_hash=hash_of(token))
        .values_list("customer__email", "language", "policy__brand_id", "policy__brand__changed_at")
        .first()
    )
    if row is None:
        return None
    email = row[0] or ""
    stopped = not email or _wants_no_more(email)
    return Reader(email, row[1], unsubscribed=stopped, look=brands.look(row[2], row[3]))


def _wants_no_more(email: str) -> bool:
    """A bounce suppresses too, but is nobody's wish: that reader may still say never again."""
    reasons = Suppression.Reason
    return (
        Suppression.objects.filter(email_hash=email_hash(email))
        .exclude(reason__in=[reasons.BOUNCED, reasons.UNREACHABLE, reasons.MANUAL])
        .exists()
    )


def unsubscribe(reader: Reader) -> None:
    """Suppress the address; again changes nothing."""
    if reader.email:
        told = Told(Suppression.Source.LINK)
        suppress(reader.email, Suppression.Reason.UNSUBSCRIBED, told=told)
