"""Ratings of one question, from tools before Stabledoor, by day.

They stand in a table of their own. Nothing here reads an answer about fix or cause, and no other
frame reads these.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from analytics.frames.selection import Selection
from analytics.frames.sql import frame, rows

#: What the table holds as text, and the text of what was asked for by primary key. What was merged
#: or renamed since is asked for by what it became.
_TEXTS: Final = {
    "team": "SELECT name FROM surveys_team WHERE id = ANY(%(team)s::bigint[])"
    " OR merged_into_id = ANY(%(team)s::bigint[])",
    "product": "SELECT name FROM surveys_product WHERE id = ANY(%(product)s::bigint[])"
    " OR merged_into_id = ANY(%(product)s::bigint[])",
    "cause": "SELECT code FROM surveys_cause WHERE id = ANY(%(cause)s::bigint[])"
    " OR merged_into_id = ANY(%(cause)s::bigint[])",
    "channel": "SELECT unnest(%(channel)s::text[])",
    "language": "SELECT unnest(%(language)s::text[])",
}
#: The dimensions that these ratings can be narrowed by.
DIMENSIONS: Final = tuple(_TEXTS)


def are_any() -> bool:
    """Whether there is such a rating at all."""
    return bool(rows("SELECT EXISTS (SELECT FROM surveys_unseparatedrating)")[0][0])


def daily(selection: Selection) -> pd.DataFrame:
    """The ratings of each tool and scale by the UTC day they were given.

    Shape: tool, scale, day, n, best; one row per tool, scale and day, in this order. Of the
    selection only dates and `DIMENSIONS` apply.
    """
    where, values = _conditions(selection)
    return frame(
        "SELECT tool, scale, (answered_at AT TIME ZONE 'UTC')::date AS day,"
        " count(*) AS n, count(*) FILTER (WHERE top2) AS best"
        f" FROM surveys_unseparatedrating WHERE {where} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        values,
    )


def _conditions(selection: Selection) -> tuple[str, dict[str, Any]]:
    where, values = selection.moments("answered_at")
    for name, texts in _TEXTS.items():
        wanted = getattr(selection, name)
        if wanted is not None:
            where += f" AND {name} IN ({texts})"
            values[name] = list(wanted)
    return where, values
