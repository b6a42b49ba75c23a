"""The suppression list as a whole: searched, exported, and added to from a file.

A file only ever adds: an address that is missing in it, or has a lighter reason there, stays as it
is. Erased people are on the list by a keyless hash alone, so no file can name them.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q, QuerySet

from surveys.exports import unguard
from surveys.models import Suppression, SuppressionChange
from surveys.services.addresses import NOT_AN_ADDRESS, address_of
from surveys.services.suppressions import Told, suppress_many
from surveys.services.tokens import email_hash

COLUMNS: Final = ("email", "reason", "since", "source", "who")
MOST_BYTES: Final = 5 * 1024 * 1024
MOST_LINES: Final = 50_000
#: Characters.
LONGEST_CELL: Final = 10_000
MOST_FAULTS: Final = 200
_BATCH: Final = 1000
_REASONS: Final = tuple(
    reason for reason in Suppression.Reason.values if reason != Suppression.Reason.ERASED
)


class UnreadableFileError(Exception):
    """A file that cannot be used as a whole; the message says what would mend it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that was not taken, and why."""

    line: int
    cell: str
    words: str


@dataclass(slots=True)
class Taken:
    """What a file held. ``faults`` are the first of ``n_faults``."""

    n_read: int = 0
    n_new: int = 0
    n_weightier: int = 0
    n_known: int = 0
    n_faults: int = 0
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, line: int, cell: str, words: str) -> None:
        self.n_faults += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(line, cell[:100], words))


def search(words: str = "", reason: str = "") -> QuerySet[Suppression]:
    """Suppressions newest first, with the words in their address: a whole one finds even the
    person who was erased."""
    found = Suppression.objects.order_by("-created_at", "-pk")
    if reason in Suppression.Reason.values:
        found = found.filter(reason=reason)
    if words:
        found = found.filter(Q(email__icontains=words) | Q(email_hash=email_hash(words)))
    return found


def history(words: str = "") -> QuerySet[SuppressionChange]:
    """What was done to the list, newest first; with a whole address, to that."""
    if not words:
        return SuppressionChange.objects.all()
    return SuppressionChange.objects.filter(email_hash=email_hash(words))


def rows(found: QuerySet[Suppression]) -> Iterator[dict[str, Any]]:
    """Lines of an export. Erased people have no address that could stand there."""
    for each in found.exclude(email="").iterator(chunk_size=_BATCH):
        yield {
            "email": each.email,
            "reason": each.reason,
            "since": each.created_at,
            "source": each.source,
            "who": each.who,
        }


def take(content: bytes, *, now: dt.datetime, told: Told, dry: bool) -> Taken:
    """Add the addresses of a CSV file: a column `email`, and perhaps `reason` (else "manual"). Cut
    short, the same file again goes on where it ended. ``dry`` changes nothing.

    Raises: UnreadableFileError.
    """
    taken = Taken()
    batch: dict[str, str] = {}
    for line, values in _lines(content, taken):
        address = address_of(unguard(values.get("email", "")).strip())
        reason = values.get("reason", "").strip().lower() or Suppression.Reason.MANUAL
        if address is None:
            taken.refuse(line, values.get("email", ""), NOT_AN_ADDRESS)
        elif reason not in _REASONS:
            taken.refuse(line, reason, f"is no reason; known are {', '.join(_REASONS)}")
        elif address in batch:
            taken.n_known += 1
        else:
            batch[address] = reason
        if len(batch) >= _BATCH:
            _add(batch, taken, now, told, dry)
            batch = {}
    _add(batch, taken, now, told, dry)
    return taken


def _add(batch: dict[str, str], taken: Taken, now: dt.datetime, told: Told, dry: bool) -> None:
    if batch:
        n_new, n_weightier = suppress_many(batch, now=now, told=told, dry=dry)
        taken.n_new += n_new
        taken.n_weightier += n_weightier
        taken.n_known += len(batch) - n_new - n_weightier


def _lines(content: bytes, taken: Taken) -> Iterator[tuple[int, dict[str, str]]]:
    if len(content) > MOST_BYTES:
        raise UnreadableFileError(
            f"The file is larger than {MOST_BYTES // 1024 // 1024} MB; import it in parts."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"The file is not UTF-8 (byte {error.start}).") from error
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text.replace("\x00", "\ufffd")), delimiter=delimiter)
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader)
            # The limit of the csv module is the whole process's, and an import of cases raises it.
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise csv.Error("a cell is longer than any address or word")
        except StopIteration:
            break
        except csv.Error as error:
            taken.refuse(reader.line_num, "", f"cannot be read: {error}")
            continue
        if header is None:
            header = _header(cells)
            continue
        if any(cell.strip() for cell in cells):
            taken.n_read += 1
            if taken.n_read > MOST_LINES:
                raise UnreadableFileError(
                    f"The file has more than {MOST_LINES:,} lines; import it in parts. "
                    "What came before is on the list."
                )
            yield reader.line_num, dict(zip(header, cells, strict=False))
    if header is None:
        raise UnreadableFileError("The file is empty.")


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    if "email" not in names:
        raise UnreadableFileError(
            "The first line must name the columns, and one of them must be “email”."
        )
    unknown = [name for name in names if name and name not in COLUMNS]
    if unknown:
        raise UnreadableFileError(
            f"There is no column “{unknown[0][:50]}”; known are {', '.join(COLUMNS)}."
        )
    return names
