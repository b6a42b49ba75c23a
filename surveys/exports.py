"""Rows as CSV and XLSX, safe to open in a spreadsheet.

Public functions
    flatten(row) -> dict[str, Cell]                 nested mappings as "agent.name", lists joined
    columns_of(rows) -> list[str]                   all columns, in the order first met
    csv_lines(rows, columns=None, *, bom=False, notes=()) -> Iterator[str]     header first
    csv_chunks(rows, columns=None, *, bom=False, size=500, notes=()) -> Iterator[str]   in pieces
    write_xlsx(rows, target, columns=None, *, sheet="Report", notes=()) -> None  target: binary file
    xlsx_bytes(rows, columns=None, *, sheet="Report", notes=()) -> bytes
    guard(text) -> str, unguard(text) -> str        the prefix ' before what would be a formula

rows: an iterable of (nested) mappings. With `columns` they are streamed; without, they are read
into memory first to learn the columns. A column a row lacks is an empty cell; a key that is no
column is an error, for a number must not vanish from an export in silence. `notes` are lines of
cells that say what the rows are: in CSV below them after an empty line, in XLSX on a second sheet.
"""

import csv
import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

Cell = str | int | float | bool | None

# What a spreadsheet may take for a formula: these signs, after whatever it skips at the start of a
# cell (white space, control and format characters). Full-width signs count in East Asian editions.
# The leading apostrophes keep guarding reversible: "'=x" as typed becomes "''=x".
_SKIPPED = r"\s\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff"
#: The start of a text that `guard` guards, for who writes cells otherwise.
FORMULA = rf"'*(?:[\t\r\n\x00]|[{_SKIPPED}]*[=+\-@\uff1d\uff0b\uff0d\uff20])"
_FORMULA = re.compile(FORMULA)
_SURROGATES = re.compile("[\ud800-\udfff]")
# Not allowed in XML 1.0, so no XLSX file can carry them.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: The longest text of a cell that Excel opens.
XLSX_TEXT = 32_767
XLSX_ROWS = 1_048_576
# Spreadsheets count in doubles; longer whole numbers would change their last digits.
_EXACT = 2**53


def guard(text: str) -> str:
    """The text, with a leading apostrophe where a spreadsheet would run it as a formula.

    Source: OWASP, CSV Injection.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """The text as it was before `guard`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def flatten(row: Mapping[str, Any]) -> dict[str, Cell]:
    """One level of cells: {"agent": {"name": "Ada"}} → {"agent.name": "Ada"}.

    Lists are joined with "; " (lists in lists with ", "), dates become ISO 8601, NaN an empty cell.
    Raises: TypeError for a value that has no cell.
    """
    cells: dict[str, Cell] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            cells.update((f"{key}.{inner}", cell) for inner, cell in flatten(value).items())
        else:
            cells[str(key)] = _cell(value)
    return cells


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return _cell(float(value))
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "; ".join(_joined(part) for part in value)
    raise TypeError(f"no cell for {type(value).__name__} {value!r}")


def _joined(part: object) -> str:
    if isinstance(part, Mapping):
        return ", ".join(f"{key}: {_text(cell)}" for key, cell in flatten(part).items())
    if isinstance(part, list | tuple):
        return ", ".join(_joined(inner) for inner in part)
    return _text(_cell(part))


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    # A lone surrogate, which JSON can smuggle in, has no UTF-8.
    return _SURROGATES.sub("\ufffd", cell) if isinstance(cell, str) else str(cell)


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every column of the rows once flattened, in the order first met."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(flatten(row)))
    return list(names)


def _table(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None
) -> tuple[list[str], Iterator[list[Cell]]]:
    if columns is None:
        rows = list(rows)
        columns = columns_of(rows)
    names = list(columns)
    known = frozenset(names)

    def lists() -> Iterator[list[Cell]]:
        for row in rows:
            cells = flatten(row)
            if not known.issuperset(cells):
                unknown = ", ".join(sorted(cells.keys() - known))
                raise ValueError(f"not among the columns of this export: {unknown}")
            yield [cells.get(name) for name in names]

    return names, lists()


class _Line:
    """A file for csv.writer that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str] | None = None,
    *,
    bom: bool = False,
    notes: Iterable[Sequence[Cell]] = (),
) -> Iterator[str]:
    """CSV as RFC 4180 writes it: commas, CRLF, quotes where needed; one header line first.

    Numbers stay numbers (a point for decimals), booleans are true and false, None is empty. Text
    that would be a formula gets a leading apostrophe, in the header too. `bom` puts U+FEFF first,
    without which Excel reads UTF-8 as something else.
    """
    names, table = _table(rows, columns)
    writerow = csv.writer(_Line(), lineterminator="\r\n").writerow
    header = str(writerow([guard(_text(name)) for name in names]))
    yield f"\ufeff{header}" if bom else header
    for cells in table:
        yield str(writerow([_csv_cell(cell) for cell in cells]))
    for place, note in enumerate(notes):
        line = str(writerow([_csv_cell(cell) for cell in note]))
        yield line if place else f"\r\n{line}"


def _csv_cell(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return guard(_text(cell))
    return _text(cell) if isinstance(cell, bool) else cell


def csv_chunks(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str] | None = None,
    *,
    bom: bool = False,
    size: int = 500,
    notes: Iterable[Sequence[Cell]] = (),
) -> Iterator[str]:
    """The same text in pieces of `size` lines: a streamed answer pays for each piece it sends."""
    lines = csv_lines(rows, columns, bom=bom, notes=notes)
    while chunk := "".join(islice(lines, size)):
        yield chunk


def write_xlsx(
    rows: Iterable[Mapping[str, Any]],
    target: BinaryIO,
    columns: Sequence[str] | None = None,
    *,
    sheet: str = "Report",
    notes: Iterable[Sequence[Cell]] = (),
) -> None:
    """One worksheet with a bold, frozen header; rows go to disk as they come, so memory is flat.

    Numbers and booleans keep their type. Text is written as text, never as formula or link, with
    the same leading apostrophe as in CSV (the file may be saved as one), without the control
    characters XML forbids, CR LF as LF, and cut at the 32,767 characters a cell may hold.
    The same rows give the same bytes.

    Raises: ValueError for more rows than a worksheet has.
    """
    names, table = _table(rows, columns)
    book = _workbook(target)
    page = book.add_worksheet(sheet)
    page.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, name in enumerate(names):
        page.write_string(0, place, _xlsx_text(name), bold)
    for number, cells in enumerate(table, start=1):
        if number >= XLSX_ROWS:
            raise ValueError(f"a worksheet has {XLSX_ROWS:,} rows; export this as CSV")
        for place, cell in enumerate(cells):
            _write_cell(page, number, place, cell)
    told = list(notes)
    if told:
        _write_notes(book, told)
    book.close()


def _workbook(target: BinaryIO) -> Any:
    import xlsxwriter

    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})
    return book


def _write_notes(book: Any, notes: Sequence[Sequence[Cell]]) -> None:
    """A second sheet, wide enough to be read."""
    page = book.add_worksheet("About")
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 100, book.add_format({"text_wrap": True, "align": "left"}))
    for number, note in enumerate(notes):
        for place, cell in enumerate(note):
            _write_cell(page, number, place, cell)


def _write_cell(page: Any, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, str):
        page.write_string(row, column, _xlsx_text(cell))
    elif isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, int) and abs(cell) > _EXACT:
        page.write_string(row, column, str(cell))
    elif cell is not None:
        page.write_number(row, column, cell)


def _xlsx_text(text: str) -> str:
    # Whatever is taken away here is skipped by the guard, so nothing left can start a formula.
    cleaned = _ILLEGAL.sub("", guard(_text(text))).replace("\r\n", "\n").replace("\r", "\n")
    return cleaned[:XLSX_TEXT]


def xlsx_bytes(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str] | None = None,
    *,
    sheet: str = "Report",
    notes: Iterable[Sequence[Cell]] = (),
) -> bytes:
    """`write_xlsx` into memory."""
    target = BytesIO()
    write_xlsx(rows, target, columns, sheet=sheet, notes=notes)
    return target.getvalue()
