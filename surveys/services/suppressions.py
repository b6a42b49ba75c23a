"""Addresses that must not be written to.

Suppressing locks the customer's row, which a dispatch claim locks as well: whichever comes second
sees the other. No send is claimed after a suppression has committed, and one claimed just before
is checked again in the statement that puts it in flight (`delivery_outcomes`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from surveys.models import Customer, Delivery, Invitation, Suppression
from surveys.services.scheduling import Reason, suppressed
from surveys.services.tokens import email_hash

_REASONS = Suppression.Reason
# A reason gives way only to one further down: a bounce never hides that someone said "never again".
_WEAKEST_FIRST: Final[tuple[str, ...]] = (
    _REASONS.MANUAL,
    _REASONS.BOUNCED,
    _REASONS.COMPLAINED,
    _REASONS.UNSUBSCRIBED,
    _REASONS.ERASED,
)


def suppress(email: str, reason: str, *, now: dt.datetime | None = None) -> Suppression:
    """Never write to this address again, and cancel what still waits for it.

    Committed when this returns, or with the caller's transaction. Doing it again changes nothing,
    but that a weightier reason replaces a lighter one.
    """
    address = email.strip().lower()
    with transaction.atomic():
        customers = _locked_customers(address)
        suppression = _recorded(address, reason, now or timezone.now())
        cancel_waiting(
            Invitation.objects.filter(customer_id__in=customers),
            suppressed(suppression.reason, suppression.created_at),
        )
    return suppression


def resubscribe(email: str) -> bool:
    """Lift a suppression: only on the person's explicit wish. What was cancelled stays so.

    An erasure is not lifted: the address is no longer known to anyone who could ask.
    """
    with transaction.atomic():
        lifted, _ = (
            Suppression.objects.filter(email_hash=email_hash(email))
            .exclude(reason=_REASONS.ERASED)
            .delete()
        )
    return lifted > 0


def suppressed_among(emails: Iterable[str]) -> dict[str, Reason]:
    """Which of these addresses are suppressed, and why, by the address as given."""
    hashes = {email_hash(email): email for email in emails}
    found = Suppression.objects.filter(email_hash__in=hashes).values_list(
        "email_hash", "reason", "created_at"
    )
    return {hashes[hash_]: suppressed(reason, since) for hash_, reason, since in found}


def cancel_waiting(invitations: QuerySet[Invitation], reason: Reason) -> int:
    """Cancel the scheduled ones among these invitations, and all their queued deliveries.

    To be called in a transaction. A mail already claimed is left to the worker that has it, who
    checks once more before the mail leaves. Returns how many invitations were cancelled.
    """
    ids = list(invitations.order_by("pk").select_for_update().values_list("pk", flat=True))
    # Invitation before delivery: everyone locks in this order, so nobody deadlocks.
    cancelled = Invitation.objects.filter(pk__in=ids, status=Invitation.Status.SCHEDULED).update(
        status=Invitation.Status.CANCELLED, reason=reason.words[:300], reason_code=reason.code
    )
    Delivery.objects.filter(invitation__in=ids, status=Delivery.Status.QUEUED).update(
        status=Delivery.Status.CANCELLED, last_error=reason.words[:500], n_attempts=0
    )
    return cancelled


def _locked_customers(address: str) -> list[int]:
    return list(
        Customer.objects.filter(key=f"mail:{address}")
        .order_by("pk")
        .select_for_update()
        .values_list("pk", flat=True)
    )


def _recorded(address: str, reason: str, now: dt.datetime) -> Suppression:
    shown = "" if reason == _REASONS.ERASED else address
    suppression, created = Suppression.objects.select_for_update().get_or_create(
        email_hash=email_hash(address),
        defaults={"email": shown[:254], "reason": reason, "created_at": now},
    )
    if not created and _WEAKEST_FIRST.index(reason) > _WEAKEST_FIRST.index(suppression.reason):
        suppression.reason = reason
        suppression.email = shown[:254]
        suppression.save(update_fields=["reason", "email"])
    return suppression
