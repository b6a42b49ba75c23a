"""What a file from a translator says, and what of it can be taken.

The two formats (`xliff`, `translation_csv`) are read into the same thing and judged here, line by
line: a file with one bad line still brings the others.

Pure: no Django, no clock, no settings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from .places import Document
from .translating import Row, Sources, fault, rows

MAX_FILE_BYTES: Final = 2 * 1024 * 1024
MAX_UNITS: Final = 20_000

State = Literal["initial", "translated", "reviewed", "final"]
STATES: Final[tuple[State, ...]] = ("initial", "translated", "reviewed", "final")


# A tool may break or indent a long line; a text stands on one. A no-break space belongs to it.
_LINE_BREAKS: Final = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_NONCHARACTERS: Final = re.compile("[\ufffe\uffff]")


class TranslationFileError(ValueError):
    """A file of which nothing can be taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One text of a file. ``place`` says where in the file, for the report. ``fault`` is what the
    reader could not understand, in words; such a unit is refused."""

    name: str
    source: str
    text: str
    place: str
    state: State = "initial"
    fault: str = ""


@dataclass(frozen=True, slots=True)
class TranslationFile:
    """A file as read. ``source_language`` and ``language`` are language tags as it gives them."""

    source_language: str
    language: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One unit's fate, in words. ``before`` is the translation so far, ``after`` the file's."""

    name: str
    place: str
    before: str
    after: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a file's units.

    ``taken`` replace a text; ``confirmed`` leave it as it is although its source changed, since
    the translator says that it still fits; ``refused`` each have a reason.
    """

    language: str
    taken: tuple[Line, ...]
    confirmed: tuple[Line, ...]
    refused: tuple[Line, ...]
    n_unchanged: int
    n_empty: int

    @property
    def texts(self) -> dict[str, str]:
        """What to write, by name."""
        return {line.name: line.after for line in self.taken}


def refuse_large(raw: bytes) -> None:
    """Raises: TranslationFileError for a file that cannot be a questionnaire's."""
    if len(raw) > MAX_FILE_BYTES:
        raise TranslationFileError(
            f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB; a questionnaire's is "
            "far smaller."
        )


def storable(text: str) -> str:
    """A text without the two characters that no XML can hold."""
    return _NONCHARACTERS.sub("", text)


def tidy(text: str) -> str:
    """A text as it comes out of a file: on one line, without blank ends."""
    return _LINE_BREAKS.sub(" ", storable(text)).strip()


def state_of(row: Row) -> State:
    """The state a text leaves with: what is to be looked at again counts as not yet translated."""
    return "initial" if not row.text or row.changed else "translated"


def judge(document: Document, file: TranslationFile, sources: Sources) -> Judgement:
    """Hold a file against the questionnaire as it is now.

    Raises: TranslationFileError where its languages are not the questionnaire's.
    """
    language = _language(document, file)
    table = {row.name: row for row in rows(document, language, sources)}
    taken, confirmed, refused = [], [], []
    n_unchanged = n_empty = 0
    seen: set[str] = set()
    for unit in file.units:
        row = table.get(unit.name)
        before = row.text if row else ""
        reason = _refusal(unit, row, unit.name in seen)
        seen.add(unit.name)
        after = tidy(unit.text)
        line = Line(unit.name, unit.place, before, after, reason)
        if reason:
            refused.append(line)
        elif not after:
            n_empty += 1
        elif after != tidy(before):
            taken.append(line)
        elif row and row.changed and unit.state != "initial":
            confirmed.append(line)
        else:
            n_unchanged += 1
    return Judgement(language, tuple(taken), tuple(confirmed), tuple(refused), n_unchanged, n_empty)


def _language(document: Document, file: TranslationFile) -> str:
    default = document["default_language"]
    if file.source_language.casefold() != default.casefold():
        raise TranslationFileError(
            f"The file translates from “{file.source_language[:40]}”, but the default language of "
            f"this questionnaire is “{default}”."
        )
    for language in document["languages"]:
        if language.casefold() == file.language.casefold() and language != default:
            return str(language)
    raise TranslationFileError(
        f"The file translates into “{file.language[:40]}”, which is no language of this "
        "questionnaire. Add the language first."
        if file.language.casefold() != default.casefold()
        else f"The file translates into “{default}”, which is the language translated from."
    )


def _refusal(unit: Unit, row: Row | None, twice: bool) -> str:
    if unit.fault:
        return unit.fault
    if row is None:
        return "This questionnaire has no such text (any more)."
    if twice:
        return "The file has this text twice; the first one counts."
    if tidy(unit.source) != tidy(row.source):
        return "The source has changed since the file was made; translate the new one."
    text = tidy(unit.text)
    return fault(row.source, text, row.limit) if text and text != tidy(row.text) else ""
