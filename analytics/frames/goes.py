"""When a rating was given: a survey of two pages may be answered in two goes, days apart.

A response keeps the day of its first go. Who orders customers by it has somebody step in between
when the second page comes: whoever saw the order before can tell who.
"""

from __future__ import annotations

from typing import Final

#: When the rating was given for the first time; of an answer that came without its history, the
#: day it was given on.
RATED_FIRST: Final = "COALESCE(went.rated_at, answered_on::timestamp AT TIME ZONE 'UTC')"


def rated_first(item: str) -> str:
    """The join that `RATED_FIRST` needs, for rows `said` with a response_id."""
    return (
        " LEFT JOIN LATERAL (SELECT min(v.submitted_at) AS rated_at"
        " FROM surveys_responserevision AS v WHERE v.response_id = said.response_id"
        f" AND jsonb_exists(v.answers, '{item}')) AS went ON TRUE"
    )
