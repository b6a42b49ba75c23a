"""All answers of some days from the raw tables as columns, by one binary COPY of numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import numpy as np
from django.db import connection

from analytics.aggregates.moments import midnight
from analytics.columns import IntArray
from analytics.frames.answers import COLUMNS, CURRENT
from analytics.frames.blocks import Block, Codes
from analytics.frames.sql import rows

_IDS: Final = ("team", "product", "cause", "questionnaire")
_WORDS: Final = ("channel", "language", "arm")
_RATINGS: Final = ("f1", "f2", "c1", "c2", "c3", "o1")
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


def stage(from_: dt.date, to: dt.date) -> int:
    """Read the answers of these days into the temporary table `raw_answers`; how many.

    Invitation and resolution are looked up one by one, near each other as they are: hashing would
    read all of them for every range. By one core: several processes count ranges side by side.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_hashjoin', 'off', TRUE),"
            " set_config('enable_mergejoin', 'off', TRUE),"
            " set_config('max_parallel_workers_per_gather', '0', TRUE)"
        )
        cursor.execute("DROP TABLE IF EXISTS raw_answers")
        cursor.execute(
            f"CREATE TEMPORARY TABLE raw_answers ON COMMIT DROP AS {CURRENT}"
            " WHERE p.answered_at >= %s AND p.answered_at < %s",
            [midnight(from_), midnight(to + dt.timedelta(days=1))],
        )
        found = int(cursor.rowcount)
        cursor.execute(
            "SELECT set_config('enable_hashjoin', 'on', TRUE),"
            " set_config('enable_mergejoin', 'on', TRUE)"
        )
        return found


def is_plain() -> bool:
    """Whether none of the staged answers was counted before, whenever, or has more than two agents
    that it is said of."""
    [(plain,)] = rows(
        "SELECT NOT EXISTS (SELECT 1 FROM raw_answers WHERE cardinality(agent_ids) > 2)"
        " AND NOT EXISTS (SELECT 1 FROM raw_answers JOIN analytics_countedresponse"
        " USING (response_id))"
    )
    return bool(plain)


def count_rows() -> None:
    """Make the staged answers the counted rows."""
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO analytics_countedresponse ({names}) SELECT {names} FROM raw_answers"
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
        ids, held[name] = np.unique(read[name], return_inverse=True)
        values[name] = [None if one < 0 else one for one in ids.tolist()]
    firsts, first = np.unique(read["first"], return_inverse=True)
    seconds, second = np.unique(read["second"], return_inverse=True)
    pairs, held["agents"] = np.unique(first * len(seconds) + second, return_inverse=True)
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


def _read(words: dict[str, list[str]]) -> dict[str, IntArray]:
    chosen = ", ".join(f"({sql})::bigint" for sql in _NUMBERS.values())
    layout = [("fields", ">i2")]
    for name in _NUMBERS:
        layout += [(f"{name}_length", ">i4"), (name, ">i8")]
    with connection.cursor() as cursor:
        statement = f"COPY (SELECT {chosen} FROM raw_answers) TO STDOUT (FORMAT binary)"
        with cursor.cursor.copy(statement, words) as copy:
            data = b"".join(copy)
    # Nineteen bytes before the first row, two after the last.
    table = np.frombuffer(data, np.dtype(layout), offset=19, count=(len(data) - 21) // _width())
    return {name: table[name].astype(np.int64) for name in _NUMBERS}


def _width() -> int:
    return 2 + 12 * len(_NUMBERS)
