"""One row per measured path, and the table that `make bench` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measured path beside its limit.

    `ratio` is figure / limit where more is better, limit / figure where less is; None where the
    path has a bound and no limit. `target` is the ratio or bound that docs ask for, in words.
    `passed` is None where nothing is asked.
    """

    path: str
    figure: float
    unit: str
    limit: float | None
    ratio: float | None
    target: str
    passed: bool | None
    note: str = ""


HEADINGS = ("path", "figure", "unit", "limit", "ratio", "target", "met", "note")


def render(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.path,
        _number(row.figure),
        row.unit,
        "" if row.limit is None else _number(row.limit),
        "" if row.ratio is None else f"{row.ratio:.3f}",
        row.target,
        {True: "yes", False: "NO", None: ""}[row.passed],
        row.note,
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
