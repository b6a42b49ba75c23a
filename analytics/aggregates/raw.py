"""All answers of some days from the raw tables as columns of numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import numpy as np
from django.db import connection

from analytics.aggregates.moments import midnight
from analytics.columns import IntArray
from analytics.frames.answers import COLUMNS
from analytics.frames.blocks import Block, Codes
from analytics.frames.sql import hashing, rows

_IDS: Final = ("team", "product", "cause", "questionnaire")
_WORDS: Final = ("channel", "language", "arm")
_RATINGS: Final = ("f1", "f2", "c1", "c2", "c3", "o1")
#: Ids up to this are told apart by a table with a place for each, larger ones by sorting.
MOST_IDS: Final = 10_000_000
#: Every column as a number of eight bytes; −1 for none. Days since 0001-01-01, as ordinals are.
_NUMBERS: Final = {
    "answered": "answered_on - DATE '0001-01-01' + 1",
    "resolved": "resolved_on - DATE '0001-01-01' + 1",
    **{name: f"COALESCE({name}_id, -1)" for name in _IDS},
    "first": "COALESCE(agent_ids[1], -1)",
    "second": "COALESCE(agent_ids[2], -1)",
    "alone": "n_agents",
    **{name: f"array_position(%({name})s::text[], {name}::text) - 1" for name in _WORDS},
    **{name: f"COALESCE({name}, 0)" for name in _RATINGS},
}


#: What `frames.answers.CURRENT` says, for all answers of some days: each table is read once, by its
#: index in the order of the ids wanted, so that rows that were made together are read together.
_STAGED: Final = """
CREATE TEMPORARY TABLE raw_answers ON COMMIT DROP AS
WITH p AS MATERIALIZED (
    SELECT id, invitation_id, (answered_at AT TIME ZONE 'UTC')::date AS answered_on, language,
           f1, f2, c1, c2, c3, o1
      FROM surveys_response WHERE answered_at >= %s AND answered_at < %s),
i AS MATERIALIZED (
    SELECT id, resolution_id, version_id, arm FROM surveys_invitation
     WHERE id = ANY((SELECT array_agg(invitation_id ORDER BY invitation_id) FROM p)::bigint[])),
wanted AS MATERIALIZED (SELECT array_agg(resolution_id ORDER BY resolution_id) AS ids FROM i),
r AS MATERIALIZED (
    SELECT id, (resolved_at AT TIME ZONE 'UTC')::date AS resolved_on, team_id, n_agents,
           product_id, cause_id, channel
      FROM surveys_resolution WHERE id = ANY((SELECT ids FROM wanted)::bigint[])),
h AS MATERIALIZED (
    SELECT resolution_id, array_agg(agent_id ORDER BY agent_id) AS agent_ids
      FROM surveys_resolutionagent
     WHERE resolution_id = ANY((SELECT ids FROM wanted)::bigint[]) AND share >= 0.5
     GROUP BY resolution_id)
SELECT p.id AS response_id, p.answered_on, r.resolved_on, r.team_id,
       COALESCE(h.agent_ids, '{}') AS agent_ids, r.n_agents, r.product_id, r.cause_id, r.channel,
       p.language, COALESCE(v.questionnaire_id, 0) AS questionnaire_id, i.arm,
       p.f1, p.f2, p.c1, p.c2, p.c3, p.o1
FROM p
JOIN i ON i.id = p.invitation_id
JOIN r ON r.id = i.resolution_id
LEFT JOIN h ON h.resolution_id = r.id
LEFT JOIN surveys_questionnaireversion AS v ON v.id = i.version_id
"""


def stage(from_: dt.date, to: dt.date) -> int:
    """Read the answers of these days into the temporary table `raw_answers`; how many. By one core:
    several processes count ranges side by side."""
    with hashing(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS raw_answers")
        cursor.execute(_STAGED, [midnight(from_), midnight(to + dt.timedelta(days=1))])
        return int(cursor.rowcount)


def is_plain() -> bool:
    """Whether none of the staged answers was counted before, whenever, or has more than two agents
    that it is said of."""
    [(plain,)] = rows(
        "SELECT NOT EXISTS (SELECT 1 FROM raw_answers WHERE cardinality(agent_ids) > 2)"
        " AND NOT EXISTS (SELECT 1 FROM analytics_countedresponse WHERE response_id ="
        " ANY((SELECT array_agg(response_id ORDER BY response_id) FROM raw_answers)::bigint[]))"
    )
    return bool(plain)


def count_rows() -> None:
    """Make the staged answers the counted rows."""
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO analytics_countedresponse ({names}) SELECT {names} FROM raw_answers"
            " ORDER BY response_id"
        )


def columns() -> tuple[IntArray, Block]:
    """The staged answers: each one's day of answer, as an ordinal, and the rest as a block."""
    words = {
        name: [word for (word,) in rows(f"SELECT DISTINCT {name} FROM raw_answers ORDER BY 1")]
        for name in _WORDS
    }
    read = _read(words)
    held: dict[str, Codes] = {name: read[name] for name in _WORDS}
    values: dict[str, list[Any]] = {**words}
    for name in _IDS:
        ids, held[name] = _coded(read[name])
        values[name] = [None if one < 0 else one for one in ids.tolist()]
    firsts, first = _coded(read["first"])
    seconds, second = _coded(read["second"])
    pairs, held["agents"] = _coded(first * len(seconds) + second)
    values["agents"] = [
        tuple(one for one in (int(firsts[p // len(seconds)]), int(seconds[p % len(seconds)]))
              if one >= 0)
        for p in pairs.tolist()
    ]  # fmt: skip
    alone = (read["alone"] == 1) & (read["f2"] > 0)
    held["lag"] = read["answered"] - read["resolved"]
    held["fix_ratings"] = 6 * read["f1"] + np.where(alone, read["f2"], read["f1"])
    held["cause_ratings"] = 30 * read["c1"] + 5 * read["c2"] + read["c3"]
    held["outcome"] = read["o1"]
    return read["answered"], Block(len(read["answered"]), held, values)


def _coded(ids: IntArray) -> tuple[IntArray, IntArray]:
    """The different ids, from −1, in order, and each one's place among them."""
    if int(ids.max(initial=-1)) > MOST_IDS:
        found, places = np.unique(ids, return_inverse=True)
        return found, places.astype(np.int64)
    there = np.zeros(int(ids.max(initial=-1)) + 2, np.bool_)
    there[ids + 1] = True
    return np.flatnonzero(there) - 1, (np.cumsum(there) - 1)[ids + 1]


def _read(words: dict[str, list[str]]) -> dict[str, IntArray]:
    """Each column as its eight bytes one behind the other; row by row, the client would spend most
    of the time on messages."""
    chosen = ", ".join(
        f"string_agg(int8send(({sql})::bigint), ''::bytea)" for sql in _NUMBERS.values()
    )
    with connection.cursor() as cursor:
        inner = cursor.cursor
        inner.execute(f"SELECT {chosen} FROM raw_answers", words, binary=True, prepare=False)
        found = inner.fetchone() or ()
    return {
        name: np.frombuffer(data or b"", ">i8").astype(np.int64)
        for name, data in zip(_NUMBERS, found, strict=True)
    }
