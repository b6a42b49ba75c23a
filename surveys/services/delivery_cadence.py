"""Whether a mail that is being claimed may still ask about the cause.

That was decided when its invitation was planned. Since then a policy may have got a period, two
customers may have turned out to be one, or a mail may have come late: what counts is what was
really asked by the time it leaves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from django.db import connection

from surveys.services.scheduling import ASKS_FIX

if TYPE_CHECKING:
    from surveys.services.delivery_claims import Due

# One perhaps sent counts as sent: the customer may have it.
_ASKED: Final = """
SELECT i.customer_id, r.cause_id, max(coalesce(i.sent_at, i.due_at))
  FROM surveys_invitation i JOIN surveys_resolution r ON r.id = i.resolution_id
 WHERE i.customer_id = ANY(%(customers)s::bigint[]) AND i.id <> ALL(%(own)s::bigint[])
   AND r.cause_id = ANY(%(causes)s::bigint[]) AND i.asks <> 'fix'
   AND (i.sent_at IS NOT NULL OR i.status IN ('sending', 'unknown'))
 GROUP BY i.customer_id, r.cause_id
"""


def without_causes_asked_lately(
    mails: Sequence[Due], now: dt.datetime
) -> tuple[list[Due], list[int]]:
    """The mails as they may go out, and the invitations that ask about the fix alone from now on.

    Nothing is read unless a policy asks the cause once in a period. The caller holds the
    customers' rows, so that two workers cannot both find that nobody asked.
    """
    asking = [mail for mail in mails if _has_period(mail)]
    if not asking:
        return list(mails), []
    asked = _asked(asking)
    going: list[Due] = []
    fix_alone: list[int] = []
    for mail in mails:
        if _has_period(mail):
            key = mail.customer_id, mail.cause_id
            if _is_too_soon(mail, asked.get(key), now):
                fix_alone.append(mail.invitation_id)
                mail = replace(mail, asks=ASKS_FIX, arm="fix_first")
            else:
                asked[key] = now
        going.append(mail)
    return going, fix_alone


def _has_period(mail: Due) -> bool:
    """Where nobody said the cause, nobody knows it to be the same."""
    known = mail.cause_days is not None and mail.cause_id is not None
    return known and mail.asks == "both" and not mail.is_reminder


def _is_too_soon(mail: Due, last: dt.datetime | None, now: dt.datetime) -> bool:
    return last is not None and now - last < dt.timedelta(days=mail.cause_days or 0)


def _asked(mails: Sequence[Due]) -> dict[tuple[int | None, int | None], dt.datetime]:
    """When each of these customers was last asked about each of these causes."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ASKED,
            {
                "customers": list({mail.customer_id for mail in mails}),
                "causes": list({mail.cause_id for mail in mails}),
                "own": [mail.invitation_id for mail in mails],
            },
        )
        return {(customer, cause): last for customer, cause, last in cursor.fetchall()}
