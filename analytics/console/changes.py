"""Before and after a change: the day in the address, and what the figures say of it in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict

from analytics import reports
from analytics.filters import FilterError, single
from analytics.metrics.interrupted import LEAST_AFTER, LEAST_BEFORE
from surveys.console.figures import count, plural, share

_NAMES: Final = {"cases": "Cases", "dismay": "Dismayed, of those answering"}
_VERDICTS: Final = {
    "verified": ("Fewer", "fewer than the weeks before let expect, and not by chance"),
    "worse": ("More", "more than the weeks before let expect, and not by chance"),
    "not shown": ("No change shown", "nothing that chance alone could not do"),
}


@dataclass(frozen=True)
class ChangeLine:
    """Cases or dismay before and after. `head` is the verdict in a word or two."""

    name: str
    key: str
    side: reports.SideOfChange
    before: str
    after: str
    head: str
    sentence: str
    step: str
    others: str


def read_day(query: QueryDict) -> dt.date | None:
    """The day that "change" in the address names; None where it names none.

    Raises: FilterError.
    """
    text = single(query, "change")
    if text is None:
        return None
    try:
        if len(text) != 10:
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise FilterError("change", "“change” must be a date such as 2026-03-31.") from None


def change_lines(report: reports.ChangeReport) -> list[ChangeLine]:
    """Both sides as lines of a table."""
    return [_line(report.cases), _line(report.dismay)]


def _line(side: reports.SideOfChange) -> ChangeLine:
    write = share if side.series == "dismay" else count
    head, sentence = _VERDICTS.get(side.verdict, ("Too little data", _missing(side)))
    return ChangeLine(
        name=_NAMES[side.series],
        key="cases_chart" if side.series == "cases" else "dismayed",
        side=side,
        before=write(side.before),
        after=write(side.after),
        head=head,
        sentence=f"{sentence}.",
        step=_step(side),
        others=_others(side),
    )


def _missing(side: reports.SideOfChange) -> str:
    before, after = plural(side.weeks_before, "week"), plural(side.weeks_after, "week")
    needed = f"{LEAST_BEFORE} weeks with data before and {LEAST_AFTER} after"
    if side.weeks_before >= LEAST_BEFORE and side.weeks_after >= LEAST_AFTER:
        return "without a single hit, or with nothing else, there is no step to measure"
    return f"a verdict takes {needed}; there are {before} and {after}"


def _step(side: reports.SideOfChange) -> str:
    if side.ratio is None or side.low is None or side.high is None:
        return ""
    what = "Rate" if side.series == "cases" else "Odds"
    return f"{what} × {_times(side.ratio)} ({_times(side.low)} to {_times(side.high)})"


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def _others(side: reports.SideOfChange) -> str:
    """What all other causes together say to it."""
    found = side.others
    if found is None or found.verdict == "too little data":
        return ""
    if not found.comparable:
        return (
            "The other causes moved apart from this one before the change already, so they cannot "
            "say what would have come without it."
        )
    if found.ratio is None or found.low is None or found.high is None:
        return ""
    told = f"× {_times(found.ratio)}, {_times(found.low)} to {_times(found.high)}"
    said = {
        "verified": f"Against all other causes together it fell, too ({told}).",
        "worse": f"Against all other causes together it rose, too ({told}).",
        "not shown": f"Against all other causes together no change is shown ({told}).",
    }
    if found.verdict != side.verdict:
        said |= {
            "verified": f"Against all other causes together it fell ({told}).",
            "worse": f"Against all other causes together it rose ({told}).",
        }
    return said[found.verdict]
