"""Cases and invitations: what happened before anyone answered. Names no answer."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from django.core.cache import cache

from analytics.frames.selection import Selection
from analytics.frames.sql import Row, frame, merging, rows


@dataclass(frozen=True, slots=True)
class Dispositions:
    """How many were invited, of these reached, and of these who answered to the end."""

    invited: int
    delivered: int
    completed: int


def dispositions(selection: Selection) -> Dispositions:
    """Invited: a mail was sent or attempted (sent, perhaps sent, failed, closed), bounces included.
    Delivered: not failed, not bounced. Completed: answered to the end, among the invited.

    Of cases resolved in the period by resolution, of invitations sent in it by answer; one whose
    mail could not be sent has the day it was due.
    """
    condition, values = selection.resolutions()
    if selection.basis == "r":
        period, more = selection.moments("r.resolved_at")
    else:
        # Not COALESCE, of whose values the planner knows nothing.
        sent, more = selection.moments("i.sent_at")
        due, _ = selection.moments("i.due_at")
        period = f"((i.sent_at IS NOT NULL AND {sent}) OR (i.sent_at IS NULL AND {due}))"
    asked, last = _asked(selection)
    joined = "" if condition == "TRUE" and selection.basis == "a" else _RESOLUTION
    statement = (
        "SELECT count(*),"
        " count(*) FILTER (WHERE i.status <> 'failed' AND i.bounced_at IS NULL),"
        " count(p.invitation_id)"
        f" FROM surveys_invitation AS i{joined}"
        " LEFT JOIN surveys_response AS p"
        " ON p.invitation_id = i.id AND p.completed_at IS NOT NULL"
        " LEFT JOIN surveys_questionnaireversion AS v ON v.id = i.version_id"
        " WHERE i.status IN ('sent', 'unknown', 'failed', 'expired')"
        f" AND {condition} AND {period} AND {asked}"
    )
    with merging():
        [(invited, delivered, completed)] = rows(statement, {**values, **more, **last})
    return Dispositions(invited, delivered, completed)


_RESOLUTION = " JOIN surveys_resolution AS r ON r.id = i.resolution_id"


def cases_by_cause(selection: Selection) -> pd.DataFrame:
    """Resolutions of each cause, by the day of resolution whatever the basis of the answers.

    A case resolved, reopened and resolved again came up twice and counts twice.

    Shape: cause_id, cases; one row per cause with cases.
    """
    if not selection.narrowed:
        return _counted_by_day(selection)
    condition, values = selection.resolutions()
    period, more = selection.moments("r.resolved_at")
    asked, last = _asked(selection)
    invitation = ""
    if last:
        invitation = (
            " JOIN surveys_invitation AS i ON i.resolution_id = r.id"
            " LEFT JOIN surveys_questionnaireversion AS v ON v.id = i.version_id"
        )
    statement = (
        "SELECT r.cause_id, count(*) AS cases"
        f" FROM surveys_resolution AS r{invitation}"
        f" WHERE r.cause_id IS NOT NULL AND {condition} AND {period} AND {asked}"
        " GROUP BY r.cause_id ORDER BY r.cause_id"
    )
    with merging() if invitation else nullcontext():
        return frame(statement, {**values, **more, **last})


#: The row of `AggregateState` that grows with every recount of days.
CASES_STATE: Final = 2
_TRIES: Final = 5
_REMEMBERED: Final = 3600


def _counted_by_day(selection: Selection) -> pd.DataFrame:
    """The same of all cases, from the counts by day; days that changed since are counted anew.

    The sum of the days as they were counted is remembered until some are counted again; what the
    changed days add to it is read each time.
    """
    for _ in range(_TRIES):
        state = _cases_state()
        total = _days_of(selection, state)
        more = _change(selection)
        if _cases_state() == state:
            break
    for cause, n in more:
        total[cause] = total.get(cause, 0) + n
    found = [(cause, n) for cause, n in sorted(total.items()) if n]
    return pd.DataFrame(found, columns=["cause_id", "cases"])


def _cases_state() -> list[Row]:
    return rows(
        "SELECT version, applied_at FROM analytics_aggregatestate WHERE id = %(id)s",
        {"id": CASES_STATE},
    )


def _days_of(selection: Selection, state: list[Row]) -> dict[int, int]:
    where, values = selection.days()
    asked = repr((state, selection.from_, selection.to)).encode()
    key = f"analytics:cases:{hashlib.sha256(asked).hexdigest()}"
    found: dict[int, int] | None = cache.get(key) if state else None
    if found is None:
        counted = rows(
            "SELECT cause_id, sum(n)::bigint FROM analytics_caseday"
            f" WHERE {where} GROUP BY cause_id",
            values,
        )
        found = dict(counted)
        if state:
            cache.set(key, found, _REMEMBERED)
    return found


def _change(selection: Selection) -> list[Row]:
    """What the changed days hold beyond what was counted of them; in one statement."""
    where, values = selection.days()
    return rows(
        f"WITH changed AS (SELECT DISTINCT day FROM analytics_casechange WHERE {where})"
        " SELECT cause_id, sum(n)::bigint FROM ("
        " SELECT r.cause_id, 1 AS n FROM changed AS d JOIN surveys_resolution AS r"
        " ON r.resolved_at >= d.day::timestamp AT TIME ZONE 'UTC'"
        " AND r.resolved_at < (d.day + 1)::timestamp AT TIME ZONE 'UTC'"
        " WHERE r.cause_id IS NOT NULL"
        " UNION ALL SELECT c.cause_id, -c.n FROM changed JOIN analytics_caseday AS c USING (day)"
        ") AS found GROUP BY cause_id",
        values,
    )


def _asked(selection: Selection) -> tuple[str, dict[str, Any]]:
    """Conditions on the invitation: its language, and whose questionnaire it carried."""
    parts: list[str] = ["TRUE"]
    values: dict[str, Any] = {}
    if selection.language is not None:
        parts.append("i.language = ANY(%(language)s::text[])")
        values["language"] = list(selection.language)
    if selection.questionnaire is not None:
        parts.append("v.questionnaire_id = ANY(%(questionnaire)s::bigint[])")
        values["questionnaire"] = list(selection.questionnaire)
    return " AND ".join(parts), values
