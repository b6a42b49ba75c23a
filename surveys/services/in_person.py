"""Hands a survey's link over at the desk: printed with its QR code, or opened on a screen.

What was planned to be sent is then not sent as well. Decided under the locks that a dispatch claim
takes, so that of a mail and a slip of paper at the same moment one goes out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction

from surveys.models import Customer, Delivery, Invitation, Resolution
from surveys.services import policy_rules, scheduling
from surveys.services.outgoing import kinds, noting
from surveys.services.suppressions import suppressed_among
from surveys.services.tokens import LostKeyError, token_again

Status = Invitation.Status
_CHANNEL: Final = Delivery.Channel.LINK
_OUT: Final = (Status.SENT, Status.UNKNOWN, Status.FAILED)
_REFUSED: Final = {
    Status.SENDING: "It is just being sent; try again in a moment.",
    Status.EXPIRED: "The survey is closed.",
    Status.CANCELLED: "The survey was called off: {reason}.",
    Status.SKIPPED: "The case is not surveyed: {reason}.",
}


class CannotHandOut(Exception):  # noqa: N818 -- it names what happened
    """Why a link is not handed over, in words."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A link handed over, and what stands beside it."""

    invitation: Invitation
    token: str

    @property
    def address(self) -> str:
        return f"{settings.SITE_URL}/s/{self.token}/"


def is_out(invitation: Invitation, now: dt.datetime) -> bool:
    """Whether the customer has, or may have, the link already: showing it then changes nothing."""
    is_open = invitation.expires_at is not None and invitation.expires_at > now
    return invitation.status in _OUT and is_open and invitation.resolution.reopened_at is None


def why_not(invitation: Invitation, now: dt.datetime) -> str:
    """Why the link cannot be handed over, in words; "" where it can."""
    if invitation.version_id is None:
        return "No policy surveys this case."
    if invitation.customer is not None and invitation.customer.erased_at is not None:
        return f"{scheduling.ERASED.words}."
    if invitation.resolution.reopened_at is not None:
        return "The case was reopened: it is too early to ask how it went."
    has_no_address = invitation.reason_code == scheduling.NO_ADDRESS.code
    status = Status(invitation.status)
    if status in _REFUSED and not (status is Status.SKIPPED and has_no_address):
        return _REFUSED[status].format(reason=invitation.reason or "no reason is kept")
    if status in _OUT and invitation.expires_at is not None and invitation.expires_at <= now:
        return _REFUSED[Status.EXPIRED]
    email = invitation.customer.email if invitation.customer else ""
    if found := suppressed_among({email} if email else ()):
        return f"{found[email].words}."
    return ""


def slip_of(invitation: Invitation) -> Slip:
    """The link of a survey that is out. Raises: CannotHandOut where its key is gone."""
    try:
        token = token_again(invitation.nonce, bytes(invitation.token_hash))
    except LostKeyError as error:
        raise CannotHandOut(f"The link cannot be made: {error}.") from error
    return Slip(invitation, token)


def hand_out(number: int, now: dt.datetime) -> Slip:
    """Count the survey as handed over at the desk, where it is not out yet; its link.

    Again it changes nothing. Raises: Invitation.DoesNotExist, CannotHandOut.
    """
    with transaction.atomic():
        invitation = _locked(number)
        if words := why_not(invitation, now):
            raise CannotHandOut(words)
        slip = slip_of(invitation)
        if not is_out(invitation, now):
            _mark(invitation, now)
    return slip


def _locked(number: int) -> Invitation:
    """The survey with all that decides on it, locked in everybody's order: the customer, the
    resolution, the invitation, its deliveries."""
    known = Invitation.objects.values_list("customer_id", "resolution_id").get(pk=number)
    list(Customer.objects.select_for_update(no_key=True).filter(pk=known[0]))
    list(Invitation.objects.select_for_update().filter(pk=number).values_list("pk"))
    list(Resolution.objects.select_for_update(no_key=True).filter(pk=known[1]).values_list("pk"))
    list(Delivery.objects.select_for_update().filter(invitation=number).order_by("pk"))
    return Invitation.objects.select_related("customer", "resolution", "policy").get(pk=number)


def _mark(invitation: Invitation, now: dt.datetime) -> None:
    if invitation.status == Status.SKIPPED:  # no language was chosen, for nothing was to be sent
        invitation.language = _language(invitation)
    close_days = invitation.policy.close_days if invitation.policy else 14
    invitation.status, invitation.reason, invitation.reason_code = Status.SENT, "", ""
    invitation.sent_at, invitation.due_at = now, invitation.due_at or now
    invitation.expires_at = now + dt.timedelta(days=close_days)
    invitation.save(
        update_fields=[
            *("status", "reason", "reason_code", "sent_at", "due_at", "expires_at", "language")
        ]
    )
    noting.note(kinds.SENT, invitation.pk, now)
    # Of what was planned nothing leaves any more; a person who has the paper is not reminded.
    Delivery.objects.update_or_create(
        invitation=invitation,
        kind=Delivery.Kind.INVITATION,
        defaults={
            "channel": _CHANNEL,
            "status": Delivery.Status.SENT,
            "sent_at": now,
            "last_error": "",
            "is_paced": False,
            "in_flight_at": None,
        },
        create_defaults={
            "channel": _CHANNEL,
            "status": Delivery.Status.SENT,
            "sent_at": now,
            "due_at": now,
        },
    )


def _language(invitation: Invitation) -> str:
    if invitation.policy is None or invitation.customer is None:
        return invitation.language
    rule = policy_rules.rule_of(invitation.policy)
    return scheduling.language_for(rule, invitation.customer.language)
