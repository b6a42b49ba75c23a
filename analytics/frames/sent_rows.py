"""Cases and invitations counted from their rows, while not every day was packed (after an upgrade):
the same as `frames.sent` tells, in seconds where there are millions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from analytics.frames.selection import Selection
from analytics.frames.sql import Row, frame, rows


def dispositions(selection: Selection) -> tuple[int, int, int]:
    """Invited, delivered and completed, as `sent.dispositions` tells them."""
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
    [(invited, delivered, completed)] = rows(statement, {**values, **more, **last})
    return invited, delivered, completed


_RESOLUTION: Final = " JOIN surveys_resolution AS r ON r.id = i.resolution_id"
_INVITATION: Final = (
    " JOIN surveys_invitation AS i ON i.resolution_id = r.id"
    " LEFT JOIN surveys_questionnaireversion AS v ON v.id = i.version_id"
)


def cases_by_cause(selection: Selection) -> pd.DataFrame:
    """As `sent.cases_by_cause`."""
    condition, values = selection.resolutions()
    period, more = selection.moments("r.resolved_at")
    asked, last = _asked(selection)
    invitation = _INVITATION if last else ""
    statement = (
        "SELECT r.cause_id, count(*) AS cases"
        f" FROM surveys_resolution AS r{invitation}"
        f" WHERE r.cause_id IS NOT NULL AND {condition} AND {period} AND {asked}"
        " GROUP BY r.cause_id ORDER BY r.cause_id"
    )
    return frame(statement, {**values, **more, **last})


def resolved_by_kind(selection: Selection, kinds: Sequence[str]) -> list[Row]:
    """Kind, value and how many: as `sent.resolved_by_kind`."""
    condition, values = selection.resolutions()
    period, more = selection.moments("r.resolved_at")
    asked, last = _asked(selection)
    invitation = _INVITATION if last else ""
    names = ", ".join(f"r.{name}" for name in kinds)
    found = rows(
        f"SELECT {', '.join(f'GROUPING(r.{name})' for name in kinds)}, {names}, count(*)"
        f" FROM surveys_resolution AS r{invitation} WHERE {condition} AND {period} AND {asked}"
        f" GROUP BY GROUPING SETS ({', '.join(f'(r.{name})' for name in kinds)})",
        {**values, **more, **last},
    )
    counted = []
    for row in found:
        at = row.index(0)  # GROUPING is 0 for the one that the row is grouped by
        counted.append((kinds[at], row[len(kinds) + at], row[-1]))
    return counted


def weekly(selection: Selection, one: int | None) -> pd.DataFrame:
    """As `sent.weekly`."""
    told = "r.cause_id"
    if one is not None:
        told = "(CASE r.cause_id WHEN %(one)s THEN r.cause_id ELSE 0 END)"
    condition, values = selection.resolutions()
    period, more = selection.moments("r.resolved_at")
    asked, last = _asked(selection)
    day = "(r.resolved_at AT TIME ZONE 'UTC')::date"
    statement = (
        f"SELECT {day} - ({day} - DATE '0001-01-01') %% 7 AS week, {told} AS cause_id,"
        f" count(*) AS cases FROM surveys_resolution AS r{_INVITATION if last else ''}"
        f" WHERE r.cause_id IS NOT NULL AND {condition} AND {period} AND {asked}"
        " GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return frame(statement, {**values, **more, **last, "one": one})


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
