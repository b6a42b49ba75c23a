"""Translations as a table for people who work in a spreadsheet: written, and read without trust.

Columns: `id`, `note`, `source [en]`, `translation [de]`, `state`. The languages stand in the
heading, so that a file cannot be taken for another language's.

A cell that a spreadsheet would run as a formula gets an apostrophe in front; reading takes exactly
that apostrophe away again. It stands among the services, and not beside `xliff`, for its guard is
that of all exports.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from surveys.exports import guard, unguard
from surveys.questionnaire.places import Document
from surveys.questionnaire.translating import Row, Sources, rows
from surveys.questionnaire.translation_files import (
    MAX_UNITS,
    STATES,
    State,
    TranslationFile,
    TranslationFileError,
    Unit,
    refuse_large,
    state_of,
)

_HEADING: Final = re.compile(r"(source|translation)\s*\[([A-Za-z0-9-]{1,40})\]")
#: Longer than any text; a cell beyond it is no translation but an attack or an accident.
_MAX_CELL: Final = 20_000
#: Beyond this the file itself is taken for broken: a quotation mark swallowed the rest of it.
_LONGEST_CELL: Final = 100_000


def write(document: Document, language: str, sources: Sources) -> str:
    """All texts of a questionnaire as CSV, to be encoded as UTF-8 with a byte order mark."""
    buffer = io.StringIO()
    table = csv.writer(buffer, lineterminator="\r\n")
    default = document["default_language"]
    table.writerow(["id", "note", f"source [{default}]", f"translation [{language}]", "state"])
    for row in rows(document, language, sources):
        if row.source:
            state = state_of(row)
            cells = (row.name, _note(row), row.source, row.text, state)
            table.writerow([guard(cell) for cell in cells])
    return buffer.getvalue()


def _note(row: Row) -> str:
    words = f"{row.what}. At most {row.limit} characters."
    if row.changed:
        words += f" The translation was made from an older source: {row.made_from}"
    return words


def read(raw: bytes) -> TranslationFile:
    """What a CSV file says; commas, semicolons and tabs separate.

    Raises: TranslationFileError.
    """
    refuse_large(raw)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TranslationFileError(
            "The file is not UTF-8; save it as “CSV UTF-8” in the spreadsheet."
        ) from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    # The limit of the csv module is the whole process's, and an import raises it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        heading = next(reader, [])
        columns, languages = _columns(heading)
        units = []
        for cells in reader:
            if any(len(cell) > _LONGEST_CELL for cell in cells):
                raise csv.Error(f"a cell of line {reader.line_num} is longer than any text")
            if any(cell.strip() for cell in cells):
                units.append(_unit(cells, columns, f"line {reader.line_num}"))
            if len(units) > MAX_UNITS:
                raise TranslationFileError(f"The file has more than {MAX_UNITS:,} texts.")
    except csv.Error as error:
        raise TranslationFileError(f"The file is not readable as CSV ({error}).") from error
    if not units:
        raise TranslationFileError("There is no text in the file.")
    return TranslationFile(languages["source"], languages["translation"], tuple(units))


def _columns(heading: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    """Where each column stands, and the two languages."""
    columns: dict[str, int] = {}
    languages: dict[str, str] = {}
    for index, cell in enumerate(heading[:50]):
        name = cell.strip().casefold()
        match = _HEADING.fullmatch(cell.strip())
        if match:
            name = match.group(1)
            languages[name] = match.group(2)
        if name in columns:
            raise TranslationFileError(f"The column “{name[:40]}” stands twice.")
        columns[name] = index
    missing = [n for n in ("id", "source", "translation") if n not in columns]
    if missing or set(languages) != {"source", "translation"}:
        raise TranslationFileError(
            "The first line must be: id, note, source [en], translation [de], state, with the "
            "languages of your file."
        )
    return columns, languages


def _unit(cells: list[str], columns: dict[str, int], place: str) -> Unit:
    def cell(name: str) -> str:
        index = columns.get(name, len(cells))
        return cells[index] if index < len(cells) else ""

    name = cell("id").strip()[:200]
    if any(len(text) > _MAX_CELL for text in cells):
        return Unit(name, "", "", place, fault="A cell of this line is far too long.")
    text = unguard(cell("translation").strip()).strip()
    return Unit(name, unguard(cell("source")), text, place, _state(cell("state")))


def _state(cell: str) -> State:
    wanted = cell.strip().casefold()
    return next((state for state in STATES if state == wanted), "initial")
