"""CSV files of cases: read as a stream, mapped to our columns, each row checked on its own."""

from __future__ import annotations

import csv
import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from surveys.exports import unguard
from surveys.services.importing_lines import (
    LONGEST_ROW,
    Lines,
    OverlongRowError,
    UnclosedQuoteError,
)
from surveys.services.importing_text import UnreadableFileError as UnreadableFileError
from surveys.services.importing_text import count_lines as count_lines
from surveys.services.importing_text import delimiter_of, encoding_of
from surveys.services.intake_reading import check
from surveys.services.intake_shapes import AgentIn, CaseIn, CaseReport, CustomerIn, Rejected

CASE_COLUMNS: Final = (
    *("external_id", "status", "resolved_at", "opened_at", "occurred_at", "customer_email"),
    *("customer_name", "customer_language", "customer_timezone", "customer_phone"),
    *(
        "agent_id",
        "agent_name",
        "agent_email",
        "team",
        "product",
        "cause",
        "channel",
        "subject",
        "severity",
        "tags",
    ),
)
REQUIRED: Final = ("external_id", "status", "resolved_at")
#: What stands before the columns of a file of rejected rows; with their number in the original
#: file, where a mapping makes something of it.
REJECTED: Final = ("line", "reason")
REJECTED_NUMBERED: Final = (*REJECTED, "row_number")
TIMES: Final = ("resolved_at", "opened_at", "occurred_at", "answered_at")
_OPTIONS: Final = frozenset(
    {"header", "row_number", "format", "map", "default", "prefix", "suffix"}
)
_OVERLONG: Final = (
    f"is longer than {LONGEST_ROW:,} characters and not repeated here; shorten its longest cell, "
    "or close the quotation mark that it leaves open"
)
_WHEN: Final = "write it as 2026-11-20 or 2026-11-20T14:30:00Z, or give its format in the mapping"
# What our columns are called in a fault of the case.
_PATHS: Final = {
    "customer.email": "customer_email",
    "customer.name": "customer_name",
    "customer.language": "customer_language",
    "customer.timezone": "customer_timezone",
    "customer.phone": "customer_phone",
    "agents[0].external_id": "agent_id",
    "agents[0].name": "agent_name",
    "agents[0].email": "agent_email",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a column of ours comes from."""

    header: str | None = None
    row_number: bool = False
    format: str | None = None
    values: Mapping[str, str] | None = None
    default: str | None = None
    prefix: str = ""
    suffix: str = ""


@dataclass(slots=True)
class Row:
    """A row of the file: where it stands, what stands in it, and our columns of it."""

    line: int
    cells: list[str]
    #: Which row of the file it is, from 1; of a file of rejected rows, of the original.
    number: int = 0
    values: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    # Characters it took in the file.
    size: int = 0


def read_mapping(path: Path, columns: Sequence[str]) -> dict[str, Source]:
    """A mapping file: our column → their header, or → an object (see docs of `import_cases`).

    Raises: UnreadableFileError naming the column at fault.
    """
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"{path} is not readable as JSON: {error}") from error
    if not isinstance(document, dict):
        raise UnreadableFileError(f"{path} must hold a JSON object: our column → their header")
    unknown = [name for name in document if name not in columns]
    if unknown:
        hint = _closest(unknown[0], columns)
        raise UnreadableFileError(f"{path}: there is no column {unknown[0]!r} of ours{hint}")
    return {name: _source(path, name, entry) for name, entry in document.items()}


def _source(path: Path, name: str, entry: Any) -> Source:
    where = f"{path}: {name}"
    if isinstance(entry, str):
        return Source(header=entry)
    if not isinstance(entry, dict):
        raise UnreadableFileError(f"{where} must be a header or an object")
    unknown = sorted(set(entry) - _OPTIONS)
    if unknown:
        known = ", ".join(sorted(_OPTIONS))
        raise UnreadableFileError(f"{where} has {unknown[0]!r}; known are {known}")
    for option in ("header", "format", "default", "prefix", "suffix"):
        if not isinstance(entry.get(option, ""), str):
            raise UnreadableFileError(f"{where}: {option!r} must be text")
    values = entry.get("map")
    if values is not None and not (
        isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
    ):
        raise UnreadableFileError(f"{where}: 'map' must be an object of texts")
    if "header" in entry and entry.get("row_number"):
        raise UnreadableFileError(f"{where} has both 'header' and 'row_number'; keep one")
    if not {"header", "row_number", "default"} & set(entry):
        raise UnreadableFileError(f"{where} needs 'header', 'row_number' or 'default'")
    return Source(
        header=entry.get("header"),
        row_number=entry.get("row_number") is True,
        format=entry.get("format"),
        values=values,
        default=entry.get("default"),
        prefix=entry.get("prefix", ""),
        suffix=entry.get("suffix", ""),
    )


class CsvFile:
    """A CSV file with the sources of our columns in it; iterating gives its rows."""

    def __init__(
        self,
        path: Path,
        mapping: Mapping[str, Source] | None,
        columns: Sequence[str],
        required: Sequence[str] = REQUIRED,
    ) -> None:
        """Raises: UnreadableFileError where the header lacks what is needed."""
        self.path = path
        self._encoding = encoding_of(path)
        with path.open(encoding=self._encoding, newline="") as file:
            self.delimiter = delimiter_of(file.readline(LONGEST_ROW))
            file.seek(0)
            try:
                cells = next(self._reader(Lines(file, self.delimiter)), [])
            except (csv.Error, UnclosedQuoteError) as error:
                raise UnreadableFileError(f"{path}, header: {error}") from error
            except OverlongRowError:
                raise UnreadableFileError(f"{path}, header: {_OVERLONG}") from None
        self.header = [name.strip() for name in cells]
        # How many columns an import put before those of the file whose rows it rejected.
        self._n_added = _n_added(self.header)
        self.header = self._own(self.header)
        named = {name: Source(header=name) for name in columns if name in self.header}
        self.sources = named | dict(mapping or {})
        self._check(required, columns, is_mapped=mapping is not None)
        self._places = {
            name: (self.header.index(source.header) if source.header is not None else None, source)
            for name, source in self.sources.items()
        }

    @property
    def is_numbered(self) -> bool:
        """Whether something is made of the numbers of rows."""
        return any(source.row_number for source in self.sources.values())

    @property
    def ignored(self) -> list[str]:
        """Headers that no column of ours is read from."""
        used = {source.header for source in self.sources.values()}
        return [name for name in self.header if name not in used]

    def __iter__(self) -> Iterator[Row]:
        with self.path.open(encoding=self._encoding, newline="") as file:
            lines = Lines(file, self.delimiter)
            reader = self._reader(lines)
            next(reader, None)
            number = 0
            while True:
                lines.begin_row()
                line = lines.number + 1
                try:
                    cells = next(reader, None)
                except OverlongRowError:
                    number += 1
                    ends = f" (it ends on line {lines.number})" if lines.number > line else ""
                    yield Row(line, [], number, fault=_OVERLONG + ends)
                    continue
                except (csv.Error, UnclosedQuoteError) as error:
                    raise UnreadableFileError(
                        f"{self.path}, line {line}: {error}; is a quotation mark missing there?"
                    ) from error
                if cells is None:
                    return
                if cells:
                    number += 1
                    row = self._row(line, number, cells)
                    row.size = lines.size
                    yield row

    def _reader(self, lines: Lines) -> Iterator[list[str]]:
        csv.field_size_limit(LONGEST_ROW)  # no cell is longer than its row
        return csv.reader(lines, delimiter=self.delimiter, strict=True)

    def _row(self, line: int, number: int, cells: list[str]) -> Row:
        if self._n_added == len(REJECTED_NUMBERED):
            number = _number_of(cells, number)
        cells = self._own(cells)
        row = Row(line, cells, number)
        if len(cells) != len(self.header):
            row.fault = f"has {len(cells)} cells where the header has {len(self.header)}"
            return row
        for name, (place, source) in self._places.items():
            raw = str(number) if source.row_number else "" if place is None else cells[place]
            if value := _value(source, raw.strip()):
                row.values[name] = value
        return row

    def _own(self, cells: list[str]) -> list[str]:
        """The cells of the original file, as they stood there."""
        return [unguard(cell) for cell in cells[self._n_added :]] if self._n_added else cells

    def _check(self, required: Sequence[str], columns: Sequence[str], *, is_mapped: bool) -> None:
        for name, source in self.sources.items():
            if source.header is not None and source.header not in self.header:
                hint = _closest(source.header, self.header)
                raise UnreadableFileError(
                    f"{self.path} has no column {source.header!r}, which the mapping gives for "
                    f"{name}{hint}; it has: {', '.join(self.header)}"
                )
            if source.header is not None and self.header.count(source.header) > 1:
                raise UnreadableFileError(f"{self.path} has two columns {source.header!r}")
        missing = [name for name in required if name not in self.sources]
        if missing:
            mend = "add it to the mapping" if is_mapped else "name it so, or give a --mapping"
            raise UnreadableFileError(
                f"{self.path} has no column {', '.join(missing)}; {mend}. "
                f"It has: {', '.join(self.header)}"
            )


def _n_added(header: Sequence[str]) -> int:
    """How many columns stand in front of a file of rejected rows; 0 for any other file."""
    for names in (REJECTED_NUMBERED, REJECTED):
        if tuple(header[: len(names)]) == names:
            return len(names)
    return 0


def _number_of(cells: Sequence[str], otherwise: int) -> int:
    """The number that a row had in the original file."""
    text = "".join(cells[2:3])
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise


def _value(source: Source, raw: str) -> str:
    """Their value as ours: mapped, brought into a form, with prefix and suffix."""
    value = raw
    if value and source.values is not None:
        value = source.values.get(value, source.default if source.default is not None else value)
        if value == source.default:
            return value
    if not value:
        return source.default or ""
    if source.format:
        try:
            value = _formatted(value, source.format)
        except ValueError:
            return value  # the check of the row says that it is no time
    return f"{source.prefix}{value}{source.suffix}" if source.prefix or source.suffix else value


@lru_cache(maxsize=1 << 16)
def _formatted(value: str, pattern: str) -> str:
    return datetime.strptime(value, pattern).isoformat()  # noqa: DTZ007 (may carry its zone)


@lru_cache(maxsize=1 << 16)
def moment_of(text: str) -> datetime | None:
    """An ISO 8601 date or time; one without a zone is in UTC. None where it is neither."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def report_of(row: Row, source: str, now: datetime) -> CaseReport | Rejected:
    """The row as a case; faults are named by our columns."""
    values = row.values
    if row.fault:
        return Rejected(None, [("", row.fault)])
    times: dict[str, datetime | None] = {}
    faults = []
    for name in ("resolved_at", "opened_at", "occurred_at"):
        if text := values.get(name):
            times[name] = moment_of(text)
            if times[name] is None:
                faults.append((name, f"is not a date or time ({text[:40]!r}); {_WHEN}"))
    if faults:
        return Rejected(values.get("external_id"), faults)
    has_agent = {"agent_id", "agent_name", "agent_email"} & set(values)
    checked = check(
        CaseIn(
            source=source,
            external_id=values.get("external_id", ""),
            status=values.get("status", "").lower(),
            resolved_at=times.get("resolved_at"),
            opened_at=times.get("opened_at"),
            occurred_at=times.get("occurred_at"),
            customer=CustomerIn(
                email=values.get("customer_email"),
                name=values.get("customer_name"),
                language=values.get("customer_language"),
                timezone=values.get("customer_timezone"),
                phone=unguard(values.get("customer_phone", "")),
            ),
            agents=[
                AgentIn(
                    external_id=values.get("agent_id"),
                    name=values.get("agent_name"),
                    email=values.get("agent_email"),
                )
            ]
            if has_agent
            else None,
            team=values.get("team"),
            product=values.get("product"),
            cause=values.get("cause"),
            channel=values.get("channel"),
            subject=values.get("subject"),
            severity=values.get("severity"),
            tags=re.split(r"[,;|]", values["tags"]) if "tags" in values else None,
        ),
        now,
    )
    if isinstance(checked, Rejected):
        checked.errors = [(_PATHS.get(path, path), message) for path, message in checked.errors]
    return checked


def _closest(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean {found[0]!r}?)" if found else ""
