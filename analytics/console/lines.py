"""Two groups as lines of a table: each share of both, and what the difference says in words."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.console.tags import told_apart
from analytics.reports import ComparedShare, ComparisonReport


@dataclass(frozen=True)
class Line:
    """One share of both groups, and what the difference says."""

    name: str
    sign: str
    key: str
    compared: ComparedShare
    sentence: str


def lines_of(
    report: ComparisonReport, names: tuple[str, str] = ("this period", "the one before")
) -> list[Line]:
    """The shares in the order of the overview; what the reader may not see is left out."""
    found = [
        ("Masked dissatisfaction", "masked", "share_satisfied", report.masked),
        ("Satisfied with the fix", "fix", "top2", report.fix),
        ("Dismayed at the cause", "cause", "dismayed", report.cause),
        ("Answered, of those invited", "", "response_rate", report.answered),
    ]
    return [
        Line(name, sign, key, compared, _sentence(compared, names, may_overlap=report.may_overlap))
        for name, sign, key, compared in found
        if compared is not None
    ]


def _sentence(compared: ComparedShare, names: tuple[str, str], *, may_overlap: bool) -> str:
    if compared.difference is None:
        return "Too few answers to compare."
    if may_overlap:
        return "The groups may share customers, so no interval of the difference holds."
    if told_apart(compared):
        return f"Higher in {names[0 if compared.difference > 0 else 1]}."
    return "Not told apart from chance."
