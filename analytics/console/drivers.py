"""What choosing again goes along with, as lines of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from analytics import reports

#: Of each part of the experience: its sign, its words, and what more of it goes along with.
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "fix": ("fix", "How satisfied they are with the fix"),
    "cause": ("cause", "How much it bothered them that it happened"),
    "avoidable": ("cause", "Whether they think it could have been prevented"),
    "recurrence": ("cause", "Whether they had the problem before"),
}
#: A correlation that is nearer to none has no direction worth a word.
_NO_DIRECTION: Final = 0.1


@dataclass(frozen=True)
class DriverLine:
    """One part of the experience, and which way it goes along with choosing again."""

    sign: str
    name: str
    way: str
    row: reports.DriverRow
    share: float | None


def driver_lines(report: reports.DriversReport) -> list[DriverLine]:
    """Largest part first; `share` is its part of what all explain together."""
    return [
        DriverLine(
            *_WORDS[row.driver],
            _way(row.r),
            row,
            row.part / report.explained if row.part is not None and report.explained else None,
        )
        for row in report.results
    ]


def _way(r: float | None) -> str:
    if r is None or abs(r) < _NO_DIRECTION:
        return "no clear direction"
    return "the more, the likelier" if r > 0 else "the more, the less likely"
