"""CSV files of cases and of answers, each imported in a process of its own, and how much that grew
after its first tenth: memory that is flat does not grow with the rows.

The limit is the rows they become, copied into the same emptied tables with their indexes and
constraints, in as many transactions; for answers it is the import of as many cases.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.intake import TARGET, copy_again, empty
from bench.table import Row

# A million rows take some six minutes and their COPY two: too long for every run.
SIZES = {"small": 20_000, "normal": 100_000, "large": 1_000_000}
# What an allocator may keep; a million rows held would be hundreds.
FLAT_MB = 20


@dataclass(frozen=True)
class Measured:
    """Rows a second, the most it held, and what it held more at the end than at a tenth, in MB."""

    per_second: float
    peak_mb: float
    grown_mb: float


def run(size: str) -> list[Row]:
    """Rows for cases and answers: how fast, and how much memory."""
    from surveys.services.importing import BATCH

    n_rows = SIZES[size]
    empty()
    cases = measured("cases", n_rows)
    limit = n_rows / copy_again(-(-n_rows // BATCH))
    empty()
    answers = measured("responses", n_rows)
    empty()
    return [
        *_rows("CSV import", n_rows, cases, limit, TARGET),
        *_rows("CSV import of answers", n_rows, answers, cases.per_second, None),
    ]


def _rows(path: str, n_rows: int, found: Measured, limit: float, target: float | None) -> list[Row]:
    note = f"{n_rows:,} rows, peak {found.peak_mb:.0f} MB"
    ratio, grown = found.per_second / limit, found.grown_mb
    asked, passed = ("", None) if target is None else (f"≥ {target}", ratio >= target)
    return [
        Row(path, found.per_second, "rows/s", limit, ratio, asked, passed, note),
        Row(
            path=f"{path}, memory",
            figure=grown,
            unit="MB grown",
            limit=None,
            ratio=None,
            target=f"≤ {FLAT_MB}",
            passed=grown <= FLAT_MB,
            note=f"{n_rows:,} rows, from the first tenth to the end",
        ),
    ]


def measured(kind: str, n_rows: int) -> Measured:
    """An import of `n_rows` rows of a kind."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.csv"
        with path.open("w", encoding="utf-8") as file:
            _WRITTEN[kind](file, n_rows)
        command = [sys.executable, "-m", "bench.csv_import", str(path), str(n_rows), kind]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    found = json.loads(printed)
    held = found["held_mb"]
    return Measured(n_rows / found["seconds"], found["peak_mb"], held[-1] - held[len(held) // 10])


def _write_cases(file: IO[str], n_rows: int) -> None:
    file.write(
        "external_id,status,opened_at,resolved_at,customer_email,customer_name,"
        "customer_language,agent_id,agent_name,team,product,cause,channel,subject\n"
    )
    for n in range(n_rows):
        day = 1 + n % 28
        file.write(
            f"{n},resolved,2026-09-{day:02},2026-10-{day:02},c{n}@example.com,Customer {n},de,"
            f"a{n % 200},Agent {n % 200},Team {n % 12},Product {n % 8},cause-{n % 80},phone,"
            f"No signal since the change of plan {n}\n"
        )


def _write_answers(file: IO[str], n_rows: int) -> None:
    file.write(
        "external_id,status,resolved_at,customer_email,agent_id,team,product,cause,answered_at,"
        "F1,C1,fix_comment\n"
    )
    for n in range(n_rows):
        day = 1 + n % 28
        file.write(
            f"{n},resolved,2026-09-{day:02},c{n}@example.com,a{n % 200},Team {n % 12},"
            f"Product {n % 8},cause-{n % 80},2026-10-{day:02},{1 + n % 5},{1 + n % 4},"
            f"It took {n} minutes to get through\n"
        )


_WRITTEN: dict[str, Callable[[IO[str], int], None]] = {
    "cases": _write_cases,
    "responses": _write_answers,
}
