"""The table fault × flow: what happened under each fault, what was lost of it and what doubled.

A cell says `n` things, then how many were lost, doubled, and unknown: mails that may have arrived,
which nobody sends again by himself. Only the first two are faults of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FLOWS: Final = ("intake", "dispatch", "answer", "aggregate", "reminder, expiry")


@dataclass
class Cell:
    """How many there were under a fault, and what became of them."""

    n: int = 0
    lost: int = 0
    doubled: int = 0
    unknown: int = 0

    def __str__(self) -> str:
        if not self.n and not (self.lost or self.doubled or self.unknown):
            return "·"
        told = f"{self.lost} / {self.doubled} of {self.n:,}"
        return f"{told}, {self.unknown} unknown" if self.unknown else told


@dataclass
class Matrix:
    """Cells by fault and flow; faults in the order first told of."""

    cells: dict[str, dict[str, Cell]] = field(default_factory=dict)

    def add(
        self, fault: str, flow: str, n: int, lost: int = 0, doubled: int = 0, unknown: int = 0
    ) -> None:
        if flow not in FLOWS:
            raise ValueError(f"there is no flow {flow!r}; there are {', '.join(FLOWS)}")
        cell = self.cells.setdefault(fault, {}).setdefault(flow, Cell())
        cell.n += n
        cell.lost += lost
        cell.doubled += doubled
        cell.unknown += unknown

    def total(self) -> Cell:
        found = Cell()
        for row in self.cells.values():
            for cell in row.values():
                found.n += cell.n
                found.lost += cell.lost
                found.doubled += cell.doubled
                found.unknown += cell.unknown
        return found

    @property
    def clean(self) -> bool:
        """Whether nothing was lost and nothing doubled."""
        total = self.total()
        return total.lost == total.doubled == 0

    def lines(self) -> list[str]:
        """For a terminal or a page of Markdown."""
        rows = [["fault", *FLOWS]]
        for fault, row in self.cells.items():
            rows.append([fault, *(str(row.get(flow, Cell())) for flow in FLOWS)])
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        told = ["| " + " | ".join(_padded(row, widths)) + " |" for row in rows]
        told.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        total = self.total()
        told.append("")
        told.append(
            f"lost / doubled; in all {total.n:,}, {total.lost} lost, "
            f"{total.doubled} doubled, {total.unknown} unknown"
        )
        return told

    def include(self, other: Matrix) -> None:
        """Add another's cells below."""
        for fault, row in other.cells.items():
            self.cells.setdefault(fault, {})
            for flow, cell in row.items():
                self.add(fault, flow, cell.n, cell.lost, cell.doubled, cell.unknown)

    def read(self, path: Path) -> None:
        """Add the cells that a run of the suite wrote."""
        for cell in json.loads(path.read_text()):
            self.add(*cell)

    @classmethod
    def of(cls, cells: Iterable[Iterable[Any]]) -> Matrix:
        matrix = cls()
        for cell in cells:
            matrix.add(*cell)
        return matrix


def _padded(row: list[str], widths: list[int]) -> list[str]:
    return [text.ljust(width) for text, width in zip(row, widths, strict=True)]
