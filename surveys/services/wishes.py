"""Stores what a customer wishes for on the thank-you page, and opens or withdraws its follow-up in
the same transaction."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import connection, transaction

from surveys.services import follow_ups
from surveys.services.answering import Asked
from surveys.services.follow_ups import Kind

_WISHES: Final = """
UPDATE surveys_response r
   SET wants_call_back = COALESCE(%(call_back)s::boolean, r.wants_call_back),
       wants_news = COALESCE(%(news)s::boolean, r.wants_news)
  FROM surveys_invitation i JOIN surveys_resolution s ON s.id = i.resolution_id
 WHERE r.invitation_id = i.id AND i.token_hash = %(token_hash)s
   AND i.status NOT IN ('skipped', 'cancelled', 'expired')
   AND (i.expires_at IS NULL OR i.expires_at > %(now)s)
   AND s.reopened_at IS NULL
RETURNING r.id, r.wants_call_back, r.wants_news
"""


def store_wishes(
    asked: Asked, *, call_back: bool | None, news: bool | None, now: dt.datetime
) -> bool:
    """Note whether the customer wants to be called back, and to hear when the cause is fixed.

    None leaves a wish as it is. Wishes are no answers: no report counts them, so they append no
    revision. False where there is no response to note them on, or the survey is closed.
    """
    parameters = {"call_back": call_back, "news": news, "token_hash": asked.token_hash, "now": now}
    # The update holds the response until the end: of two posts at once one follows the other.
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_WISHES, parameters)
            row = cursor.fetchone()
        if row is None:
            return False
        response_id, wants_call_back, wants_news = row
        wanted = {Kind.CALL_BACK: wants_call_back, Kind.NEWS: wants_news}
        follow_ups.follow(response_id, wanted, now)
    return True
