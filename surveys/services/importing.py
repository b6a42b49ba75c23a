"""Imports of CSV files in batches that are committed one by one.

An import killed halfway is simply started again: what was stored is recognised and left as it is.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from surveys.exports import guard
from surveys.services import intake
from surveys.services.importing_csv import (
    REJECTED,
    REJECTED_NUMBERED,
    CsvFile,
    Row,
    report_of,
)
from surveys.services.intake import Outcome

BATCH: Final = 5_000
BATCH_CHARACTERS: Final = 10_000_000
OLD: Final = timedelta(days=30)
SHOWN: Final = 10

TakeBatch = Callable[[list[Row]], list[Outcome]]


@dataclass(slots=True)
class Counts:
    """What became of a file's rows."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    invitations: int = 0
    invitations_over_30_days: int = 0
    # The first rejected rows, for people: (line, reason).
    examples: list[tuple[int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, int]:
        """The counts by name."""
        names = [name for name in self.__dataclass_fields__ if name != "examples"]
        return {name: getattr(self, name) for name in names}


def rejected_path(path: Path) -> Path:
    """Where rejected rows go."""
    return path.with_name(path.name + ".rejected.csv")


def case_taker(source: str, now: datetime, *, is_history: bool) -> TakeBatch:
    """Takes batches of rows as cases."""

    def take(rows: list[Row]) -> list[Outcome]:
        reports = [report_of(row, source, now) for row in rows]
        return intake.take(reports, now=now, is_history=is_history)

    return take


def run(
    file: CsvFile,
    take: TakeBatch,
    now: datetime,
    *,
    dry: bool = False,
    progress: Callable[[int], object] = lambda rows: None,
    counts: Counts | None = None,
) -> Counts:
    """Import all rows; rejected ones are written beside the file. A dry run undoes everything.

    Raises: UnreadableFileError where the file breaks off; what was read before stays stored.
    """
    counts = Counts() if counts is None else counts
    with ExitStack() as stack:
        if dry:
            stack.enter_context(_undone())
        rejects = _Rejects(file, dry=dry)
        stack.callback(rejects.close)
        for rows in _batches(file):
            for row, outcome in zip(rows, take(rows), strict=True):
                _count(counts, outcome, now)
                if outcome.outcome == intake.REJECTED:
                    reason = "; ".join(f"{f} {m}".strip() for f, m in outcome.errors)
                    rejects.add(row, reason)
                    if len(counts.examples) < SHOWN:
                        counts.examples.append((row.line, reason))
            progress(len(rows))
    return counts


class _undone:  # noqa: N801 (reads as a statement)
    """A transaction that is rolled back. Constraints are checked at once: a million deferred
    checks would have to be remembered."""

    def __enter__(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        self._atomic.__exit__(*error)


class _Rejects:
    """Writes rejected rows, with line and reason in front, so that they can be mended and imported
    again; an older file of the same name goes. What a spreadsheet would run as a formula is
    guarded: such a file is made to be opened in one. Reading it takes the guard off again."""

    def __init__(self, file: CsvFile, *, dry: bool) -> None:
        self._source = file
        self._dry = dry
        self._file: Any = None
        self._writer: Any = None
        if not dry:
            rejected_path(file.path).unlink(missing_ok=True)

    def add(self, row: Row, reason: str) -> None:
        if self._dry:
            return
        if self._file is None:
            path = rejected_path(self._source.path)
            self._file = path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file, delimiter=self._source.delimiter)
            names = REJECTED_NUMBERED if self._source.is_numbered else REJECTED
            self._writer.writerow([*names, *map(guard, self._source.header)])
        number = [row.number] if self._source.is_numbered else []
        self._writer.writerow([row.line, guard(reason), *number, *map(guard, row.cells)])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _count(counts: Counts, outcome: Outcome, now: datetime) -> None:
    counts.read += 1
    setattr(counts, outcome.outcome, getattr(counts, outcome.outcome) + 1)
    planned, is_news = outcome.invitation, outcome.outcome in (intake.CREATED, intake.UPDATED)
    if is_news and planned is not None and planned.status == "scheduled":
        counts.invitations += 1
        counts.invitations_over_30_days += planned.resolved_at < now - OLD


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows by the batch; fewer of them where they are long, so that memory stays bounded."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += row.size
        if len(batch) >= BATCH or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
