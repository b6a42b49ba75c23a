"""A CSV file as text: how it is encoded, what parts its cells, and that all of it can be read."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS: Final = ",;\t"


class UnreadableFileError(Exception):
    """A file or mapping that cannot be used as a whole; the message says what would mend it."""


def encoding_of(path: Path) -> str:
    """UTF-8, or UTF-16 where a byte order mark says so, as spreadsheets write "Unicode text"."""
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in _UTF16 else "utf-8-sig"


def delimiter_of(header: str) -> str:
    """What stands most often outside quotation marks of the header; a comma where nothing does."""
    return max(_DELIMITERS, key=lambda mark: _outside_quotes(header, mark))


def _outside_quotes(line: str, character: str) -> int:
    return sum(part.count(character) for part in line.split('"')[::2])


def count_lines(path: Path) -> int:
    """How many lines a file has, having seen that all of it is text.

    Raises: UnreadableFileError. It is read before anything is stored.
    """
    lines, at = 0, 0
    try:
        encoding = encoding_of(path)
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                text = decoder.decode(chunk)
                if "\x00" in text:
                    place = chunk.find(0) if encoding == "utf-8-sig" else 0
                    raise UnreadableFileError(
                        f"{path} is not a text file (NUL at byte {at + place}); "
                        "save it as CSV in UTF-8"
                    )
                lines += text.count("\n")
                at += len(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{path} is not UTF-8 (near byte {at + error.start}); convert it, for example with: "
            f"iconv -f latin1 -t utf-8 {path.name} > converted.csv"
        ) from error
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror or error}") from error
    if at == 0:
        raise UnreadableFileError(f"{path} is empty; the first line must name the columns")
    return lines
