"""What a response counts as: its ratings, and what its case was at resolution.

For the aggregation alone, which has to count both dimensions in one transaction. Reports never
read this.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import pandas as pd
from django.db import connection

from analytics.frames.sql import Row, rows

#: Columns of `analytics_countedresponse`, in the order of every row here.
COLUMNS: Final = (
    "response_id", "answered_on", "resolved_on", "team_id", "agent_ids", "n_agents",
    "product_id", "cause_id", "channel", "language", "questionnaire_id", "arm",
    "f1", "f2", "c1", "c2", "c3", "o1",
)  # fmt: skip
RATINGS: Final = ("f1", "f2", "c1", "c2", "c3", "o1")
_NAMES: Final = ", ".join(COLUMNS)

#: Every response as it should be counted now, from the raw tables. An agent may be named where they
#: did at least half of the work.
CURRENT: Final = """
SELECT p.id AS response_id,
       (p.answered_at AT TIME ZONE 'UTC')::date AS answered_on,
       (r.resolved_at AT TIME ZONE 'UTC')::date AS resolved_on,
       r.team_id,
       ARRAY(SELECT h.agent_id FROM surveys_resolutionagent AS h
             WHERE h.resolution_id = r.id AND h.share >= 0.5 ORDER BY h.agent_id) AS agent_ids,
       r.n_agents, r.product_id, r.cause_id, r.channel, p.language,
       COALESCE(v.questionnaire_id, 0) AS questionnaire_id, i.arm,
       p.f1, p.f2, p.c1, p.c2, p.c3, p.o1
FROM surveys_response AS p
JOIN surveys_invitation AS i ON i.id = p.invitation_id
JOIN surveys_resolution AS r ON r.id = i.resolution_id
LEFT JOIN surveys_questionnaireversion AS v ON v.id = i.version_id
"""


def current(ids: Collection[int]) -> dict[int, Row]:
    """The responses as they are; one that is missing was erased."""
    # Looked up one by one: for ten thousand at once the planner would rather read every invitation
    # there ever was. OFFSET 0 keeps it from taking the subquery apart.
    found = rows(
        "SELECT raw.* FROM unnest(%(ids)s::bigint[]) AS wanted (id) CROSS JOIN LATERAL"
        f" ({CURRENT} WHERE p.id = wanted.id OFFSET 0) AS raw",
        {"ids": list(ids)},
    )
    return {row[0]: row for row in found}


def counted(ids: Collection[int]) -> dict[int, Row]:
    """The same responses as they were last counted."""
    found = rows(
        f"SELECT {_NAMES} FROM analytics_countedresponse"
        " WHERE response_id = ANY(%(ids)s::bigint[])",
        {"ids": list(ids)},
    )
    return {row[0]: row for row in found}


def replace_counted(erased: Collection[int], changed: Collection[Row]) -> None:
    """Forget the erased and changed responses as they were counted; keep the changed ones anew."""
    gone = [*erased, *(row[0] for row in changed)]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM analytics_countedresponse WHERE response_id = ANY(%s::bigint[])", [gone]
        )
        if not changed:
            return
        with cursor.copy(f"COPY analytics_countedresponse ({_NAMES}) FROM STDIN") as copy:
            for row in changed:
                copy.write_row(row)


def as_frame(found: Iterator[Row] | Collection[Row]) -> pd.DataFrame:
    """Rows of this module as a frame; `agent_ids` stays a list."""
    return pd.DataFrame(list(found), columns=list(COLUMNS))
