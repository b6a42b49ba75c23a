"""Preventive actions as they were registered, by the cause they count for now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from analytics.frames.sql import rows


@dataclass(frozen=True, slots=True)
class Registered:
    """One action. `cause_id` is what its cause became where that was merged. `done_on` is None
    while it is being rolled out. Days are UTC: `dated_on` is when the days were last named."""

    id: int
    cause_id: int
    title: str
    text: str
    owner_id: int | None
    owner: str | None
    began_on: dt.date
    done_on: dt.date | None
    registered_on: dt.date
    dated_on: dt.date
    withdrawn_on: dt.date | None


#: The cause that an action counts for.
_CAUSE: Final = "COALESCE(c.merged_into_id, c.id)"


def _day(column: str) -> str:
    return f"(a.{column} AT TIME ZONE 'UTC')::date"


def registered(causes: Collection[int] | None, *, withdrawn: bool = False) -> list[Registered]:
    """The actions of these causes, None for all, newest begin first; those withdrawn only where
    asked for."""
    where, values = [], {}
    if causes is not None:
        where.append(f"{_CAUSE} = ANY(%(causes)s::bigint[])")
        values["causes"] = list(causes)
    if not withdrawn:
        where.append("a.withdrawn_at IS NULL")
    found = rows(
        f"SELECT a.id, {_CAUSE}, a.title, a.text, u.id, COALESCE(NULLIF(u.name, ''), u.email),"
        f" a.began_on, a.done_on, {_day('registered_at')}, {_day('dated_at')},"
        f" {_day('withdrawn_at')} FROM analytics_action AS a"
        " JOIN surveys_cause AS c ON c.id = a.cause_id"
        " LEFT JOIN surveys_user AS u ON u.id = a.owner_id"
        f" WHERE {' AND '.join(where) or 'TRUE'} ORDER BY a.began_on DESC, a.id DESC",
        values,
    )
    return [Registered(*row) for row in found]
