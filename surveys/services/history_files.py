"""Exports of other tools as CSV files: which of their headers our columns are read from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from surveys.services.history_tools import COLUMNS, NEEDED, Tool, headers_of
from surveys.services.importing_csv import CsvFile, Source, UnreadableFileError

_MOST_SHOWN: Final = 1_000


def opened(path: Path, tool: Tool, mapping: Mapping[str, Source] | None) -> CsvFile:
    """A tool's export; what a mapping names wins over what is known of the tool.

    Raises: UnreadableFileError naming the columns that are missing and the headers looked for.
    """
    header = CsvFile(path, None, (), ()).header
    told = dict(mapping or {})
    named = {source.header for source in told.values()}
    found = {
        column: Source(header=name)
        for column, name in headers_of(tool, header).items()
        if name not in named
    }
    sources = found | told
    missing = [name for name in NEEDED if name not in sources]
    if missing:
        looked = "; ".join(
            f"{name} (under {', '.join(map(repr, tool.headers[name]))})" for name in missing
        )
        has = ", ".join(header)
        raise UnreadableFileError(
            f"{path} has no column for {looked}, as an export of {tool.name} would; give the "
            f"header in a --mapping. It has: {has[:_MOST_SHOWN]}"
        )
    return CsvFile(path, sources, (), ())


__all__ = ["COLUMNS", "opened"]
