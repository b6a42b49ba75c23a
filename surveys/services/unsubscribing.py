"""Stops surveys to the person behind a link."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.models import Invitation, Suppression
from surveys.questionnaire.branding import Look
from surveys.services import brands
from surveys.services.suppressions import Told, suppress
from surveys.services.tokens import email_hash, hash_of


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever holds the link: the address they are known by, and in which language.

    ``address`` is the e-mail address, which stops whatever else is sent as well; of somebody known
    by a telephone number alone that, and empty where the customer was erased since.
    """

    address: str
    language: str
    unsubscribed: bool
    look: Look | None


def find(token: str) -> Reader | None:
    """The person behind a link, however old it is; None for a link never given out."""
    row = (
        Invitation.objects.filter(token_hash=hash_of(token))
        .values_list(
            "customer__email",
            "customer__phone",
            "language",
            "policy__brand_id",
            "policy__brand__changed_at",
        )
        .first()
    )
    if row is None:
        return None
    email, phone, language, brand, changed_at = row
    address = email or phone or ""
    stopped = not address or _wants_no_more(address)
    return Reader(address, language, unsubscribed=stopped, look=brands.look(brand, changed_at))


def _wants_no_more(address: str) -> bool:
    """A bounce suppresses too, but is nobody's wish: that reader may still say never again."""
    reasons = Suppression.Reason
    return (
        Suppression.objects.filter(email_hash=email_hash(address))
        .exclude(reason__in=[reasons.BOUNCED, reasons.UNREACHABLE, reasons.MANUAL])
        .exists()
    )


def unsubscribe(reader: Reader) -> None:
    """Suppress the address; again changes nothing."""
    if reader.address:
        told = Told(Suppression.Source.LINK)
        suppress(reader.address, Suppression.Reason.UNSUBSCRIBED, told=told)
