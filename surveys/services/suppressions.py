"""Addresses that must not be written to.

Suppressing locks the customer's row, which a dispatch claim locks as well: whichever comes second
sees the other. No send is claimed after a suppression has committed, and one claimed just before
is checked again in the statement that puts it in flight (`delivery_outcomes`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from surveys.channels.base import BY_NUMBER
from surveys.models import Customer, Delivery, Invitation, Suppression, SuppressionChange
from surveys.services.phones import is_phone
from surveys.services.scheduling import Reason, suppressed
from surveys.services.tokens import email_hash

_REASONS = Suppression.Reason
_CHANGES = SuppressionChange.Kind
# A reason gives way only to one further down: a bounce never hides that someone said "never again".
_WEAKEST_FIRST: Final[tuple[str, ...]] = (
    _REASONS.MANUAL,
    _REASONS.UNREACHABLE,
    _REASONS.BOUNCED,
    _REASONS.COMPLAINED,
    _REASONS.UNSUBSCRIBED,
    _REASONS.ERASED,
)
#: Reasons that are nobody's wish, and say something of a mailbox alone.
OF_THE_MAILBOX: Final = frozenset({_REASONS.UNREACHABLE, _REASONS.BOUNCED})


@dataclass(frozen=True, slots=True)
class Told:
    """Where a change comes from: the way, who of the staff or which key, and the words typed."""

    source: str = ""
    who: str = ""
    note: str = ""


UNTOLD: Final = Told()


class CannotLift(Exception):  # noqa: N818 -- it names what happened
    """Why a suppression stays, in words."""


def suppress(
    email: str, reason: str, *, now: dt.datetime | None = None, told: Told = UNTOLD
) -> Suppression:
    """Never write to this address again, and cancel what still waits for it.

    Committed when this returns, or with the caller's transaction. Doing it again changes nothing,
    but that a weightier reason replaces a lighter one.
    """
    address = email.strip().lower()
    with transaction.atomic():
        customers = [number for number, _ in _locked_customers(address)]
        suppression = _recorded(address, reason, now or timezone.now(), told)
        cancel_waiting(
            _concerned(customers, address, suppression.reason),
            suppressed(suppression.reason, suppression.created_at, by_number=is_phone(address)),
        )
    return suppression


def suppress_many(
    wanted: dict[str, str], *, now: dt.datetime, told: Told, dry: bool = False
) -> tuple[int, int]:
    """The same for many addresses with their reasons, in one transaction. Returns how many were
    new, and how many got a weightier reason; ``dry`` only counts."""
    by_hash = {email_hash(email): (email.strip().lower(), r) for email, r in wanted.items()}
    with transaction.atomic():
        if not dry:
            customers = _locked_customers(*(address for address, _ in by_hash.values()))
        held = dict(
            Suppression.objects.filter(email_hash__in=by_hash).values_list("email_hash", "reason")
        )
        new = {hash_: told_ for hash_, told_ in by_hash.items() if hash_ not in held}
        weightier = [
            told_
            for hash_, told_ in by_hash.items()
            if hash_ in held and is_weightier(told_[1], held[hash_])
        ]
        if dry:
            return len(new), len(weightier)
        for address, reason in weightier:
            suppress(address, reason, now=now, told=told)
        _insert(new, now, told)
        reasons = dict(new.values())
        for customer_id, address in customers:
            if (why := reasons.get(address)) is not None:
                waiting = _concerned([customer_id], address, why)
                cancel_waiting(waiting, suppressed(why, now, by_number=is_phone(address)))
    return len(new), len(weightier)


def _insert(new: dict[str, tuple[str, str]], now: dt.datetime, told: Told) -> None:
    Suppression.objects.bulk_create(
        (
            Suppression(
                email_hash=hash_, email=address, reason=reason, created_at=now,
                source=told.source, who=told.who,
            )
            for hash_, (address, reason) in new.items()
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    SuppressionChange.objects.bulk_create(
        _change(hash_, address, _CHANGES.ADDED, reason, now, told)
        for hash_, (address, reason) in new.items()
    )


def resubscribe(email: str, *, now: dt.datetime | None = None, told: Told = UNTOLD) -> bool:
    """Lift a suppression: only on the person's explicit wish. What was cancelled stays so.

    An erasure is not lifted: the address is no longer known to anyone who could ask. Returns
    whether anything was lifted.
    """
    hash_ = email_hash(email)
    with transaction.atomic():
        held = Suppression.objects.select_for_update().filter(email_hash=hash_)
        found = held.exclude(reason=_REASONS.ERASED).first()
        if found is None:
            return False
        found.delete()
        address = email.strip().lower()
        _log(hash_, address, _CHANGES.LIFTED, found.reason, now or timezone.now(), told)
    return True


def lift(email: str, *, now: dt.datetime, told: Told) -> None:
    """The same for staff: not without words why, and with words where it cannot be.

    Raises: CannotLift.
    """
    if not told.note.strip():
        raise CannotLift("Say how the person asked for it; that is kept with your name.")
    hash_ = email_hash(email)
    if Suppression.objects.filter(email_hash=hash_, reason=_REASONS.ERASED).exists():
        raise CannotLift(
            "The person was erased on request: nobody is left who could ask to be written to."
        )
    if not resubscribe(email, now=now, told=told):
        raise CannotLift("The address is not on the list.")


def lifted_since(email: str, moment: dt.datetime) -> bool:
    """Whether the address was subscribed again at or after this moment."""
    changes = SuppressionChange.objects.filter(email_hash=email_hash(email))
    return changes.filter(kind=_CHANGES.LIFTED, made_at__gte=moment).exists()


def forget_words(email: str) -> None:
    """Blank what names an erased person in the log; that something was done stays."""
    SuppressionChange.objects.filter(email_hash=email_hash(email)).exclude(
        email="", note=""
    ).update(email="", note="")


def suppressed_among(addresses: Iterable[str], *, wishes_alone: bool = False) -> dict[str, Reason]:
    """Which of these addresses are suppressed, and why, by the address as given. ``wishes_alone``:
    not those of whose mailbox we learned something."""
    hashes = {email_hash(address): address for address in addresses}
    if not hashes:
        return {}
    found = Suppression.objects.filter(email_hash__in=hashes).values_list(
        "email_hash", "reason", "created_at"
    )
    return {
        hashes[hash_]: suppressed(reason, since, by_number=is_phone(hashes[hash_]))
        for hash_, reason, since in found
        if not (wishes_alone and reason in OF_THE_MAILBOX)
    }


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


def _concerned(customers: list[int], address: str, reason: str) -> QuerySet[Invitation]:
    """What of these customers may not go out: to a number, what would go to it; to an e-mail
    address everything, but that a dead mailbox says nothing of a telephone."""
    theirs = Invitation.objects.filter(customer_id__in=customers)
    to_numbers = Delivery.objects.filter(
        channel__in=BY_NUMBER, invitation__customer__in=customers
    ).values("invitation")
    if is_phone(address):
        return theirs.filter(pk__in=to_numbers)
    return theirs.exclude(pk__in=to_numbers) if reason in OF_THE_MAILBOX else theirs


def _locked_customers(*addresses: str) -> list[tuple[int, str]]:
    """Those written to at these addresses, each with the address. A number may be of several."""
    wanted = set(addresses)
    numbers = [address for address in addresses if is_phone(address)]
    known = Q(key__in=[f"mail:{address}" for address in addresses])
    if numbers:
        known |= Q(phone__in=numbers)
    found = Customer.objects.filter(known).order_by("pk").select_for_update()
    return [
        (number, address)
        for number, key, phone in found.values_list("pk", "key", "phone")
        for address in (key.removeprefix("mail:"), phone)
        if address in wanted
    ]


def _recorded(address: str, reason: str, now: dt.datetime, told: Told) -> Suppression:
    shown = "" if reason == _REASONS.ERASED else address[:254]
    hash_ = email_hash(address)
    fields = {"email": shown, "reason": reason, "source": told.source, "who": told.who}
    suppression, created = Suppression.objects.select_for_update().get_or_create(
        email_hash=hash_, defaults={**fields, "created_at": now}
    )
    if created:
        _log(hash_, shown, _CHANGES.ADDED, reason, now, told)
    elif is_weightier(reason, suppression.reason):
        for name, value in fields.items():
            setattr(suppression, name, value)
        suppression.save(update_fields=list(fields))
        _log(hash_, shown, _CHANGES.WEIGHTIER, reason, now, told)
    return suppression


def is_weightier(reason: str, than: str) -> bool:
    """Whether a suppression for one reason takes the place of one for the other."""
    return _WEAKEST_FIRST.index(reason) > _WEAKEST_FIRST.index(than)


def _log(hash_: str, email: str, kind: str, reason: str, now: dt.datetime, told: Told) -> None:
    _change(hash_, email, kind, reason, now, told).save(force_insert=True)


def _change(
    hash_: str, email: str, kind: str, reason: str, now: dt.datetime, told: Told
) -> SuppressionChange:
    return SuppressionChange(
        email_hash=hash_,
        email=email[:254],
        kind=kind,
        reason=reason,
        source=told.source,
        note=told.note.strip()[:500],
        who=told.who[:254],
        made_at=now,
    )
