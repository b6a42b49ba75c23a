"""How long an API wants to be left alone, as its answer says: by `Retry-After`, or by the headers
in which it tells what is left of its limit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

#: Where nothing is said of when to come back.
USUAL: Final = timedelta(seconds=60)
#: Nobody is waited for longer without being asked again.
LONGEST: Final = timedelta(hours=1)
_LEFT: Final = (
    "x-ratelimit-remaining",  # Freshdesk, Intercom, Jira
    "x-rate-limit-remaining", "ratelimit-remaining",  # Zendesk
    "x-hubspot-ratelimit-remaining",
)  # fmt: skip
_RESET: Final = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
_WINDOW: Final = "x-hubspot-ratelimit-interval-milliseconds"
# A number above is a moment, as seconds since 1970; below it is how many seconds are left.
_MOMENTS_FROM: Final = 1_000_000_000


def rest_of(status: int, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long to ask nothing; None where nothing keeps us from it. Headers by lower-case names."""
    told = _span(headers.get("retry-after", ""), now)
    if status == 429:
        return _bounded(told or _reset(headers, now) or USUAL)
    if status == 503 and told:
        return _bounded(told)
    left = next((headers[name] for name in _LEFT if name in headers), "")
    if left.strip() == "0":
        return _bounded(told or _reset(headers, now) or USUAL)
    return None


def _reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    if window := _number(headers.get(_WINDOW, "")):
        return timedelta(milliseconds=window)
    for name in _RESET:
        if found := _span(headers.get(name, ""), now):
            return found
    return None


def _span(text: str, now: datetime) -> timedelta | None:
    """Seconds, a moment in seconds since 1970, an HTTP date or an ISO time; None where it is none
    of them, or past."""
    text = text.strip()[:60]
    if (seconds := _number(text)) is not None:
        left = seconds - now.timestamp() if seconds >= _MOMENTS_FROM else seconds
    else:
        moment = _moment(text)
        if moment is None:
            return None
        left = (moment - now).total_seconds()
    return timedelta(seconds=left) if 0 < left < 1e9 else None


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _bounded(rest: timedelta) -> timedelta:
    return min(max(rest, timedelta(seconds=1)), LONGEST)
