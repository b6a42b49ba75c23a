"""Single responses as lines of CSV that PostgreSQL writes: what an export of many is made of.

A line says what `listed.page` says of the response, as `surveys.exports` writes it, byte for byte,
in a fraction of the time of row by row. Answers to own questions are not among the columns: where
there are any the rows have to be made one by one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Final

from django.db import connection, transaction

from analytics.frames import listed
from analytics.frames.listed import ALL_HANDLED, COLUMNS, DETAIL, FROM
from analytics.frames.selection import Selection
from surveys.exports import FORMULA

#: Responses written by one statement, and held as text at once.
CHUNK: Final = 50_000
_NAMES: Final = (
    "id", "answered_at", "resolved_at", "completed", "source", "external_id", "customer_email",
    "customer_name", "customer_id", *(item.upper() for item in listed.ITEMS), "fix_comment",
    "cause_comment", "agent_ids", "agent_names", "team", "product", "cause", "cause_name",
    "channel", "language", "questionnaire", "version", "arm", "n_revisions", "is_sample",
)  # fmt: skip


def lines(
    selection: Selection, seen: Collection[str], search: listed.Search | None = None
) -> Iterator[bytes]:
    """Lines of CHUNK responses at a time, newest first, without a header.

    Shape: one cell per name of COLUMNS; empty where it is not `seen`.
    """
    statement = _statement(seen)
    place: listed.Place | None = None
    while found := listed.chosen(selection, place, CHUNK, search):
        ids, n, place = found
        with transaction.atomic(), connection.cursor() as cursor:
            # Sorted in memory: a few hundred bytes a response.
            cursor.execute("SELECT set_config('work_mem', '64MB', TRUE)")
            copying = f"COPY ({statement}) TO STDOUT (FORMAT csv)"
            with cursor.cursor.copy(copying, {"ids": ids}) as copy:
                # Row by row, each with the line feed that PostgreSQL ends it with.
                written = [row[:-1] for row in copy]
        yield b"\r\n".join([*written, b""])
        if n < CHUNK:
            return


def _statement(seen: Collection[str]) -> str:
    """Cells of the responses whose ids are given.

    Many hands are found at once where the cases are known before; and what a cell asks several
    times, whether it is a formula, it asks of a value that stands there.
    """
    cells = [sql if name in seen else "NULL" for name, sql in columns().items()]
    given = "WHERE p.id = ANY(%(ids)s::bigint[])"
    return (
        "WITH chosen AS MATERIALIZED (SELECT i.resolution_id FROM surveys_response AS p"
        f" JOIN surveys_invitation AS i ON i.id = p.invitation_id {given})"
        f" SELECT {', '.join(cells)} FROM (SELECT {', '.join(COLUMNS)},"
        f" {_told('p.answered_at')} AS answered, {_told('r.resolved_at')} AS resolved"
        f" {FROM} {DETAIL} {ALL_HANDLED} {given} OFFSET 0) AS p"
        " ORDER BY p.answered_at DESC, p.id DESC"
    )


def _told(column: str) -> str:
    return f"translate(({column} AT TIME ZONE 'UTC')::text, ' ', 'T')"


@cache
def columns() -> dict[str, str]:
    """Names of the cells in their order, and what each says."""
    item = {name.upper(): name for name in listed.ITEMS}
    item["F3"] = "NULLIF(array_to_string(f3, '; '), '')"
    same = (
        "source", "customer_email", "customer_name", "customer_id", "fix_comment", "cause_comment",
        "team", "product", "cause_name", "channel", "language", "questionnaire", "arm",
    )  # fmt: skip
    cells = {name: _text(name) for name in same} | {
        "id": "id",
        "answered_at": _moment("answered"),
        "resolved_at": _moment("resolved"),
        "completed": "completed::text",
        "external_id": _text("case_id"),
        **item,
        "agent_ids": _text("agent_ids"),
        "agent_names": _text("agent_names"),
        "cause": _text("cause_code"),
        "version": "version",
        "n_revisions": "n_revisions",
        "is_sample": "is_sample::text",
    }
    return {name: cells[name] for name in _NAMES}


def _moment(told: str) -> str:
    """As Python's isoformat: microseconds in six digits, or none."""
    return f"rpad({told}, CASE length({told}) WHEN 19 THEN 19 ELSE 26 END, '0') || '+00:00'"


def _text(column: str) -> str:
    """As `exports.guard` leaves it; no cell for an empty one."""
    # No formula starts with a letter or a digit: they are spared the search.
    code = f"ascii({column})"
    return (
        f"CASE WHEN {code} BETWEEN 97 AND 122 OR {code} BETWEEN 48 AND 57 OR"
        f" {code} BETWEEN 65 AND 90 THEN {column}"
        f" WHEN {column} ~ '{_formula()}' THEN '''' || {column} ELSE NULLIF({column}, '') END"
    )


@cache
def _formula() -> str:
    """`exports.FORMULA` as PostgreSQL reads it: it knows other white space, and no text has a
    NUL."""
    spaces = [f"\\u{code:04x}" for code in range(0x10000) if re.match(r"\s", chr(code))]
    pattern = FORMULA.replace(r"\s", "".join(spaces)).replace(r"\x00-", r"\x01-")
    pattern = re.sub(r"\\x([0-9a-f]{2})", r"\\u00\1", pattern.replace(r"\x00", ""))
    return "^(?:" + pattern.replace("'", "''") + ")"
