"""Sends what is due: claim and commit, send, mark.

At most once after SMTP DATA. `in_flight_at` is committed before the server may see the content,
so that a mail whose outcome nobody knows becomes `unknown` and is never repeated by itself. Where
mails leave quickly a few of them take off with one commit; as many are unknown where a worker is
killed. No transaction is open while the network is waited for.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from surveys import channels
from surveys.channels.base import USUAL, Session, Unreachable
from surveys.models import Delivery, Invitation, Response
from surveys.services import delivery_outcomes as outcomes
from surveys.services.delivery_claims import Scope, anything_due, claim
from surveys.services.delivery_composing import prepare
from surveys.services.delivery_round import (
    BATCH,
    LONGEST_ROUND,
    Counts,
    Ends,
    Pace,
    Round,
    locked,
)

__all__ = [
    "BATCH",
    "CannotResend",
    "Counts",
    "dispatch_all",
    "dispatch_round",
    "resend_all_unknown",
    "resend_unknown",
]


class CannotResend(Exception):  # noqa: N818 -- it names what happened
    """Why a delivery cannot be sent again, in words."""


def dispatch_round(
    now: dt.datetime,
    batch: int = BATCH,
    ignore_delay: bool = False,
    *,
    channel: str = USUAL,
    session: Session | None = None,
    pace: Pace | None = None,
    seconds: float = LONGEST_ROUND,
) -> Counts:
    """Claim up to ``batch`` due messages of a channel and send them; safe at any number at once.

    ``session`` is one to be used on, and ``pace`` what was learned of it; without them the round
    opens and closes its own, and begins with one mail. After ``seconds``, but at least one mail, no
    further one is begun and what is left is given back.

    Raises: MessageError where DEFAULT_FROM_EMAIL is unusable; database errors, after which leases
    run out and another worker continues.
    """
    started = time.monotonic()
    prepare(channel)
    counts = Counts()
    counts.returned, counts.unknown = outcomes.return_expired_leases(now)
    scope = Scope(now, ignore_delay, channel)
    if not anything_due(scope):
        return counts
    own = session is None
    session = session or channels.open_session(channel)
    try:
        # Before the claim: while the server is away, no row is touched and no attempt counted.
        session.connect()
        claimed = claim(scope, batch)
        counts.skipped += claimed.n_withdrawn
        counts.put_off += claimed.n_put_off
        ends = Ends(now, started, min(seconds, LONGEST_ROUND))
        Round(session, claimed.lease, counts, pace or Pace(), ends).run(claimed.mails)
    except Unreachable as error:
        counts.stopped = str(error)
    finally:
        if own:
            session.close()
    return counts


def dispatch_all(
    channel: str = USUAL,
    *,
    ignore_delay: bool = False,
    seconds: float | None = None,
    clock: Callable[[], dt.datetime] = timezone.now,
    after_round: Callable[[Counts], bool] | None = None,
) -> Counts:
    """Rounds over one session with the mail server, or a channel's gateway, until nothing is due,
    or ``seconds`` are over, or the server fails. ``after_round`` hears what each did, and says
    whether to go on."""
    ends_at = time.monotonic() + (math.inf if seconds is None else seconds)
    total = Counts()
    pace = Pace()
    with channels.open_session(channel) as session:
        while True:
            counts = dispatch_round(
                clock(),
                ignore_delay=ignore_delay,
                channel=channel,
                session=session,
                pace=pace,
                seconds=ends_at - time.monotonic(),
            )
            total += counts
            if after_round is not None and not after_round(counts):
                return total
            if counts.stopped or not counts.moved or time.monotonic() >= ends_at:
                return total


def resend_unknown(delivery_id: int, *, now: dt.datetime | None = None) -> None:
    """An operator's wish to send a mail again that may have arrived already.

    Raises: CannotResend.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        delivery = locked(delivery_id)
        if delivery is None or delivery.status != Delivery.Status.UNKNOWN:
            raise CannotResend("Only a mail whose outcome is unknown can be sent again.")
        invitation = delivery.invitation
        if Response.objects.filter(invitation=invitation).exists():
            raise CannotResend("The survey has been answered: the mail did arrive.")
        if delivery.kind == Delivery.Kind.INVITATION:
            if invitation.status != Invitation.Status.UNKNOWN:
                raise CannotResend(f"The invitation is {invitation.get_status_display().lower()}.")
            invitation.status = Invitation.Status.SCHEDULED
            invitation.due_at, invitation.expires_at = moment, None
            invitation.reason = invitation.reason_code = ""
            invitation.save(
                update_fields=["status", "due_at", "expires_at", "reason", "reason_code"]
            )
        delivery.status = Delivery.Status.QUEUED
        delivery.due_at = moment
        delivery.in_flight_at, delivery.n_attempts = None, 0
        delivery.save(update_fields=["status", "due_at", "in_flight_at", "n_attempts"])


def resend_all_unknown(most: int, *, now: dt.datetime | None = None) -> tuple[int, int]:
    """The same for all of them, the latest first: how many are sent again, and how many are not
    (answered meanwhile, reopened, or sent again by somebody else)."""
    unknown = Delivery.objects.filter(status=Delivery.Status.UNKNOWN).order_by("-id")
    answered = Response.objects.filter(invitation=OuterRef("invitation"))
    n_again = n_left = 0
    for number in list(unknown.exclude(Exists(answered)).values_list("pk", flat=True)[:most]):
        try:
            resend_unknown(number, now=now)
        except CannotResend:
            n_left += 1
        else:
            n_again += 1
    return n_again, n_left
