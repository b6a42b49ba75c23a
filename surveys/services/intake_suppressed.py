"""Whom of a batch nothing may be sent to, by what they can be written to at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from surveys.services import scheduling
from surveys.services.intake_people import Customer
from surveys.services.intake_sql import rows
from surveys.services.phones import is_phone
from surveys.services.scheduling import Reason
from surveys.services.suppressions import OF_THE_MAILBOX
from surveys.services.tokens import email_hash


@dataclass(frozen=True, slots=True)
class Suppressed:
    """By hash of the address, why it must not be written to; `wished` are those who said so
    themselves, which holds by whatever way."""

    addresses: dict[str, Reason] = field(default_factory=dict)
    wished: dict[str, Reason] = field(default_factory=dict)

    def refusal(self, customer: Customer | None, *, by_number: bool = False) -> Reason | None:
        """Why this customer cannot be written to, whatever the case."""
        if not by_number:
            if customer is None or not customer.email:
                return scheduling.NO_ADDRESS
            return self.addresses.get(email_hash(customer.email))
        if customer is None or not (phone := customer.fact("phone")):
            return scheduling.NO_NUMBER
        found = self.addresses.get(email_hash(phone))
        return found or self.wished.get(email_hash(customer.email))


def load_suppressed(customers: Iterable[Customer]) -> Suppressed:
    """What is known of the addresses and numbers of these customers."""
    hashes = {
        email_hash(address): address
        for customer in customers
        for address in (customer.email, customer.fact("phone"))
        if address
    }
    found = rows(
        "SELECT email_hash, reason, created_at FROM surveys_suppression"
        " WHERE email_hash = ANY(%s::text[])",
        list(hashes),
    )
    barred = {
        number: scheduling.suppressed(reason, since, by_number=is_phone(hashes[number]))
        for number, reason, since in found
    }
    wished = {number for number, reason, _ in found if reason not in OF_THE_MAILBOX}
    return Suppressed(barred, {number: barred[number] for number in wished})
