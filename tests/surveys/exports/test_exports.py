"""What goes out comes back, and nothing that goes out is run by a spreadsheet."""

import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.exports import (
    XLSX_TEXT,
    columns_of,
    csv_chunks,
    csv_lines,
    flatten,
    guard,
    unguard,
    xlsx_bytes,
)

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SIGNS = "=+-@"

# Any text a database may hold, with the dangerous beginnings made likely.
texts = st.one_of(
    st.text(),
    st.builds(
        str.__add__,
        st.text(alphabet="' \t\r\n\x00\xa0\ufeff=+-@＝", max_size=4),
        st.text(max_size=8),
    ),
)


def parse_csv(lines: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(lines, newline="")))


def parse_xlsx(content: bytes) -> list[dict[str, tuple[str | None, str]]]:
    """Per row: cell reference → (type, text)."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        root = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    assert not root.findall(f".//{MAIN}f")
    rows = []
    for row in root.iter(f"{MAIN}row"):
        cells = {}
        for cell in row.iter(f"{MAIN}c"):
            parts = [
                part.text or "" for part in cell.iter() if part.tag in {f"{MAIN}t", f"{MAIN}v"}
            ]
            cells[cell.attrib["r"]] = (cell.get("t"), "".join(parts))
        rows.append(cells)
    return rows


def test_csv_lines_writes_nested_rows_flat() -> None:
    rows = [
        {
            "agent": {"external_id": "a7", "name": "Ada, the 1st"},
            "n": 12,
            "top2": 0.75,
            "few": False,
        },
        {
            "agent": {"external_id": "b1", "name": 'Grace "Amazing"'},
            "n": 0,
            "top2": None,
            "few": True,
        },
    ]
    assert list(csv_lines(rows)) == [
        "agent.external_id,agent.name,n,top2,few\r\n",
        'a7,"Ada, the 1st",12,0.75,false\r\n',
        'b1,"Grace ""Amazing""",0,,true\r\n',
    ]


def test_csv_lines_streams_where_columns_are_given() -> None:
    def rows() -> Any:
        yield {"n": 1}
        raise AssertionError("read too far")

    lines = csv_lines(rows(), ["n", "later"], bom=True)
    assert [next(lines), next(lines)] == ["\ufeffn,later\r\n", "1,\r\n"]


def test_csv_lines_refuses_to_drop_a_key() -> None:
    with pytest.raises(ValueError, match="not among the columns of this export: top2"):
        list(csv_lines([{"n": 1, "top2": 0.5}], ["n"]))


def test_csv_chunks_are_the_same_text() -> None:
    rows = [{"n": number} for number in range(1_203)]
    chunks = list(csv_chunks(rows, ["n"]))
    assert len(chunks) == 3
    assert "".join(chunks) == "".join(csv_lines(rows, ["n"]))


def test_columns_of_keeps_the_order_first_met() -> None:
    assert columns_of([{"b": 1, "a": {"y": 1}}, {"a": {"x": 1, "y": 2}}]) == ["b", "a.y", "a.x"]


def test_flatten_makes_cells_of_what_reports_hold() -> None:
    assert flatten(
        {
            "fix": {"n": 3, "deep": {"er": 1}},
            "tags": ["a", 2, None],
            "agents": ({"name": "Ada", "share": 0.5},),
            "cells": [[1, 2], [3, 4]],
            "day": dt.date(2026, 3, 1),
            "at": dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC),
            "price": Decimal("1.50"),
            "nothing": float("nan"),
        }
    ) == {
        "fix.n": 3,
        "fix.deep.er": 1,
        "tags": "a; 2; ",
        "agents": "name: Ada, share: 0.5",
        "cells": "1, 2; 3, 4",
        "day": "2026-03-01",
        "at": "2026-03-01T08:00:00+00:00",
        "price": 1.5,
        "nothing": None,
    }


def test_flatten_refuses_what_has_no_cell() -> None:
    with pytest.raises(TypeError, match="no cell for object"):
        flatten({"x": object()})


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30 1", "-5", "@SUM(A1)", "\t=1", "\rx", "\nx", "\0x", "  =1", "\xa0=1",
     "\ufeff@x", "\u200b-1", "＝1", "'=1", "''  +1", "\x01=1", "\uffff=1"],
)  # fmt: skip
def test_guard_prefixes_what_would_be_a_formula(text: str) -> None:
    assert guard(text) == f"'{text}"
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["", "x=1", "a@b.org", "'tis", "1-2", "Ünïcode", " plain", "'"])
def test_guard_leaves_other_text_alone(text: str) -> None:
    assert guard(text) == text
    assert unguard(text) == text


def test_numbers_stay_numbers_in_both() -> None:
    rows = [{"difference": -0.25, "n": -3, "text": "-3", "big": 2**60, "yes": True}]
    assert list(csv_lines(rows))[1] == f"-0.25,-3,'-3,{2**60},true\r\n"
    assert parse_xlsx(xlsx_bytes(rows))[1] == {
        "A2": (None, "-0.25"),
        "B2": (None, "-3"),
        "C2": ("inlineStr", "'-3"),
        "D2": ("inlineStr", str(2**60)),
        "E2": ("b", "1"),
    }


def test_header_is_guarded_too() -> None:
    assert next(csv_lines([{"=cmd": 1}])) == "'=cmd\r\n"
    assert parse_xlsx(xlsx_bytes([{"=cmd": 1}]))[0] == {"A1": ("inlineStr", "'=cmd")}


def test_lone_surrogate_is_replaced_so_that_the_file_can_be_encoded() -> None:
    text = "".join(csv_lines([{"a": "x\ud800y"}]))
    assert text.encode() == b"a\r\nx\xef\xbf\xbdy\r\n"
    assert parse_xlsx(xlsx_bytes([{"a": "x\ud800y"}]))[1] == {"A2": ("inlineStr", "x\ufffdy")}


def test_no_rows_leave_the_header() -> None:
    assert list(csv_lines([], ["agent.name", "n"])) == ["agent.name,n\r\n"]
    assert parse_xlsx(xlsx_bytes([], ["n"])) == [{"A1": ("inlineStr", "n")}]


def test_xlsx_is_the_same_file_every_time() -> None:
    rows = [{"agent": {"name": "Ada"}, "n": 3}]
    assert xlsx_bytes(rows) == xlsx_bytes(rows)


def test_xlsx_cuts_text_at_what_a_cell_holds() -> None:
    row = parse_xlsx(xlsx_bytes([{"comment": "é" * (XLSX_TEXT + 10)}]))[1]
    assert row == {"A2": ("inlineStr", "é" * XLSX_TEXT)}


def test_xlsx_makes_no_links() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes([{"comment": "https://example.org/"}]))) as book:
        assert b"hyperlink" not in book.read("xl/worksheets/sheet1.xml")


@given(st.lists(st.lists(texts, min_size=2, max_size=2), max_size=5))
def test_csv_parsed_back_is_the_text(rows: list[list[str]]) -> None:
    lines = "".join(csv_lines([{"a": a, "b": b} for a, b in rows], ["a", "b"]))
    parsed = parse_csv(lines)
    assert parsed[0] == ["a", "b"]
    assert [[unguard(cell) for cell in row] for row in parsed[1:]] == rows


@given(texts)
def test_csv_cell_never_starts_a_formula(text: str) -> None:
    cell = parse_csv("".join(csv_lines([{"a": text}], ["a"])))[1][0]
    assert not cell.startswith(tuple("\t\r\n\0＝＋－＠"))
    assert not cell.lstrip().startswith(tuple(SIGNS))


@given(st.lists(texts, min_size=1, max_size=4))
def test_xlsx_parsed_back_is_the_text_without_what_xml_forbids(values: list[str]) -> None:
    rows = parse_xlsx(xlsx_bytes([{"a": value} for value in values]))[1:]
    for row, value in zip(rows, values, strict=True):
        kind, cell = next(iter(row.values()), ("inlineStr", ""))
        assert kind == "inlineStr"
        assert not cell.lstrip().startswith(tuple(SIGNS))
        legal = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", guard(value))
        assert _unescaped(cell) == legal.replace("\r\n", "\n").replace("\r", "\n")


def _unescaped(cell: str) -> str:
    """Excel's own escape of text that looks like an escape: _x005F_."""
    return re.sub("_x005F(_x[0-9A-Fa-f]{4}_)", r"\1", cell)
