"""Mails that are due and wait all the same: for the customer's morning, or for their turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from django.db import connection

from surveys.services import delivery_pacing
from surveys.services.allowed_hours import next_allowed
from surveys.services.delivery_pacing import Waiting, limits_of

if TYPE_CHECKING:
    from surveys.services.delivery_claims import Due

_PUT_OFF: Final = """
WITH moved AS (
  UPDATE surveys_delivery d SET due_at = g.due_at, is_paced = g.is_paced
    FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[], %(paced)s::boolean[])
      AS g (id, due_at, is_paced)
   WHERE d.id = g.id
  RETURNING d.invitation_id, d.kind, d.due_at
)
UPDATE surveys_invitation i SET due_at = moved.due_at
  FROM moved WHERE i.id = moved.invitation_id AND moved.kind = 'invitation'
"""


def at_night(mails: Sequence[Due], now: dt.datetime) -> dict[int, dt.datetime]:
    """Those that may not go out at this hour, and when they may. A mail that comes late, after a
    stop or a refusal, waits for the end of the customer's night or weekend like any other."""
    moments = {mail.delivery_id: next_allowed(now, mail.hours, mail.timezone) for mail in mails}
    return {delivery: moment for delivery, moment in moments.items() if moment > now}


def at_our_pace(mails: Sequence[Due], now: dt.datetime) -> tuple[list[Due], dict[int, dt.datetime]]:
    """Those that the limits of a second have room for, and the moments of the others."""
    going, later = delivery_pacing.take(
        [
            Waiting(mail.delivery_id, limits_of(mail.channel, mail.address), mail.is_paced)
            for mail in mails
        ],
        now,
    )
    return [mail for mail in mails if mail.delivery_id in going], later


def put_off(later: dict[int, dt.datetime], paced: dict[int, dt.datetime]) -> None:
    """Note when these mails, locked by the caller, come due again; `paced` are in their turn."""
    both = {**later, **paced}
    if not both:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _PUT_OFF,
            {
                "ids": list(both),
                "moments": list(both.values()),
                "paced": [delivery in paced for delivery in both],
            },
        )
