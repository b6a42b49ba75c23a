"""Before and after a change: its day or action in the address, and what the figures say of it in
words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict

from analytics import reports
from analytics.actions import days_in_words
from analytics.console.action_words import times
from analytics.filters import FilterError, single
from analytics.metrics.interrupted import LEAST_AFTER, LEAST_BEFORE
from surveys.console.figures import count, day, plural, share

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


def read_change(query: QueryDict, *, on: str = "change") -> dt.date | int | None:
    """The day that "change" in the address names, or the id of an "action"; None where neither is
    there. `on` is what the day is called.

    Raises: FilterError.
    """
    text, action = single(query, on), single(query, "action")
    if text is not None and action is not None:
        raise FilterError("action", f"Give either “{on}” or “action”: a day, or what was done.")
    if action is not None:
        if not (action.isascii() and action.isdecimal() and len(action) < 19):
            raise FilterError("action", "“action” must be the number of an action of this cause.")
        return int(action)
    if text is None:
        return None
    try:
        if len(text) != 10:
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise FilterError(on, f"“{on}” must be a date such as 2026-03-31.") from None


def asked_again(on: dt.date | int | None, *, called: str = "change") -> str:
    """The same as it stands in an address."""
    if on is None:
        return ""
    return f"{called}={on}" if isinstance(on, dt.date) else f"action={on}"


def days_of(report: reports.ChangeReport) -> str:
    """The days of the change in words."""
    return days_in_words(report.on, report.until)


def change_lines(report: reports.ChangeReport) -> list[ChangeLine]:
    """Both sides as lines of a table."""
    return [_line(report.cases, report.until), _line(report.dismay, report.until)]


def _line(side: reports.SideOfChange, until: dt.date | None) -> ChangeLine:
    write = share if side.series == "dismay" else count
    head, sentence = _VERDICTS.get(side.verdict, ("Too little data", _missing(side, until)))
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


def _missing(side: reports.SideOfChange, until: dt.date | None) -> str:
    if until is None:
        return "it is still being rolled out; once its last day is named, the weeks after count"
    before, after = plural(side.weeks_before, "week"), plural(side.weeks_after, "week")
    needed = f"{LEAST_BEFORE} weeks with data before and {LEAST_AFTER} after"
    if not (side.missing_before or side.missing_after):
        return "without a single hit, or with nothing else, there is no step to measure"
    said = f"a verdict takes {needed}; there are {before} and {after}"
    if side.possible_on is not None:
        return f"{said}. It can be had from {day(side.possible_on)} on at the earliest"
    if side.missing_before:
        return f"{said}. More weeks before will not come"
    return said


def _step(side: reports.SideOfChange) -> str:
    if side.ratio is None or side.low is None or side.high is None:
        return ""
    what = "Rate" if side.series == "cases" else "Odds"
    return f"{what} × {times(side.ratio)} ({times(side.low)} to {times(side.high)})"


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
    told = f"× {times(found.ratio)}, {times(found.low)} to {times(found.high)}"
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
