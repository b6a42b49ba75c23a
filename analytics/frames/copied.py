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

from django.db import connection

from analytics.frames import listed
from analytics.frames.listed import DETAIL, FROM, ORDER
from analytics.frames.selection import Selection
from surveys.exports import FORMULA

#: Responses written by one statement, and held as text at once.
CHUNK: Final = 10_000


def lines(
    selection: Selection, seen: Collection[str], search: listed.Search | None = None
) -> Iterator[bytes]:
    """Lines of CHUNK responses at a time, newest first, without a header.

    Shape: one cell per name of COLUMNS; empty where it is not `seen`.
    """
    cells = [sql if name in seen else "NULL" for name, sql in columns().items()]
    statement = f"SELECT {', '.join(cells)} {FROM} {DETAIL} WHERE p.id = ANY(%s::bigint[]) {ORDER}"
    place: listed.Place | None = None
    while found := listed.places(selection, place, CHUNK, search):
        with connection.cursor() as cursor:
            # A copy comes row by row, each with the line feed that PostgreSQL ends it with.
            ids = [number for _, number in found]
            with cursor.cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)", [ids]) as copy:
                written = b"".join([bytes(row[:-1]) + b"\r\n" for row in copy])
        yield written
        if len(found) < CHUNK:
            return
        place = found[-1]


@cache
def columns() -> dict[str, str]:
    """Names of the cells in their order, and what each says."""
    item = {name.upper(): f"p.{name}" for name in listed.ITEMS}
    item["F3"] = "NULLIF(array_to_string(p.f3, '; '), '')"
    known = "CASE WHEN u.email IS NOT NULL THEN {} END"
    return {
        "id": "p.id",
        "answered_at": _moment("p.answered_at"),
        "resolved_at": _moment("r.resolved_at"),
        "completed": "(p.completed_at IS NOT NULL)::text",
        "source": _text("c.source"),
        "external_id": _text("c.external_id"),
        "customer_email": _text("u.email"),
        "customer_name": known.format(_text("u.name")),
        "customer_id": known.format(_text("u.external_id")),
        **item,
        "fix_comment": _text("p.fix_comment"),
        "cause_comment": _text("p.cause_comment"),
        "agent_ids": _text("array_to_string(by.agent_ids, '; ')"),
        "agent_names": _text("array_to_string(by.agent_names, '; ')"),
        "team": _text("t.name"),
        "product": _text("o.name"),
        "cause": _text("w.code"),
        "cause_name": _text("COALESCE(NULLIF(w.name, ''), w.code)"),
        "channel": _text("r.channel"),
        "language": _text("p.language"),
        "questionnaire": _text("q.slug"),
        "version": "v.number",
        "arm": _text("i.arm"),
        "n_revisions": "p.n_revisions",
        "is_sample": "p.is_sample::text",
    }


def _moment(column: str) -> str:
    """As Python's isoformat: microseconds in six digits, or none."""
    told = f"translate(({column} AT TIME ZONE 'UTC')::text, ' ', 'T')"
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
