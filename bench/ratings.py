"""History of a tool that asked one question: a CSV file of ratings, and the same file once more.

The limit is the same rows, once stored, copied into the same emptied table with its indexes, in as
many transactions.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.table import Row

SIZES = {"small": 20_000, "normal": 200_000, "large": 1_000_000}
TARGET = 0.2
# What an allocator may keep; a million rows held would be hundreds.
FLAT_MB = 20
_TABLE = "surveys_unseparatedrating"


def run(size: str) -> list[Row]:
    """Rows for the import, its memory, and the trend over all of it."""
    from django.db import connection

    n_rows = SIZES[size]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLE}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings.csv"
        _write(path, n_rows)
        command = [sys.executable, "-m", "bench.csv_import", str(path), str(n_rows), "ratings"]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    found = json.loads(printed)
    figure, held = n_rows / found["seconds"], found["held_mb"]
    read = _trend_seconds()
    limit = n_rows / _copy_again(n_rows)
    note = f"{n_rows:,} rows, peak {found['peak_mb']:.0f} MB"
    passed = figure / limit >= TARGET
    grown = held[-1] - held[len(held) // 10]
    named = "history import, memory"
    return [
        Row("history import", figure, "rows/s", limit, figure / limit, f"≥ {TARGET}", passed, note),
        Row(named, grown, "MB grown", None, None, f"≤ {FLAT_MB}", grown <= FLAT_MB, note),
        Row("trend of history", read * 1000, "ms", None, None, "", None, f"{n_rows:,} ratings"),
    ]


def _write(path: Path, n_rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            "Response ID,Survey type,Score,Comment,Person Email,Created at,Ticket ID,Team,Product\n"
        )
        for n in range(n_rows):
            file.write(
                f"r{n},csat,{1 + n % 5},It took {n} minutes to get through,c{n}@example.com,"
                f"2025-{1 + n % 12:02}-{1 + n % 28:02} {n % 24:02}:{n % 60:02}:00 UTC,{n},"
                f"Team {n % 12},Product {n % 8}\n"
            )


def _trend_seconds() -> float:
    """The slowest a reader waits: nothing of it is kept."""
    from analytics import reports
    from analytics.filters import Filters
    from surveys.services.access import EVERYTHING

    started = time.perf_counter()
    assert reports.trend(Filters(), EVERYTHING, "week").unseparated
    return time.perf_counter() - started


def _copy_again(n_rows: int) -> float:
    """Seconds to copy all rows into the same table, emptied, in as many commits."""
    from django.db import connection, transaction

    from surveys.services.importing import BATCH

    with connection.cursor() as cursor:
        with cursor.cursor.copy(f"COPY {_TABLE} TO STDOUT") as source:
            lines = bytes(b"".join(source)).splitlines(keepends=True)
        cursor.execute(f"TRUNCATE {_TABLE}")
    parts = [b"".join(lines[n : n + BATCH]) for n in range(0, n_rows, BATCH)]
    started = time.perf_counter()
    for part in parts:
        statement = f"COPY {_TABLE} FROM STDIN"
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.cursor.copy(statement) as sink,
        ):
            sink.write(part)
    return time.perf_counter() - started
