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
from analytics.frames.sql import hashing

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
#: Each table is read once, by its index in the order of the ids wanted: whose rows were made
#: together lie together, and what else there is costs nothing. To be run by `hashing`.
_READ: Final = f"""
WITH r AS MATERIALIZED (
    SELECT d.day, found.* FROM unnest(%s::date[]) AS d (day) CROSS JOIN LATERAL (
        SELECT id, team_id, product_id, cause_id, channel FROM surveys_resolution
         WHERE resolved_at >= d.day::timestamp AT TIME ZONE 'UTC'
           AND resolved_at < (d.day + 1)::timestamp AT TIME ZONE 'UTC' OFFSET 0) AS found),
wanted AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids FROM r),
i AS MATERIALIZED (
    SELECT id, resolution_id, version_id, language, status, bounced_at, sent_at, due_at
      FROM surveys_invitation WHERE resolution_id = ANY((SELECT ids FROM wanted)::bigint[])),
p AS MATERIALIZED (
    SELECT invitation_id FROM surveys_response WHERE completed_at IS NOT NULL
       AND invitation_id = ANY((SELECT array_agg(id ORDER BY id) FROM i)::bigint[])),
h AS MATERIALIZED (
    SELECT resolution_id, string_agg(agent_id::text, ',' ORDER BY agent_id) AS agents
      FROM surveys_resolutionagent
     WHERE resolution_id = ANY((SELECT ids FROM wanted)::bigint[]) AND share >= 0.5
     GROUP BY resolution_id),
raw AS (
    SELECT r.day, r.team_id AS team, r.product_id AS product, r.cause_id AS cause, r.channel,
           i.language, v.questionnaire_id AS questionnaire, h.agents,
           CASE WHEN {COUNTED} AND {MAILED} IS NOT NULL
                THEN r.day - ({MAILED} AT TIME ZONE 'UTC')::date ELSE 0 END AS lag,
           CASE WHEN {COUNTED} THEN {INVITED}
                + CASE WHEN i.status <> 'failed' AND i.bounced_at IS NULL
                       THEN {DELIVERED} ELSE 0 END
                + CASE WHEN p.invitation_id IS NULL THEN 0 ELSE {COMPLETED} END
                + CASE WHEN {MAILED} IS NULL THEN {UNDATED} ELSE 0 END ELSE 0 END AS state
    FROM r
    LEFT JOIN i ON i.resolution_id = r.id
    LEFT JOIN p ON p.invitation_id = i.id
    LEFT JOIN h ON h.resolution_id = r.id
    LEFT JOIN surveys_questionnaireversion AS v ON v.id = i.version_id)
SELECT array_agg(day - DATE '0001-01-01' + 1), {", ".join(f"array_agg({name})" for name in COLUMNS)}
FROM raw
"""


def days(wanted: Sequence[dt.date]) -> Iterator[tuple[int, Block]]:
    """The resolutions of each of these days, as an ordinal, that has any."""
    with hashing(), connection.cursor() as cursor:
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
