"""What other tools asked with one question before Stabledoor: beside the trends, never in them.

Such a rating is about the fix and its cause in one. It is told of no agent, for part of it is not
theirs, and only to readers of every number who may see both sides.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from analytics.columns import HISTOGRAM, optional
from analytics.filters import FilterError, Filters
from analytics.frames import unseparated
from analytics.frames.selection import Selection
from analytics.metrics.trend import trend as over_time
from analytics.reports import strangers
from analytics.reports.access import fewest
from analytics.reports.figures import Interval
from analytics.reports.made import table_rows
from analytics.reports.unseparated_figures import UnseparatedPoint, UnseparatedSeries
from surveys.services.access import Scope
from surveys.services.history_tools import TOOLS

MAX_POINTS = 5_000
_DAYS: Final = {"day": 1, "week": 7, "month": 28, "quarter": 90}
#: Which answers of a scale count as the best.
BEST: Final = {
    "good-bad": "“good”",
    "1-2": "2 of 2",
    "1-3": "3 of 3",
    "1-5": "4 and 5 of 5",
    "1-7": "6 and 7 of 7",
    "1-10": "9 and 10 of 10",
    "0-10": "9 and 10 of 0 to 10",
}
_NOT_OF_AGENTS: Final = (
    "Ratings of one question, from before Stabledoor, are told of no agent: they are about "
    "everything at once, and part of that is not the agent’s."
)
_NO_QUESTIONNAIRE: Final = (
    "Ratings of one question, from before Stabledoor, belong to no questionnaire and are left out."
)
_BY_ANSWER: Final = (
    "Ratings of one question, from before Stabledoor, are known by the day of the answer alone and "
    "are left out of reports by the day of resolution."
)


def history(
    filters: Filters, scope: Scope, selection: Selection, interval: Interval
) -> tuple[tuple[UnseparatedSeries, ...], str]:
    """A series for each tool and scale, and in words what of them the filters cannot tell.

    Raises: FilterError.
    """
    if not (scope.is_unlimited and scope.sees_fix and scope.sees_cause):
        return (), ""
    if not unseparated.are_any():
        return (), ""
    if refused := _cannot(filters):
        return (), refused
    table = unseparated.daily(selection)
    kinds = table[["tool", "scale"]].drop_duplicates().itertuples(index=False)
    found = tuple(
        _series(table[(table["tool"] == tool) & (table["scale"] == scale)], interval, scope)
        for tool, scale in kinds
    )
    return found, _left_out(filters)


def refuse_too_many(since: dt.date, until: dt.date, interval: Interval) -> None:
    """Raises: FilterError where a picture would have more points than anybody can read."""
    if (until - since).days / _DAYS[interval] > MAX_POINTS:
        raise FilterError("from", f"That is more than {MAX_POINTS:,} points; ask for fewer days.")


def _cannot(filters: Filters) -> str:
    if filters.agent:
        return _NOT_OF_AGENTS
    if filters.questionnaire:
        return _NO_QUESTIONNAIRE
    return _BY_ANSWER if filters.by == "resolved" else ""


def _left_out(filters: Filters) -> str:
    asked = [name for name in unseparated.DIMENSIONS if filters.of(name)]
    if filters.branch and not filters.cause:
        asked.append("cause")
    if not asked:
        return ""
    said = " or ".join(f"no {name}" for name in asked)
    return (
        f"Ratings of one question, from before Stabledoor, that name {said} (or another one than "
        "asked for) are not among these."
    )


def _series(days: pd.DataFrame, interval: Interval, scope: Scope) -> UnseparatedSeries:
    """Of the days of one tool and scale."""
    tool, scale = str(days["tool"].iat[0]), str(days["scale"].iat[0])
    first, last = min(days["day"]), max(days["day"])
    refuse_too_many(first, last, interval)
    # A share needs but two counts: those at the top of the scale and those below.
    counts = pd.DataFrame(0, index=days.index, columns=list(HISTOGRAM), dtype="int64")
    counts[HISTOGRAM[0]] = (days["n"] - days["best"]).astype("int64")
    counts[HISTOGRAM[-1]] = days["best"].astype("int64")
    counts.insert(0, "day", days["day"])
    rows = table_rows(over_time(counts, interval, since=first, until=last))
    points = [
        UnseparatedPoint(
            pd.Timestamp(str(row["start"])).date(),
            pd.Timestamp(str(row["end"])).date(),
            bool(row["partial"]),
            int(row["n"]),
            *(optional(row[name]) for name in ("top2", "top2_low", "top2_high")),
        )
        for row in rows
    ]
    shown = _for_reader(points, scope)
    return UnseparatedSeries(tool, TOOLS[tool].name, scale, BEST[scale], shown)


def _for_reader(points: list[UnseparatedPoint], scope: Scope) -> tuple[UnseparatedPoint, ...]:
    if not strangers.applies(scope):
        return tuple(points)
    shown = strangers.kept([point.n or 0 for point in points], fewest(scope))
    hidden = (None, None, None, None)
    return tuple(
        point if is_shown else UnseparatedPoint(point.start, point.end, point.partial, *hidden)
        for point, is_shown in zip(points, shown, strict=True)
    )
