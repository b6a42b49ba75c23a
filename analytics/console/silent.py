"""Who did not answer, and how far that could move each headline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse

from analytics import reports
from analytics.console import asking
from analytics.filters import Filters
from surveys.console.figures import between
from surveys.console.pages import render_page
from surveys.console.roles import NUMBERS, StaffRequest

#: Of each headline: its words, its definition, and what the silent would all have to be.
_WORDS: Final = {
    "masked": ("Masked dissatisfaction", "share_satisfied", "masked"),
    "fix": ("Satisfied with the fix", "top2", "satisfied"),
    "cause": ("Dismayed at the cause", "dismayed", "dismayed"),
}


@dataclass(frozen=True)
class SilentLine:
    """One headline: as answered, and between which shares the silent could move it."""

    sign: str
    name: str
    key: str
    says: str
    bounds: reports.Bounds | reports.WeightedRow

    @property
    def reach(self) -> str:
        """ "12–81 %" """
        return between(self.bounds.lowest, self.bounds.highest)


def silent_lines(
    found: tuple[reports.Bounds, ...] | tuple[reports.WeightedRow, ...],
) -> list[SilentLine]:
    """The headlines in the overview's order."""
    return [SilentLine(one.figure, *_WORDS[one.figure], one) for one in found]


@asking.report_page(NUMBERS, current="overview")
def who_answered(request: StaffRequest, filters: Filters) -> HttpResponse:
    """The headlines as answered, weighted to all resolved cases, and between the extremes."""
    report = reports.non_response(filters, request.scope)
    filter_bar = asking.bar(filters, request.scope, export="non-response")
    context = {
        "bar": filter_bar,
        "report": report,
        "lines": silent_lines(report.results),
        "keep": filter_bar.query,
        "answers": filters.with_(by="resolved").to_query(),
    }
    return render_page(request, "console/who_answered.html", context, current="overview")
