"""A row too long is passed over to its true end, whatever stands in it."""

from __future__ import annotations

import csv
import io
from typing import Literal
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from surveys.services import importing_lines
from surveys.services.importing_lines import Lines, OverlongRowError

LONGEST = 12
cells = st.lists(st.text('a",;\n\r', max_size=9), min_size=1, max_size=4)


def _written(row: list[str], ending: str, *, bare: bool) -> str:
    """The row as text; `bare` cells are quoted only where they must be."""
    text = io.StringIO()
    # The standard library's writer leaves a lone carriage return unquoted.
    quoting: Literal[0, 1] = (
        csv.QUOTE_MINIMAL if bare and "\r" not in "".join(row) else csv.QUOTE_ALL
    )
    csv.writer(text, lineterminator=ending, quoting=quoting).writerow(row)
    return text.getvalue()


def _read(text: str, chunk: int) -> tuple[list[list[str]], int, int]:
    """The rows, how many were passed over, and how many lines were read."""
    lines = Lines(io.StringIO(text, newline=""), ",")
    reader = csv.reader(lines, strict=True)
    rows: list[list[str]] = []
    overlong = 0
    with (
        patch.object(importing_lines, "LONGEST_ROW", LONGEST),
        patch.object(importing_lines, "_CHUNK", chunk),
    ):
        while True:
            lines.begin_row()
            try:
                row = next(reader, None)
            except OverlongRowError:
                overlong += 1
                continue
            if row is None:
                return rows, overlong, lines.number
            if row:
                rows.append(row)


@given(
    st.lists(cells, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.integers(1, 9),
)
def test_rows_beside_an_overlong_one_are_read_as_they_are(
    rows: list[list[str]], ending: str, bare: bool, chunk: int
) -> None:
    written = [_written(row, ending, bare=bare) for row in rows]
    kept = [row for row, text in zip(rows, written, strict=True) if len(text) <= LONGEST]
    found, overlong, _ = _read("".join(written), chunk)
    assert found == kept
    assert overlong == len(rows) - len(kept)


@given(st.lists(cells, max_size=6), st.integers(1, 9))
def test_lines_are_counted_through_an_overlong_row(rows: list[list[str]], chunk: int) -> None:
    plain = [[cell.replace("\r", "") for cell in row] for row in rows]
    text = "".join(_written(row, "\n", bare=False) for row in plain)
    assert _read(text, chunk)[2] == text.count("\n")
