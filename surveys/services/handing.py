"""Hands the links of due surveys to the customer's own system, which delivers them itself.

A claim decides exactly as it does for a mail: suppression, reopening, cool-down and quiet hours are
looked at under lock, and what is handed out is marked in the same transaction. So of two claims at
once one gets the link; whoever lost the answer on the way reads it again (`described`). Links are
made anew each time and never stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from surveys.channels import caller
from surveys.models import Delivery, Invitation
from surveys.services import delivery_outcomes as outcomes
from surveys.services.delivery_claims import Claim, Scope, claim
from surveys.services.suppressions import suppressed_among
from surveys.services.tokens import LostKeyError, token_again

CHANNEL: Final = caller.CHANNEL.name
#: What a delivery by the caller can be. Every one is exactly one of these.
STATES: Final = ("waiting", "handed", "closed", "withdrawn", "failed")
_OPEN: Final = (Invitation.Status.SENT, Invitation.Status.UNKNOWN, Invitation.Status.FAILED)
_MOST_CLAIMS: Final = 20


def hand_over_due(now: dt.datetime, limit: int) -> list[int]:
    """Take up to ``limit`` links that are due, and mark them as handed over. Returns the numbers
    of their deliveries; committed with the caller's transaction, or when this returns."""
    handed: list[int] = []
    with transaction.atomic():
        for _ in range(_MOST_CLAIMS):
            claimed = claim(Scope(now, channel=CHANNEL), limit - len(handed))
            handed += _marked(claimed, now)
            moved = claimed.mails or claimed.n_withdrawn or claimed.n_put_off
            if len(handed) >= limit or not moved:
                break
    return handed


def _marked(claimed: Claim, now: dt.datetime) -> list[int]:
    ready = []
    for due in claimed.mails:
        try:
            token_again(due.nonce, due.token_hash)
        except LostKeyError as error:
            outcomes.fail(claimed.lease, due, f"The link cannot be made: {error}")
            continue
        ready.append(outcomes.Accepted(due, now))
    return sorted(outcomes.mark_sent(claimed.lease, ready))


def deliveries(state: str | None, now: dt.datetime) -> QuerySet[Delivery]:
    """What is, or was, for the caller to deliver; with a state only what is in it."""
    every = Delivery.objects.filter(channel=CHANNEL).select_related(
        "invitation__customer", "invitation__resolution__case"
    )
    statuses = Delivery.Status
    is_open = Q(
        status=statuses.SENT,
        invitation__status__in=_OPEN,
        invitation__expires_at__gt=now,
        invitation__resolution__reopened_at__isnull=True,
    )
    if state == "handed":
        return every.filter(is_open)
    if state == "closed":
        return every.filter(status=statuses.SENT).exclude(is_open)
    plain = {"waiting": [statuses.QUEUED, statuses.SENDING], "withdrawn": [statuses.CANCELLED]}
    if state is None:
        return every
    return every.filter(status__in=plain.get(state, [statuses.FAILED, statuses.UNKNOWN]))


def described(
    found: Iterable[Delivery], now: dt.datetime, *, sees_identity: bool, with_links: bool
) -> Iterator[dict[str, Any]]:
    """What the caller is told of each; its link only while it is open and was handed over, and
    not of somebody who is not to be written to any more."""
    rows = list(found)
    emails = {row.invitation.customer.email for row in rows if row.invitation.customer}
    suppressed = suppressed_among({email for email in emails if email})
    for row in rows:
        invitation, customer = row.invitation, row.invitation.customer
        reason = suppressed.get(customer.email) if customer else None
        state = _state(row, now)
        case = invitation.resolution.case
        told: dict[str, Any] = {
            "id": row.pk,
            "kind": row.kind,
            "state": state,
            "case": {"source": case.source, "external_id": case.external_id},
            "language": invitation.language,
            "due_at": row.due_at,
            "handed_at": row.sent_at,
            "expires_at": invitation.expires_at,
            "reason": reason.words if reason else row.last_error or invitation.reason,
            "link": None,
            "unsubscribe_link": None,
        }
        if state == "handed" and with_links and reason is None:
            told |= _links(invitation)
        if sees_identity and customer:
            told["customer"] = {
                name: getattr(customer, name) for name in ("email", "phone", "name", "external_id")
            }
        yield told


def _state(row: Delivery, now: dt.datetime) -> str:
    statuses = Delivery.Status
    if row.status == statuses.SENT:
        invitation = row.invitation
        is_open = (
            invitation.status in _OPEN
            and invitation.expires_at is not None
            and invitation.expires_at > now
            and invitation.resolution.reopened_at is None
        )
        return "handed" if is_open else "closed"
    if row.status in {statuses.QUEUED, statuses.SENDING}:
        return "waiting"
    return "withdrawn" if row.status == statuses.CANCELLED else "failed"


def _links(invitation: Invitation) -> dict[str, str]:
    """Both links; none for somebody erased since, or where the key is gone."""
    try:
        token = token_again(invitation.nonce, bytes(invitation.token_hash))
    except LostKeyError:
        return {}
    return {
        "link": f"{settings.SITE_URL}/s/{token}/",
        "unsubscribe_link": f"{settings.SITE_URL}/u/{token}/",
    }
