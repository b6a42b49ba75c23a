"""Cases and invitations: what happened before anyone answered. Names no answer."""

from __future__ import annotations

import datetime as dt
import hashlib
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from django.core.cache import cache

from analytics.frames.selection import Selection
from analytics.frames.sql import frame, merging, rows


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
    is_of_resolutions = selection.basis == "r" and (selection.from_ or selection.to)
    joined = _RESOLUTION if condition != "TRUE" or is_of_resolutions else ""
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
_REMEMBERED: Final = 3600


#: What a case was known to be before anybody was asked.
KINDS: Final = ("cause_id", "product_id", "channel", "team_id")


def resolved_by_kind(selection: Selection) -> pd.DataFrame:
    """Resolutions by each thing that was known of a case, by the day of resolution.

    Shape: kind (one of `KINDS`), value (None where there is none), n; the n of each kind add up to
    all resolutions.
    """
    condition, values = selection.resolutions()
    period, more = selection.moments("r.resolved_at")
    asked, last = _asked(selection)
    invitation = ""
    if last:
        invitation = (
            " JOIN surveys_invitation AS i ON i.resolution_id = r.id"
            " LEFT JOIN surveys_questionnaireversion AS v ON v.id = i.version_id"
        )
    names = ", ".join(f"r.{name}" for name in KINDS)
    found = rows(
        f"SELECT {', '.join(f'GROUPING(r.{name})' for name in KINDS)}, {names}, count(*)"
        f" FROM surveys_resolution AS r{invitation} WHERE {condition} AND {period} AND {asked}"
        f" GROUP BY GROUPING SETS ({', '.join(f'(r.{name})' for name in KINDS)})",
        {**values, **more, **last},
    )
    counted = []
    for row in found:
        at = row.index(0)  # GROUPING is 0 for the one that the row is grouped by
        counted.append((KINDS[at], row[len(KINDS) + at], row[-1]))
    return pd.DataFrame(counted, columns=["kind", "value", "n"], dtype=object)


State = tuple[int, dt.datetime] | None
Counts = dict[int, int]


def _counted_by_day(selection: Selection) -> pd.DataFrame:
    """The same of all cases, from the counts by day; days that changed since are counted anew.

    The sum of the days as they were counted is remembered until some are counted again; what the
    changed days add to it is read each time, in one statement with the state it belongs to.
    """
    asked = repr((selection.from_, selection.to)).encode()
    key = f"analytics:cases:{hashlib.sha256(asked).hexdigest()}"
    kept: tuple[State, Counts] | None = cache.get(key)
    state, counted, more = _at_one_state(selection, with_days=kept is None)
    if kept and kept[0] != state:
        state, counted, more = _at_one_state(selection, with_days=True)
    elif kept:
        counted = kept[1]
    if state and (kept is None or kept[0] != state):
        cache.set(key, (state, counted), _REMEMBERED)
    total = {
        cause: counted.get(cause, 0) + more.get(cause, 0)
        for cause in sorted(counted.keys() | more.keys())
    }
    found = [(cause, n) for cause, n in total.items() if n]
    return pd.DataFrame(found, columns=["cause_id", "cases"])


_DAYS: Final = (
    "SELECT FALSE AS changed, cause_id, sum(n)::bigint AS n FROM analytics_caseday"
    " WHERE {where} GROUP BY cause_id UNION ALL "
)
#: What the changed days hold beyond what was counted of them.
_CHANGES: Final = (
    "SELECT TRUE AS changed, cause_id, sum(n)::bigint AS n FROM ("
    " SELECT r.cause_id, 1 AS n FROM changed AS d JOIN surveys_resolution AS r"
    " ON r.resolved_at >= d.day::timestamp AT TIME ZONE 'UTC'"
    " AND r.resolved_at < (d.day + 1)::timestamp AT TIME ZONE 'UTC'"
    " WHERE r.cause_id IS NOT NULL"
    " UNION ALL SELECT c.cause_id, -c.n FROM changed JOIN analytics_caseday AS c USING (day)"
    ") AS moved GROUP BY cause_id"
)


def _at_one_state(selection: Selection, *, with_days: bool) -> tuple[State, Counts, Counts]:
    """The state of the days, what they hold (where asked for) and what changed since, by cause."""
    where, values = selection.days()
    counts = (_DAYS.format(where=where) if with_days else "") + _CHANGES
    found = rows(
        f"WITH changed AS (SELECT DISTINCT day FROM analytics_casechange WHERE {where})"
        " SELECT s.version, s.applied_at, f.changed, f.cause_id, f.n FROM (VALUES (1)) AS always"
        " LEFT JOIN analytics_aggregatestate AS s ON s.id = %(id)s"
        f" LEFT JOIN ({counts}) AS f ON TRUE",
        {**values, "id": CASES_STATE},
    )
    version, at = found[0][:2]
    days, more = (
        {cause: n for _, _, changed, cause, n in found if changed is which and cause is not None}
        for which in (False, True)
    )
    return (None if version is None else (version, at)), days, more


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
