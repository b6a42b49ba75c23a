"""What was counted, kept until something more is counted.

The key holds the version of the aggregates, so a stale figure can never be served; without Redis
everything is simply computed again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

from analytics.frames.selection import Selection
from analytics.frames.sql import rows

T = TypeVar("T")
logger = logging.getLogger(__name__)
SECONDS = 3600


def cached(name: str, selection: Selection, compute: Callable[[], T]) -> T:
    """The result of `compute` for this selection at the present version of the aggregates.

    `compute` must read answers through the aggregates alone: nothing else moves the version.
    """
    digest = hashlib.sha256(repr((name, selection, version())).encode()).hexdigest()
    key = f"analytics:{name}:{digest}"
    try:
        found: T | None = cache.get(key)
    except (OSError, RedisError) as error:
        logger.warning("the report cache does not answer: %s", error)
        return compute()
    if found is not None:
        return found
    result = compute()
    try:
        cache.set(key, result, SECONDS)
    except (OSError, RedisError) as error:
        logger.warning("the report cache does not take a value: %s", error)
    return result


def version() -> int:
    """The version of the aggregates; 0 before anything was counted."""
    found = rows("SELECT version FROM analytics_aggregatestate WHERE id = 1")
    return int(found[0][0]) if found else 0
