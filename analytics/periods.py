"""Periods that stay relative: "the last 28 days" is another 28 days tomorrow. Pure.

What day it is, and in which time zone, the caller says; a period is whole days, both ends included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

Span = tuple[dt.date, dt.date]
_DAY: Final = dt.timedelta(days=1)


def _days(n: int) -> Callable[[dt.date], Span]:
    return lambda today: (today - dt.timedelta(days=n - 1), today)


def _yesterday(today: dt.date) -> Span:
    return today - _DAY, today - _DAY


def _this_week(today: dt.date) -> Span:
    return today - dt.timedelta(days=today.weekday()), today


def _last_week(today: dt.date) -> Span:
    monday = today - dt.timedelta(days=today.weekday() + 7)
    return monday, monday + dt.timedelta(days=6)


def _this_month(today: dt.date) -> Span:
    return today.replace(day=1), today


def _last_month(today: dt.date) -> Span:
    last = today.replace(day=1) - _DAY
    return last.replace(day=1), last


def _this_quarter(today: dt.date) -> Span:
    return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), today


def _last_quarter(today: dt.date) -> Span:
    last = _this_quarter(today)[0] - _DAY
    return _this_quarter(last)[0], last


def _this_year(today: dt.date) -> Span:
    return today.replace(month=1, day=1), today


def _last_year(today: dt.date) -> Span:
    return dt.date(today.year - 1, 1, 1), dt.date(today.year - 1, 12, 31)


_PERIODS: Final[Mapping[str, tuple[str, Callable[[dt.date], Span]]]] = {
    "7d": ("the last 7 days", _days(7)),
    "28d": ("the last 28 days", _days(28)),
    "90d": ("the last 90 days", _days(90)),
    "365d": ("the last 365 days", _days(365)),
    "yesterday": ("yesterday", _yesterday),
    "this_week": ("this week", _this_week),
    "last_week": ("last week", _last_week),
    "this_month": ("this month", _this_month),
    "last_month": ("last month", _last_month),
    "this_quarter": ("this quarter", _this_quarter),
    "last_quarter": ("last quarter", _last_quarter),
    "this_year": ("this year", _this_year),
    "last_year": ("last year", _last_year),
}
#: As they stand in an address, and what people call them.
NAMES: Final[Mapping[str, str]] = {name: words for name, (words, _) in _PERIODS.items()}


def resolve(name: str, today: dt.date) -> Span:
    """The first and the last day of a period.

    Weeks begin on Monday (ISO 8601); what is "this" ends today.
    Raises: KeyError for a name that is none of `NAMES`.
    """
    return _PERIODS[name][1](today)
