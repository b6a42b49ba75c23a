"""Lists as files: CSV and XLSX of the same rows as the JSON, one level deep."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from surveys import exports

Row = Mapping[str, Any]
#: Lines below or beside the rows that say what these are.
Notes = Sequence[Sequence[exports.Cell]]

FORMATS: Final = ("json", "csv", "xlsx")
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_file(
    kind: str, rows: Iterable[Row], name: str, columns: Sequence[str], notes: Notes = ()
) -> HttpResponseBase:
    """The rows as a download; `kind` is "csv" or "xlsx", `name` the file's with its ending."""
    return (csv_file if kind == "csv" else xlsx_file)(rows, name, columns, notes)


def csv_file(
    rows: Iterable[Row], name: str, columns: Sequence[str], notes: Notes = ()
) -> HttpResponseBase:
    """CSV in UTF-8, sent while it is made. Without a byte order mark, which most readers but Excel
    take for part of the first column's name; Excel has XLSX."""
    return _csv((chunk.encode() for chunk in exports.csv_chunks(rows, columns, notes=notes)), name)


def csv_of(lines: Iterable[bytes], name: str, columns: Sequence[str]) -> HttpResponseBase:
    """The same of lines that are written already, under a header of these columns."""
    header = "".join(exports.csv_lines((), columns)).encode()
    return _csv(chain([header], lines), name)


def _csv(chunks: Iterable[bytes], name: str) -> HttpResponseBase:
    sent = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    sent["Content-Disposition"] = f'attachment; filename="{name}"'
    return sent


def xlsx_file(
    rows: Iterable[Row], name: str, columns: Sequence[str], notes: Notes = ()
) -> HttpResponseBase:
    """XLSX by way of a file on disk, so that memory stays flat."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
    exports.write_xlsx(rows, target, columns, notes=notes)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=name, content_type=_XLSX)
