"""Cases per cause and day, counted anew on the days that resolutions came to or left."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from analytics.aggregates import write
from analytics.frames.sent import CASES_STATE
from analytics.frames.sql import Row, rows
from analytics.models import AggregateState

#: Readers count the changed days themselves: so few may wait so long, and the rest is remembered.
FEW: Final = 3
PATIENCE: Final = dt.timedelta(seconds=60)


def recount_cases(*, wait: bool = True, at_once: bool = False) -> int:
    """Count the changed days anew where there are more than FEW, or it was long ago; how many."""
    changed = rows("SELECT count(DISTINCT day) FROM analytics_casechange")[0][0]
    if not changed:
        return 0
    state = AggregateState.objects.filter(pk=CASES_STATE).first()
    recent = state and state.applied_at and timezone.now() - state.applied_at < PATIENCE
    if recent and changed <= FEW and not at_once:
        return 0
    with transaction.atomic():
        if not write.lock(wait=wait):
            return 0
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM analytics_casechange RETURNING day")
            days = sorted({day for (day,) in cursor.fetchall()})
            cursor.execute("DELETE FROM analytics_caseday WHERE day = ANY(%s::date[])", [days])
            cursor.execute(
                "INSERT INTO analytics_caseday (day, cause_id, n)"
                " SELECT d.day, r.cause_id, count(*) FROM unnest(%s::date[]) AS d (day)"
                " JOIN surveys_resolution AS r ON r.resolved_at >= d.day::timestamp AT TIME ZONE"
                " 'UTC' AND r.resolved_at < (d.day + 1)::timestamp AT TIME ZONE 'UTC'"
                " WHERE r.cause_id IS NOT NULL GROUP BY 1, 2",
                [days],
            )
        write.bump(CASES_STATE)
    return len(days)


def note_days(from_: dt.date, to: dt.date) -> None:
    """Have the days counted again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_casechange (day)"
            " SELECT generate_series(%s::date, %s::date, interval '1 day')::date",
            [from_, to],
        )


def wrong(most: int) -> list[Row]:
    """Day, cause, cases there are and cases counted, where they differ on days that nothing changed
    on since."""
    return rows(
        "SELECT COALESCE(e.day, t.day) AS day, COALESCE(e.cause_id, t.cause_id) AS cause_id,"
        " COALESCE(e.n, 0), COALESCE(t.n, 0) FROM (SELECT (resolved_at AT TIME ZONE 'UTC')::date"
        " AS day, cause_id, count(*) AS n FROM surveys_resolution WHERE cause_id IS NOT NULL"
        " GROUP BY 1, 2) AS e FULL JOIN analytics_caseday AS t"
        " ON t.day = e.day AND t.cause_id = e.cause_id"
        " WHERE COALESCE(e.n, 0) <> COALESCE(t.n, 0)"
        " AND COALESCE(e.day, t.day) NOT IN (SELECT day FROM analytics_casechange)"
        " ORDER BY 1, 2 LIMIT %s",
        [most],
    )
