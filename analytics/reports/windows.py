"""The standard windows, worked out before anybody asks.

After each batch and at midnight the job asks what the report pages ask of all answers: every number
of the next reader is then one read of one key, however many answers there are. Of the day of
resolution, and of all time, only what somebody asked for lately is worked out.
"""

from __future__ import annotations

import datetime as dt
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
_KEPT: Final = "analytics:windows-kept"
_ASKED: Final = "analytics:windows-asked"
_DAY: Final = 86_400


def standard(today: dt.date) -> Iterator[Filters]:
    """Every standard window, by day of answer first."""
    for by in BY:
        for days in FIXED_PERIODS:
            yield Filters(from_=today - dt.timedelta(days=days - 1), to=today, by=by)
        yield Filters(by=by)


def note(filters: Filters, today: dt.date) -> None:
    """Remember for a day that somebody asked for a window that is not worked out unasked."""
    if not _unasked(filters) and filters in standard(today):
        cache.set(f"{_ASKED}:{_name(filters, today)}", True, _DAY)


def keep(today: dt.date, before: cached.Version | None, *, rest: float = 0.0) -> bool:
    """Work out the windows of the present version; False where they are kept already.

    `before` is the version whose figures may stand in meanwhile. After each report others get the
    processor for as long as it took, at most for `rest` seconds.
    """
    version = cached.working_ahead(before)
    if version is None or cache.get(_KEPT) == (version, today):
        return False
    wanted = [
        filters
        for filters in standard(today)
        if _unasked(filters) or cache.get(f"{_ASKED}:{_name(filters, today)}")
    ]
    with cached.ahead():
        for report in _REPORTS:
            for filters in wanted:
                began = time.perf_counter()
                report(filters, API_REPORTS)
                time.sleep(min(rest, time.perf_counter() - began))
    cache.set(_KEPT, (version, today), _DAY)
    return True


def _unasked(filters: Filters) -> bool:
    return filters.by == "answered" and filters.from_ is not None


def _name(filters: Filters, today: dt.date) -> str:
    days = (today - filters.from_).days if filters.from_ else "all"
    return f"{filters.by}:{days}"
