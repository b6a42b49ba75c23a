"""The standard windows, worked out before anybody asks.

After each batch and at midnight the job asks what the report pages ask of all answers: every number
of the next reader is then one read of one key, however many answers there are. What somebody looked
at a moment ago is worked out after each batch, the rest as often as that takes little of the time.
Of the day of resolution, and of all time, only what somebody asked for lately is worked out.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Iterator
from typing import Final

from django.core.cache import cache

from analytics.filters import BY, Filters
from analytics.reports import cached
from analytics.reports.access import FIXED_PERIODS
from analytics.reports.agents import agents
from analytics.reports.causes import causes
from analytics.reports.matrix import matrix
from analytics.reports.overview import overview
from surveys.services.access import API_REPORTS, Scope

#: The slow ones last: the others need not wait for them.
_REPORTS: Final[tuple[Callable[[Filters, Scope], object], ...]] = (
    overview, causes, matrix, agents,
)  # fmt: skip
#: Somebody who looked at a window so many seconds ago looks at it still.
WATCHED: Final = 600
_KEPT: Final = "analytics:windows-kept"
_ASKED: Final = "analytics:windows-asked"
_TURN: Final = "analytics:windows-turn"
_DAY: Final = 86_400


def standard(today: dt.date) -> Iterator[Filters]:
    """Every standard window, by day of answer first."""
    for by in BY:
        for days in FIXED_PERIODS:
            yield Filters(from_=today - dt.timedelta(days=days - 1), to=today, by=by)
        yield Filters(by=by)


def note(filters: Filters, today: dt.date) -> None:
    """Remember for a day when somebody asked for a standard window."""
    if filters in standard(today):
        cache.set(f"{_ASKED}:{_name(filters, today)}", time.time(), _DAY)


def keep(
    today: dt.date, before: cached.Version | None, *, rest: float = 0.0, share: float = 1.0
) -> bool:
    """Work out the windows of the present version; whether this was done, and to all of them.

    `before` is the version whose figures may stand in meanwhile. After each report others get the
    processor for as long as it took, at most for `rest` seconds. What nobody watches takes at most
    `share` (above 0, at most 1) of the time: until it is its turn again, whoever asks counts.
    """
    version = cached.working_ahead(before)
    kept = cache.get(_KEPT)
    if version is None or kept == (version, today, "all"):
        return False
    watched, others = _wanted(today)
    if kept != (version, today, "watched"):
        _work_out(watched, rest)
        cache.set(_KEPT, (version, today, "watched"), _DAY)
    if time.time() < cache.get(_TURN, 0.0):
        cached.worked_ahead(version)
        return False
    pause = _work_out(others, rest) * (1 / share - 1)
    cache.set(_TURN, time.time() + pause, math.ceil(pause))
    cache.set(_KEPT, (version, today, "all"), _DAY)
    return True


def _wanted(today: dt.date) -> tuple[list[Filters], list[Filters]]:
    """The windows that somebody watches, and the others that are to be kept."""
    windows = {f"{_ASKED}:{_name(filters, today)}": filters for filters in standard(today)}
    asked_at: dict[str, float] = cache.get_many(windows)
    lately = time.time() - WATCHED
    watched, others = [], []
    for name, filters in windows.items():
        if asked_at.get(name, 0.0) > lately:
            watched.append(filters)
        elif name in asked_at or _unasked(filters):
            others.append(filters)
    return watched, others


def _work_out(windows: list[Filters], rest: float) -> float:
    """Seconds that this took without the rests."""
    took = 0.0
    with cached.ahead():
        for report in _REPORTS:
            for filters in windows:
                began = time.perf_counter()
                report(filters, API_REPORTS)
                seconds = time.perf_counter() - began
                took += seconds
                time.sleep(min(rest, seconds))
    return took


def _unasked(filters: Filters) -> bool:
    return filters.by == "answered" and filters.from_ is not None


def _name(filters: Filters, today: dt.date) -> str:
    days = (today - filters.from_).days if filters.from_ else "all"
    return f"{filters.by}:{days}"
