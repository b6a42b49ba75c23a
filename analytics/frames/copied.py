"""Single responses as lines of CSV that PostgreSQL writes: what an export of many is made of.

A line says what `listed.page` says of the response, as `surveys.exports` writes it, byte for byte,
in a fraction of the time of row by row. Answers to own questions are not among the columns: where
there are any the rows have to be made one by one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Final

from django.db import connection, transaction

from analytics.frames import listed
from analytics.frames.listed import ALL_HANDLED, COLUMNS, DETAIL, FROM
from analytics.frames.selection import Selection
from surveys.exports import FORMULA

#: Responses written by one statement, and held as text at once: fewer are not worth a second
#: process of the database, and each statement reads whole tables.
CHUNK: Final = 100_000
#: Lines that are sent as one piece.
_PIECE: Final = 1_000
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
    place: listed.Place | None = None
    while True:
        last = listed.last_of(selection, place, CHUNK, search)
        where, values = listed.between(selection, place, last, search)
        with transaction.atomic(), connection.cursor() as cursor:
            # Sorted in memory: a few hundred bytes a response. And who waits for a file waits
            # longer than for a page.
            cursor.execute(
                "SELECT set_config('work_mem', '64MB', TRUE),"
                " set_config('statement_timeout', '60s', TRUE)"
            )
            copying = f"COPY ({_statement(seen, where, search)}) TO STDOUT (FORMAT csv)"
            with cursor.cursor.copy(copying, values) as copy:
                pieces = list(_pieces(copy))
        yield from pieces
        if last is None:
            return
        place = last


def _pieces(copy: Iterable[bytes]) -> Iterator[bytes]:
    """Lines that end as RFC 4180 has it; they come row by row, each with its line feed."""
    while some := list(islice(copy, _PIECE)):
        joined = b"".join(some)
        if joined.count(b"\n") == len(some):
            yield joined.replace(b"\n", b"\r\n")
        else:  # some cell has lines of its own
            yield b"\r\n".join([*(row[:-1] for row in some), b""])


def _statement(seen: Collection[str], where: str, search: listed.Search | None) -> str:
    """Cells of the responses under these conditions.

    Many hands are found at once where the cases are known before; and what a cell asks several
    times, whether it is a formula, it asks of a value that stands there.
    """
    cells = [sql if name in seen else "NULL" for name, sql in columns().items()]
    return (
        "WITH chosen AS MATERIALIZED (SELECT i.resolution_id"
        f" {FROM}{listed.joins_of(search)} WHERE {where})"
        f" SELECT {', '.join(cells)} FROM (SELECT {', '.join(COLUMNS)},"
        f" {_told('p.answered_at')} AS answered, {_told('r.resolved_at')} AS resolved"
        f" {FROM} {DETAIL} {ALL_HANDLED} WHERE {where} OFFSET 0) AS p"
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
    # No formula starts with a letter or a digit: they are spared the search, as are the many cells
    # that nobody wrote into.
    code = f"ascii({column})"
    return (
        f"CASE WHEN {column} = '' THEN NULL WHEN {code} BETWEEN 97 AND 122"
        f" OR {code} BETWEEN 48 AND 57 OR {code} BETWEEN 65 AND 90 THEN {column}"
        f" WHEN {column} ~ '{_formula()}' THEN '''' || {column} ELSE {column} END"
    )


@cache
def _formula() -> str:
    """`exports.FORMULA` as PostgreSQL reads it: it knows other white space, and no text has a
    NUL."""
    spaces = [f"\\u{code:04x}" for code in range(0x10000) if re.match(r"\s", chr(code))]
    pattern = FORMULA.replace(r"\s", "".join(spaces)).replace(r"\x00-", r"\x01-")
    pattern = re.sub(r"\\x([0-9a-f]{2})", r"\\u00\1", pattern.replace(r"\x00", ""))
    return "^(?:" + pattern.replace("'", "''") + ")"
