"""Cases and invitations: what happened before anyone answered. Names no answer."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pandas as pd

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
