"""When mail may go out where the customer lives: quiet hours and days of the week. Pure.

Local clocks jump: an hour may be missing or come twice. What falls into a missing hour moves to
its end; of an hour that comes twice the first that is still ahead is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EVERY_DAY: Final = frozenset(range(1, 8))
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """`weekdays` as 1 Monday … 7 Sunday. The quiet hours may span midnight."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    weekdays: frozenset[int] = EVERY_DAY

    @property
    def are_unlimited(self) -> bool:
        return self.quiet_from is None and len(self.weekdays) == len(EVERY_DAY)


ALWAYS: Final = Hours()


def read_hours(quiet: Mapping[str, Any] | None, weekdays: Sequence[int] | None) -> Hours:
    """From what a policy stores."""
    days = frozenset(weekdays) if weekdays else EVERY_DAY
    if not quiet:
        return ALWAYS if days == EVERY_DAY else Hours(weekdays=days)
    start, end = time.fromisoformat(quiet["start"]), time.fromisoformat(quiet["end"])
    return Hours(start, end, days)


def is_allowed(moment: datetime, hours: Hours, timezone: str) -> bool:
    """Whether mail may go out at this moment."""
    local = moment.astimezone(_zone(timezone))
    return local.isoweekday() in hours.weekdays and not _is_quiet(local.time(), hours)


def next_allowed(moment: datetime, hours: Hours, timezone: str) -> datetime:
    """The moment itself where mail may go out then, else the first moment after it."""
    if hours.are_unlimited:
        return moment
    zone = _zone(timezone)
    found = moment
    # A week of forbidden days and nights takes at most two steps a day.
    for _ in range(20):
        local = found.astimezone(zone)
        if local.isoweekday() not in hours.weekdays:
            found = _first_at(local.date() + timedelta(days=1), time(0), zone, found)
        elif _is_quiet(local.time(), hours):
            found = _end_of_quiet(local, hours, zone, found)
        else:
            return found
    return found


def _is_quiet(clock: time, hours: Hours) -> bool:
    start, end = hours.quiet_from, hours.quiet_until
    if start is None or end is None:
        return False
    return start <= clock < end if start < end else clock >= start or clock < end


def _end_of_quiet(local: datetime, hours: Hours, zone: ZoneInfo, after: datetime) -> datetime:
    start, end = hours.quiet_from or time(0), hours.quiet_until or time(0)
    days = int(start >= end and local.time() >= start)
    return _first_at(local.date() + timedelta(days=days), end, zone, after)


def _first_at(day: date, clock: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment later than `after` at which the local clock shows this time or, where it
    is left out that day, has passed it."""
    wanted = datetime.combine(day, clock)
    early, late = sorted(wanted.replace(tzinfo=zone, fold=f).astimezone(UTC) for f in (0, 1))
    if early != late and late.astimezone(zone).replace(tzinfo=None) != wanted:
        return _end_of_gap(early, late, zone)
    return early if early > after else late


def _end_of_gap(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which the clock jumps."""
    before = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo:
    """A zone that this machine's tables lack is taken for UTC: it must not hold up other mail."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
