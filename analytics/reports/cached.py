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


def cached(name: str, selection: Selection, compute: Callable[[], T]) -> T:
    """The result of `compute` for this selection at the present version of the aggregates.

    `compute` must read answers through the aggregates alone: nothing else moves the version.
    """
    digest = hashlib.sha256(repr((name, selection, version())).encode()).hexdigest()
    key = f"analytics:{name}:{digest}"
    found: T | None = cache.get(key)
    if found is None:
        found = compute()
        cache.set(key, found, SECONDS)
    return found


def version() -> int:
    """The version of the aggregates; 0 before anything was counted."""
    found = rows("SELECT version FROM analytics_aggregatestate WHERE id = 1")
    return int(found[0][0]) if found else 0
