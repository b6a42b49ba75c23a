"""What was counted, kept until something more is counted.

The key holds the version of the aggregates, so a stale figure is never served. The cache misses
while Redis is away: everything is then simply computed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

from analytics.frames.selection import Selection
from analytics.frames.sql import rows

T = TypeVar("T")
SECONDS = 3600
_TRIES = 3


def cached(name: str, selection: Selection, compute: Callable[[], T]) -> T:
    """The result of `compute` for this selection at the present version of the aggregates.

    `compute` must read answers through the aggregates alone: nothing else moves the version.
    """
    version = _version()
    if version is None:
        return compute()
    digest = hashlib.sha256(repr((name, selection, version)).encode()).hexdigest()
    key = f"analytics:{name}:{digest}"
    found: T | None = cache.get(key)
    if found is None:
        found = compute()
        cache.set(key, found, SECONDS)
    return found


def at_one_version(compute: Callable[[], T]) -> T:
    """The result of `compute`, all of whose reads saw the same version of the aggregates.

    Answers may be counted between two of its statements. It is then asked again, which is cheaper
    than a transaction around every report; under a stream of changes the last try stands.
    """
    for _ in range(_TRIES - 1):
        before = _version()
        result = compute()
        if _version() == before:
            return result
    return compute()


def _version() -> tuple[int, str] | None:
    """The version of the aggregates and when it came to be; None before anything was counted.

    The time tells it from the same number in a database that was restored or made anew beside
    the same cache.
    """
    found = rows("SELECT version, applied_at FROM analytics_aggregatestate WHERE id = 1")
    return (found[0][0], str(found[0][1])) if found else None
