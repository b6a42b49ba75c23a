"""Erasing a person: what identifies them goes, what was done stays.

Kept are the case, who handled it and why it happened, and that somebody was invited. Their answers
go and are subtracted from every aggregate. A keyed hash of the address remains in two lists: so
that nobody writes to it again, and so that the same events sent again bring nothing back.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db import transaction
from django.db.models import Q

from surveys.models import (
    AnswerChange,
    Case,
    CaseEvent,
    Customer,
    Delivery,
    DeliveryReport,
    ErasedCustomer,
    Invitation,
    LinkOpening,
    Response,
    ResponseRevision,
    Suppression,
)
from surveys.services import history, hook_erasing, intake, scheduling
from surveys.services.intake_sql import with_retries
from surveys.services.outgoing import endpoints
from surveys.services.phones import is_phone
from surveys.services.suppressions import Told, forget_words, suppress
from surveys.services.tokens import email_hash, hash_of

#: What stays of the words why a mail failed.
NOT_DELIVERED: Final = "The mail could not be delivered"


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased; all zero where nothing was left to do."""

    customers: int
    cases: int
    events: int
    invitations: int
    responses: int
    #: Of a tool that asked one question, before Stabledoor.
    ratings: int = 0

    def as_json(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


def erase(address: str, now: datetime, *, dry: bool = False) -> Erased:
    """Erase the person with this e-mail address, or all with this telephone number. Again changes
    nothing. `dry` only counts.

    One transaction: an erasure cut short has erased nothing and is started again.
    """

    def work() -> Erased:
        erased = _erase(address.strip().lower(), now)
        if dry:
            transaction.set_rollback(True)
        return erased

    return with_retries(work)


def _erase(address: str, now: datetime) -> Erased:
    known = Customer.objects.filter(_known_by(address))
    numbers = [f"tel:{phone}" for phone in known.values_list("phone", flat=True) if phone]
    known |= Customer.objects.filter(key__in=numbers)
    customers = list(known.order_by("key").select_for_update())
    theirs = {address} | {a for c in customers for a in (c.email, c.phone) if a}
    for each in sorted(theirs):
        told = Told(Suppression.Source.ERASURE)
        suppress(each, Suppression.Reason.ERASED, now=now, told=told)
        forget_words(each)
        ErasedCustomer.objects.get_or_create(
            email_hash=email_hash(each), defaults={"erased_at": now}
        )
    _forget_webhooks(theirs, customers, now)
    n_events, cases = _scrub_events(theirs, customers)
    Case.objects.filter(customer__in=customers).update(subject="", tags=[])
    invitations = Invitation.objects.filter(
        Q(customer__in=customers) | Q(resolution__case__customer__in=customers)
    )
    ids = list(invitations.order_by("pk").values_list("pk", flat=True).distinct())
    n_responses = _delete_responses(ids, now)
    n_ratings = history.erase(theirs, customers)
    _void(ids)
    endpoints.erase(ids)
    for customer in customers:
        _blank(customer, now)
    return Erased(len(customers), len(cases), n_events, len(ids), n_responses, n_ratings)


def _known_by(address: str) -> Q:
    if is_phone(address):
        return Q(phone=address)
    return Q(key=f"mail:{address}") | Q(email=address)


def _scrub_events(theirs: set[str], customers: list[Customer]) -> tuple[int, set[int]]:
    """Scrub every event of the person's cases but those about somebody else, and every event
    anywhere that names an address of theirs. Returns how many changed, and the cases."""
    about = Q(case__customer__in=customers) | Q(content__customer__email__in=theirs)
    events = list(CaseEvent.objects.filter(about).order_by("pk").select_for_update(of=("self",)))
    changed = []
    for event in events:
        named = event.content.get("customer", {}).get("email")
        before = msgspec.json.encode(event.content, order="deterministic")
        if named is None or named in theirs:
            intake.scrub(event.content)
        if msgspec.json.encode(event.content, order="deterministic") != before:
            changed.append(event)
    CaseEvent.objects.bulk_update(changed, ["content"], batch_size=1000)
    return len(changed), {event.case_id for event in events}


def _forget_webhooks(theirs: set[str], customers: list[Customer], now: datetime) -> None:
    """Take the person out of what helpdesks sent: the inspector's lines, and what waits."""
    cases = set(Case.objects.filter(customer__in=customers).values_list("source", "external_id"))
    ids = {(source, c.external_id) for c in customers if c.external_id for source, _ in cases}
    hook_erasing.forget(theirs, cases, ids, now)


def _delete_responses(invitation_ids: list[int], now: datetime) -> int:
    """Delete answers and comments, and leave word for aggregation to subtract them."""
    responses = list(
        Response.objects.filter(invitation__in=invitation_ids)
        .order_by("pk")
        .select_for_update()
        .values_list("pk", flat=True)
    )
    ResponseRevision.objects.filter(response__in=responses).delete()
    Response.objects.filter(pk__in=responses).delete()
    AnswerChange.objects.bulk_create(
        AnswerChange(response_id=number, created_at=now) for number in responses
    )
    return len(responses)


def _void(invitation_ids: list[int]) -> None:
    """No link of theirs opens anything any more, and nothing that waits is sent."""
    invitations = list(
        Invitation.objects.filter(pk__in=invitation_ids).order_by("pk").select_for_update()
    )
    for invitation in invitations:
        invitation.nonce = uuid.uuid4()
        invitation.token_hash = hash_of(secrets.token_urlsafe(32))
        if invitation.status in ("scheduled", "skipped"):
            invitation.status = Invitation.Status.CANCELLED
            invitation.reason = scheduling.ERASED.words
            invitation.reason_code = scheduling.ERASED.code
            invitation.due_at = None
        elif invitation.status == Invitation.Status.FAILED:
            # A mail server's words may name the person.
            invitation.reason = NOT_DELIVERED
    fields = ["nonce", "token_hash", "status", "reason", "reason_code", "due_at"]
    Invitation.objects.bulk_update(invitations, fields, batch_size=1000)
    DeliveryReport.objects.filter(delivery__invitation__in=invitation_ids).delete()
    deliveries = Delivery.objects.filter(invitation__in=invitation_ids)
    deliveries.filter(status=Delivery.Status.QUEUED).update(status=Delivery.Status.CANCELLED)
    LinkOpening.objects.filter(invitation__in=invitation_ids).delete()
    # A mail server's answer often quotes the address.
    deliveries.update(last_error="")


def _blank(customer: Customer, now: datetime) -> None:
    blank: dict[str, Any] = dict.fromkeys(("email", "phone", "external_id", "name", "language"), "")
    times = dict.fromkeys(("external_id_at", "name_at", "language_at", "timezone_at", "phone_at"))
    fields = blank | times | {"timezone": "", "erased_at": now}
    fields["key"] = f"erased:{secrets.token_hex(16)}"
    Customer.objects.filter(pk=customer.pk).update(**fields)
