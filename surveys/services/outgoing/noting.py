"""Notes that something happened, in the transaction of what happened, where anybody asked for it:
an endpoint, or of answers a connection that writes ratings back.

A note is one row of numbers. Statements that run for every answer or for thousands of mails carry
it as a part of themselves (`told`); it looks at the table of endpoints, which is empty or a handful
of rows, and without a subscriber writes nothing. Sample data is never told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import connection

from surveys.models import OutgoingEvent, WebhookDelivery, WebhookEndpoint
from surveys.services.outgoing import kinds

#: Of a connection `c`: whether it writes ratings back, in whatever form.
WRITES: Final = (
    "(c.writes_back OR c.writes_tags OR c.fix_field <> '' OR c.cause_field <> '')"
    " AND c.deleted_at IS NULL"
)
_WRITES_BACK: Final = f"OR EXISTS (SELECT 1 FROM surveys_connection c WHERE {WRITES})"  # noqa: S608


def told(rows: str, event: str, others: str = "") -> str:
    """A statement's part that notes ``rows``: a SELECT of invitation_id and occurred_at.

    ``event`` is the type as SQL: a literal, or a column `type` of the rows.
    """
    named = event if event.startswith("'") else f"r.{event}"
    return f"""
  INSERT INTO surveys_outgoingevent (uid, type, occurred_at, invitation_id)
  SELECT gen_random_uuid(), {named}, r.occurred_at, r.invitation_id
    FROM ({rows}) AS r
   WHERE (EXISTS (SELECT 1 FROM surveys_webhookendpoint e
                   WHERE e.disabled_at IS NULL AND {named} = ANY(e.events)) {others})
"""  # noqa: S608 -- the names are ours


#: A part of the statement that stores an answer. Complete since this very statement, or before.
ANSWERED: Final = told(
    """SELECT invitation_id, %(now)s::timestamptz AS occurred_at,
              CASE WHEN completed_at = %(now)s::timestamptz
                   THEN 'response.completed' ELSE 'response.changed' END AS type
         FROM stored
        WHERE completed_at IS NOT NULL AND NOT is_sample""",
    "type",
    _WRITES_BACK,
)
#: Of the one that marks mails as sent.
SENT: Final = told(
    """SELECT id AS invitation_id, sent_at AS occurred_at FROM opened
        WHERE status = 'sent' AND NOT is_sample""",
    f"'{kinds.SENT}'",
)
#: Of the one that ends a mail otherwise.
FAILED: Final = told(
    """SELECT id AS invitation_id, now() AS occurred_at FROM shown
        WHERE %(invitation_status)s::text = 'failed' AND NOT is_sample""",
    f"'{kinds.FAILED}'",
)
#: Of the one that withdraws mails when they are claimed.
GIVEN_UP: Final = told(
    """SELECT id AS invitation_id, now() AS occurred_at FROM shown
        WHERE status = 'failed' AND NOT is_sample""",
    f"'{kinds.FAILED}'",
)


def note(event: str, invitation_id: int, now: dt.datetime) -> None:
    """The same by itself. In a transaction: it stands or falls with what happened."""
    rows = """SELECT i.id AS invitation_id, %(now)s::timestamptz AS occurred_at
                FROM surveys_invitation i WHERE i.id = %(id)s AND NOT i.is_sample"""
    with connection.cursor() as cursor:
        cursor.execute(told(rows, f"'{event}'"), {"id": invitation_id, "now": now})


def tell(
    event: str,
    make: Callable[[], Mapping[str, Any]],
    now: dt.datetime,
    invitation_id: int | None = None,
) -> int:
    """Queue an event for all who asked for it, its data put together at once where anybody did; to
    how many. For what happens now and then, and is no fact of an invitation or response. In a
    transaction: it stands or falls with what happened."""
    endpoints = list(
        WebhookEndpoint.objects.select_for_update(no_key=True)  # against being removed meanwhile
        .filter(disabled_at=None, events__contains=[event])
        .order_by("pk")
    )
    if endpoints:
        told = OutgoingEvent.objects.create(
            type=event, occurred_at=now, data=dict(make()), invitation_id=invitation_id
        )
        queued = WebhookDelivery.Status.QUEUED
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(event=told, endpoint=each, status=queued, due_at=now, created_at=now)
            for each in endpoints
        )
    return len(endpoints)
