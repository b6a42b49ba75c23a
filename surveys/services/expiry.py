"""Closes surveys whose time is over, and finds what would otherwise wait for ever."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from surveys.models import Delivery, Invitation

BATCH: Final = 1_000
_EXPIRE: Final = """
WITH closing AS MATERIALIZED (
  SELECT id FROM surveys_invitation
   WHERE status IN ('sent', 'unknown') AND expires_at <= %(now)s::timestamptz
   ORDER BY expires_at LIMIT %(batch)s
     FOR UPDATE SKIP LOCKED
), closed AS (
  UPDATE surveys_invitation i SET status = 'expired' FROM closing WHERE i.id = closing.id
  RETURNING i.id
), cancelled AS (
  UPDATE surveys_delivery d
     SET status = 'cancelled', last_error = 'The survey closed before the reminder was sent'
    FROM closed WHERE d.invitation_id = closed.id AND d.status = 'queued'
)
SELECT count(*) FROM closed
"""


# Who is to deliver the links themselves may never come for one.
_GIVE_UP: Final = """
WITH late AS MATERIALIZED (
  SELECT d.id, i.id AS invitation_id
    FROM surveys_delivery d JOIN surveys_invitation i ON i.id = d.invitation_id
    LEFT JOIN surveys_policy p ON p.id = i.policy_id
   WHERE d.status = 'queued' AND d.channel = 'api' AND d.kind = 'invitation'
     AND d.due_at <= %(now)s::timestamptz - make_interval(days => coalesce(p.close_days, 14))
   ORDER BY d.due_at LIMIT %(batch)s
     FOR UPDATE OF i, d SKIP LOCKED
), given_up AS (
  UPDATE surveys_delivery d SET status = 'cancelled', last_error = %(words)s
    FROM late WHERE d.id = late.id
), told AS (
  UPDATE surveys_invitation i
     SET status = 'cancelled', reason = %(words)s, reason_code = 'not_fetched'
    FROM late WHERE i.id = late.invitation_id AND i.status = 'scheduled'
)
SELECT count(*) FROM late
"""
NOT_FETCHED: Final = "Your own system did not fetch the link in time"


def expire_due(now: dt.datetime, batch: int = BATCH) -> int:
    """Close every survey whose `expires_at` has passed, and give up those whose links nobody
    fetched in the time that a survey is open; how many that were.

    In batches that commit by themselves, so a kill loses no work; safe to run twice at once.
    """
    given = {"now": now, "batch": batch}
    return _in_batches(_EXPIRE, given) + _in_batches(_GIVE_UP, given | {"words": NOT_FETCHED})


def _in_batches(sql: str, given: dict[str, Any]) -> int:
    n_done: int = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            done = int(cursor.fetchone()[0])
        n_done += done
        if done < given["batch"]:
            return n_done


def waiting_silently(
    now: dt.datetime, grace: dt.timedelta = dt.timedelta(minutes=15)
) -> QuerySet[Invitation]:
    """Invitations that are in no final state and that nothing will ever, or did in time, move on.

    Empty in a sound installation: a scheduled one has a queued mail, one being sent has a lease,
    one sent or perhaps sent has an end. ``grace`` is how late workers may be.
    """
    late = now - grace
    statuses = Invitation.Status
    of_mail = Delivery.Status
    in_time = Q(status=of_mail.QUEUED, due_at__gte=late)
    # Links wait for whoever fetches them until they are given up (`expire_due`).
    to_fetch = Q(status=of_mail.QUEUED, channel=Delivery.Channel.API)
    scheduled = Q(status=statuses.SCHEDULED) & ~_moved_by(in_time | to_fetch)
    sending = Q(status=statuses.SENDING) & ~_moved_by(
        Q(status=of_mail.SENDING, lease_until__gte=late)
    )
    open_for_ever = Q(status__in=[statuses.SENT, statuses.UNKNOWN]) & (
        Q(expires_at__isnull=True) | Q(expires_at__lt=late)
    )
    reminder_stuck = Q(
        Exists(
            Delivery.objects.filter(
                Q(invitation=OuterRef("pk"), kind=Delivery.Kind.REMINDER)
                & (
                    (Q(status=of_mail.QUEUED, due_at__lt=late) & ~to_fetch)
                    | Q(status=of_mail.SENDING, lease_until__lt=late)
                    | Q(status=of_mail.SENDING, lease_until__isnull=True)
                )
            )
        )
    )
    return Invitation.objects.filter(scheduled | sending | open_for_ever | reminder_stuck).order_by(
        F("due_at").asc(nulls_first=True), "pk"
    )


def _moved_by(condition: Q) -> Q:
    """Whether the invitation's own message is like that."""
    own = Delivery.objects.filter(invitation=OuterRef("pk"), kind=Delivery.Kind.INVITATION)
    return Q(Exists(own.filter(condition)))
