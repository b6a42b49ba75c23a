"""Resolutions with what became of their invitation, from the raw tables as columns of their days.

Names no answer: of a response only that it was given to the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from django.db import connection

from analytics.columns import IntArray
from analytics.frames.blocks import Block, Codes

#: Dimensions with a dictionary. Language and questionnaire are the invitation's, None where there
#: is none, or none with a questionnaire.
DIMENSIONS: Final = (
    "team", "agents", "product", "cause", "channel", "language", "questionnaire",
)  # fmt: skip
#: `lag`: days from the mail, or from when one that could not be sent was due, to the resolution;
#: mostly negative, and 0 where nobody was invited or nothing tells when. `state`: see the bits.
NUMBERS: Final = ("lag", "state")
COLUMNS: Final = (*DIMENSIONS, *NUMBERS)
#: The bits of `state`: a mail was sent or attempted; it neither failed nor bounced; the survey was
#: answered to the end; and nothing tells on which day the mail was sent or due.
INVITED, DELIVERED, COMPLETED, UNDATED = 1, 2, 4, 8
STATES: Final = 16

#: When a mail was sent or, where it was not, due.
MAILED: Final = "COALESCE(i.sent_at, i.due_at)"
COUNTED: Final = "i.status IN ('sent', 'unknown', 'failed', 'expired')"
#: One row each, by the UTC day of resolution. Agents are those who did at least half of the work.
#: All else is looked up one by one, whatever the planner thinks: the rows of a day lie near each
#: other, and hashing would read all there is. OFFSET 0 keeps it from taking a subquery apart.
CURRENT: Final = f"""
SELECT (r.resolved_at AT TIME ZONE 'UTC')::date AS day, r.team_id AS team,
       r.product_id AS product, r.cause_id AS cause, r.channel, i.language,
       (SELECT v.questionnaire_id FROM surveys_questionnaireversion AS v
         WHERE v.id = i.version_id) AS questionnaire,
       (SELECT string_agg(h.agent_id::text, ',' ORDER BY h.agent_id)
          FROM surveys_resolutionagent AS h
         WHERE h.resolution_id = r.id AND h.share >= 0.5) AS agents,
       CASE WHEN {COUNTED} AND {MAILED} IS NOT NULL
            THEN (r.resolved_at AT TIME ZONE 'UTC')::date
                 - ({MAILED} AT TIME ZONE 'UTC')::date ELSE 0 END AS lag,
       CASE WHEN {COUNTED} THEN {INVITED}
            + CASE WHEN i.status <> 'failed' AND i.bounced_at IS NULL THEN {DELIVERED} ELSE 0 END
            + CASE WHEN EXISTS (SELECT 1 FROM surveys_response AS p WHERE p.invitation_id = i.id
                                AND p.completed_at IS NOT NULL) THEN {COMPLETED} ELSE 0 END
            + CASE WHEN {MAILED} IS NULL THEN {UNDATED} ELSE 0 END ELSE 0 END AS state
FROM surveys_resolution AS r
LEFT JOIN LATERAL (
    SELECT * FROM surveys_invitation WHERE resolution_id = r.id OFFSET 0) AS i ON TRUE
"""
_READ: Final = (
    "SELECT array_agg(raw.day - DATE '0001-01-01' + 1), "
    + ", ".join(f"array_agg(raw.{name})" for name in COLUMNS)
    + f" FROM unnest(%s::date[]) AS d (day) CROSS JOIN LATERAL ({CURRENT}"
    " WHERE r.resolved_at >= d.day::timestamp AT TIME ZONE 'UTC'"
    " AND r.resolved_at < (d.day + 1)::timestamp AT TIME ZONE 'UTC' OFFSET 0) AS raw"
)


def days(wanted: Sequence[dt.date]) -> Iterator[tuple[int, Block]]:
    """The resolutions of each of these days, as an ordinal, that has any."""
    with connection.cursor() as cursor:
        inner = cursor.cursor
        inner.execute(_READ, [list(wanted)], binary=True, prepare=False)
        found = inner.fetchone()
    if found is None or found[0] is None:
        return
    on = np.array(found[0], np.int64)
    block = _block(dict(zip(COLUMNS, found[1:], strict=True)))
    for day in np.unique(on).tolist():
        yield day, _part(block, np.flatnonzero(on == day))


def _block(read: dict[str, list[Any]]) -> Block:
    columns: dict[str, Codes] = {name: np.array(read[name], np.int32) for name in NUMBERS}
    values: dict[str, list[Any]] = {}
    for name in DIMENSIONS:
        known: dict[Any, int] = {}
        codes = [known.setdefault(value, len(known)) for value in read[name]]
        columns[name] = np.array(codes, np.int32)
        values[name] = list(known)
    values["agents"] = [
        tuple(int(one) for one in text.split(",")) if text else () for text in values["agents"]
    ]
    return Block(len(columns["lag"]), columns, values)


def _part(block: Block, places: IntArray) -> Block:
    """These rows of a block, with what they use of its dictionaries."""
    columns: dict[str, Codes] = {}
    values: dict[str, list[Any]] = {}
    for name, column in block.columns.items():
        codes = column[places]
        if name in block.values:
            used = np.flatnonzero(np.bincount(codes))
            table = np.zeros(int(codes.max()) + 1, np.int32)
            table[used] = np.arange(len(used))
            codes = table[codes]
            values[name] = [block.values[name][one] for one in used.tolist()]
        columns[name] = codes
    return Block(len(places), columns, values)


#: The resolutions of a day without any.
NONE: Final = _block({name: [] for name in COLUMNS})
