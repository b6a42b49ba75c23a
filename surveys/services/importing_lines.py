"""The lines of a CSV file, fed to the reader so that no row can fill the memory.

A row may span lines, and a line may have no end. What is longer than a row may be is passed over to
the row's true end, by the same rules of quotation the reader has, and the next row is read as if
nothing had been.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TextIO

# A row this long is a missing quotation mark or a mishap, not a case.
LONGEST_ROW: Final = 1_000_000
_CHUNK: Final = 1 << 16
_UNCLOSED: Final = "a quotation mark is never closed"


class OverlongRowError(Exception):
    """A row longer than LONGEST_ROW; it was passed over."""


class UnclosedQuoteError(Exception):
    """A quotation mark was opened and never closed, or closed in the middle of a cell."""


class Lines(Iterator[str]):
    """Iterates a file's lines; whoever reads rows calls `begin_row` before each.

    Raises: OverlongRowError once such a row lies behind; UnclosedQuoteError where it has no end.
    """

    def __init__(self, file: TextIO, delimiter: str) -> None:
        self._file = file
        self._delimiter = delimiter
        self._parts: list[str] = []
        #: Lines read so far, and characters of the row so far.
        self.number = 0
        self.size = 0

    def begin_row(self) -> None:
        self._parts.clear()
        self.size = 0

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_ROW + 1)
        if not line:
            raise StopIteration
        self.size += len(line)
        self._parts.append(line)
        if self.size > LONGEST_ROW:
            self._pass_over()
            raise OverlongRowError
        self.number += 1
        return line

    def _pass_over(self) -> None:
        row = _Row(self._delimiter)
        for part in self._parts[:-1]:
            row.goes_on(part)
        part = self._parts[-1]
        self._parts.clear()
        while part:
            row.goes_on(part)
            if part.endswith(("\n", "\r")):
                self.number += 1
                if not row.is_open:
                    return
            part = self._file.readline(_CHUNK)
        if row.is_open:
            raise UnclosedQuoteError(_UNCLOSED)
        self.number += 1  # the last line has no end


class _Row:
    """Where in a row its text so far has led."""

    def __init__(self, delimiter: str) -> None:
        self._plain_end = re.compile(f"[{re.escape(delimiter)}\r\n]")
        self._begins_cell = True
        self._is_quoted = False
        self._after_quote = False

    @property
    def is_open(self) -> bool:
        """Whether a line's end would belong to a cell."""
        return self._is_quoted and not self._after_quote

    def goes_on(self, text: str) -> None:
        at = 0
        while at < len(text):
            if self._is_quoted:
                at = self._in_quotes(text, at)
            elif self._begins_cell and text[at] == '"':
                self._is_quoted, self._begins_cell = True, False
                at += 1
            else:
                end = self._plain_end.search(text, at)
                self._begins_cell = end is not None
                at = end.end() if end else len(text)

    def _in_quotes(self, text: str, at: int) -> int:
        """A mark within quotes ends them or is the first of two that stand for one."""
        if not self._after_quote:
            mark = text.find('"', at)
            self._after_quote = mark >= 0
            return mark + 1 if mark >= 0 else len(text)
        self._after_quote = False
        if text[at] == '"':
            return at + 1
        if not self._plain_end.match(text, at):
            raise UnclosedQuoteError(_UNCLOSED)
        self._is_quoted = False
        return at
