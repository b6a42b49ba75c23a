"""How surveys fared on their way: sent, bounced, opened by machines, waiting. Names no answer and
no customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.frames.sql import frame, rows

# By the day it was sent; one that could not be sent has the day it was due.
_IN_PERIOD = (
    "i.status IN ('sent', 'unknown', 'failed', 'expired')"
    " AND ((i.sent_at IS NOT NULL AND i.sent_at >= %(since)s AND i.sent_at < %(until)s)"
    " OR (i.sent_at IS NULL AND i.due_at >= %(since)s AND i.due_at < %(until)s))"
)

# The way of the first message; of imported history there is none, and it was not sent by us.
_FIRST = " LEFT JOIN surveys_delivery f ON f.invitation_id = i.id AND f.kind = 'invitation'"
_FATES = (
    " count(*) FILTER (WHERE i.bounced_at IS NOT NULL) AS bounced,"
    " count(*) FILTER (WHERE i.status = 'failed' AND i.bounced_at IS NULL) AS refused,"
    " count(*) FILTER (WHERE i.status = 'unknown' AND i.bounced_at IS NULL) AS unknown,"
    " count(*) FILTER (WHERE i.status IN ('sent', 'expired') AND i.bounced_at IS NULL)"
    " AS delivered, count(p.id) AS completed"
)
_COMPLETED = (
    " LEFT JOIN surveys_response p ON p.invitation_id = i.id AND p.completed_at IS NOT NULL"
)


def by_channel(since: dt.datetime, until: dt.datetime) -> pd.DataFrame:
    """Invitations of a period by the way they went.

    Shape: channel, sent (tried), bounced, refused, unknown, delivered (none of these), confirmed
    (somebody said that it arrived), completed; one row per channel with any.
    """
    return frame(
        f"SELECT coalesce(f.channel, 'mail') AS channel, count(*) AS sent,{_FATES},"
        " count(*) FILTER (WHERE EXISTS (SELECT 1 FROM surveys_deliveryreport t"
        " WHERE t.delivery_id = f.id AND t.kind = 'delivered')) AS confirmed"
        f" FROM surveys_invitation i{_FIRST}{_COMPLETED}"
        f" WHERE {_IN_PERIOD} GROUP BY 1 ORDER BY 2 DESC, 1",
        {"since": since, "until": until},
    )


def by_domain(since: dt.datetime, until: dt.datetime) -> pd.DataFrame:
    """Invitations of a period that went by mail, by the domain they were mailed to.

    Shape: domain ("" where the customer was erased since), sent (tried), bounced, refused (by our
    mail server), unknown, delivered (none of these), completed, by_machines (a link opened by one);
    one row per domain, those with most mails first.
    """
    return frame(
        "SELECT lower(split_part(coalesce(c.email, ''), '@', 2)) AS domain, count(*) AS sent,"
        f"{_FATES}, count(m.invitation_id) AS by_machines"
        f" FROM surveys_invitation i LEFT JOIN surveys_customer c ON c.id = i.customer_id{_FIRST}"
        f"{_COMPLETED} LEFT JOIN (SELECT DISTINCT invitation_id FROM surveys_linkopening"
        " WHERE sign <> '' AND opened_at >= %(since)s) m ON m.invitation_id = i.id"
        f" WHERE {_IN_PERIOD} AND coalesce(f.channel, 'mail') = 'mail'"
        " GROUP BY 1 ORDER BY 2 DESC, 1",
        {"since": since, "until": until},
    )


def by_hour(since: dt.datetime, until: dt.datetime, zone: str) -> pd.DataFrame:
    """Invitations that left by mail, by the hour of their customer's clock (`zone` where theirs is
    not known) and the order their pages come in.

    Shape: hour (0–23), arm, invited, completed; one row per combination with any.
    """
    return frame(
        "SELECT extract(hour FROM i.sent_at AT TIME ZONE"
        " coalesce(nullif(c.timezone, ''), %(zone)s))::int AS hour, i.arm AS arm,"
        " count(*) AS invited, count(p.id) AS completed"
        f" FROM surveys_invitation i LEFT JOIN surveys_customer c ON c.id = i.customer_id{_FIRST}"
        f"{_COMPLETED} WHERE coalesce(f.channel, 'mail') = 'mail'"
        " AND i.sent_at >= %(since)s AND i.sent_at < %(until)s"
        " AND i.status IN ('sent', 'unknown', 'expired') GROUP BY 1, 2 ORDER BY 1, 2",
        {"since": since, "until": until, "zone": zone},
    )


def not_surveyed(since: dt.datetime, until: dt.datetime) -> list[tuple[str, int]]:
    """Resolutions of a period that were not surveyed: the code of the reason, and how many."""
    return [
        (code, n)
        for code, n in rows(
            "SELECT i.reason_code, count(*) FROM surveys_invitation i"
            " JOIN surveys_resolution r ON r.id = i.resolution_id"
            " WHERE i.status IN ('skipped', 'cancelled') AND r.resolved_at >= %(since)s"
            " AND r.resolved_at < %(until)s GROUP BY 1 ORDER BY 2 DESC, 1",
            {"since": since, "until": until},
        )
    ]


def suppressed(since: dt.datetime, until: dt.datetime) -> dict[str, int]:
    """Addresses that came to be written to no more in a period, by reason."""
    return dict(
        rows(
            "SELECT reason, count(*) FROM surveys_suppression"
            " WHERE created_at >= %(since)s AND created_at < %(until)s GROUP BY 1",
            {"since": since, "until": until},
        )
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """Mails of the outbox at this moment; `to_fetch` are links that are due and wait for the
    customer's own system. `oldest_due_at` is of those that are due, None where none
    is; `next_due_at` of the others."""

    due: int
    oldest_due_at: dt.datetime | None
    later: int
    next_due_at: dt.datetime | None
    paced: int
    sending: int
    retrying: int
    last_error: str
    unknown: int
    to_fetch: int


def queue(now: dt.datetime) -> Queue:
    """What waits, and for how long."""
    [found] = rows(
        "SELECT count(*) FILTER (WHERE due_at <= %(now)s),"
        " min(due_at) FILTER (WHERE due_at <= %(now)s),"
        " count(*) FILTER (WHERE due_at > %(now)s), min(due_at) FILTER (WHERE due_at > %(now)s),"
        " count(*) FILTER (WHERE is_paced), count(*) FILTER (WHERE n_attempts > 0),"
        " coalesce((SELECT last_error FROM surveys_delivery WHERE status = 'queued'"
        " AND n_attempts > 0 AND last_error <> '' ORDER BY due_at DESC LIMIT 1), '')"
        " FROM surveys_delivery WHERE status = 'queued' AND channel <> 'api'",
        {"now": now},
    )
    due, oldest, later, following, paced, retrying, error = found
    [(sending, unknown, to_fetch)] = rows(
        "SELECT (SELECT count(*) FROM surveys_delivery WHERE status = 'sending'),"
        " (SELECT count(*) FROM surveys_delivery WHERE status = 'unknown'),"
        " (SELECT count(*) FROM surveys_delivery WHERE status = 'queued' AND channel = 'api'"
        " AND due_at <= %(now)s)",
        {"now": now},
    )
    return Queue(due, oldest, later, following, paced, sending, retrying, error, unknown, to_fetch)


def beat_seen_at() -> dt.datetime | None:
    """When beat, the broker and a worker last reached each other."""
    found = rows("SELECT seen_at FROM surveys_heartbeat WHERE name = 'beat'")
    return found[0][0] if found else None


def unknown_mails(most: int) -> list[dict[str, Any]]:
    """Mails whose outcome nobody knows, the latest first.

    Shape: id, kind, at, words, case_id, case_number, is_answered.
    """
    found = rows(
        "SELECT d.id, d.kind, d.in_flight_at, d.last_error, s.id, s.external_id,"
        " EXISTS (SELECT 1 FROM surveys_response p WHERE p.invitation_id = i.id)"
        " FROM surveys_delivery d JOIN surveys_invitation i ON i.id = d.invitation_id"
        " JOIN surveys_resolution r ON r.id = i.resolution_id"
        " JOIN surveys_case s ON s.id = r.case_id"
        " WHERE d.status = 'unknown'"
        " ORDER BY d.in_flight_at DESC NULLS LAST, d.id DESC LIMIT %(n)s",
        {"n": most},
    )
    names = ("id", "kind", "at", "words", "case_id", "case_number", "is_answered")
    return [dict(zip(names, row, strict=True)) for row in found]
