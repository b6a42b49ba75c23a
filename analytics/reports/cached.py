"""What was counted, kept until something more is counted.

The key holds the version of the aggregates, so a figure is never taken for a newer one. The cache
misses while Redis is away: everything is then simply computed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.core.cache import cache

from analytics.frames.moment import anew, once
from analytics.frames.selection import Selection
from analytics.frames.sql import rows

T = TypeVar("T")
Version = tuple[int, str]
SECONDS = 3600
#: How long figures of the version before may stand in.
BEHIND = 1
_TRIES = 3


#: Whether figures are being worked out ahead of their readers: then nothing older will do.
_AHEAD: ContextVar[bool] = ContextVar("ahead", default=False)


def cached(name: str, selection: Selection, compute: Callable[[], T], *, behind: bool = False) -> T:
    """The result of `compute` for this selection at the present version of the aggregates.

    `compute` must read answers through the aggregates alone: nothing else moves the version. With
    `behind`, for a report of this one figure, the result at the version before will do while the
    job works out the one at the present: for BEHIND seconds at most.
    """
    version = _version()
    if version is None:
        return compute()
    key = _key(name, selection, version)
    found: T | None = cache.get(key)
    if found is None and behind and not _AHEAD.get():
        before = cache.get(_after(version))
        found = before and cache.get(_key(name, selection, before))
    if found is None:
        found = compute()
        cache.set(key, found, SECONDS)
    return found


def working_ahead(before: Version | None) -> Version | None:
    """Say that the job is about to work out the figures of the present version, and that those of
    the version `before` will do for a moment; the present version."""
    version = _version()
    if version is not None and before is not None and before != version:
        cache.set(_after(version), before, BEHIND)
    return version


def worked_ahead(version: Version) -> None:
    """Say that nothing older than `version` is to stand in for it any longer."""
    cache.delete(_after(version))


@contextmanager
def ahead() -> Iterator[None]:
    """Figures asked for in here are those of the present version, and kept for their readers."""
    token = _AHEAD.set(True)
    try:
        yield
    finally:
        _AHEAD.reset(token)


def _key(name: str, selection: Selection, version: Version) -> str:
    digest = hashlib.sha256(repr((name, selection, version)).encode()).hexdigest()
    return f"analytics:{name}:{digest}"


def _after(version: Version) -> str:
    return f"analytics:after:{version[0]}:{hashlib.sha256(version[1].encode()).hexdigest()}"


def at_one_version(compute: Callable[[], T]) -> T:
    """The result of `compute`, all of whose reads saw the same version of the aggregates.

    Answers may be counted between two of its statements. It is then asked again, which is cheaper
    than a transaction around every report; under a stream of changes the last try stands.
    """
    for _ in range(_TRIES - 1):
        before = _version()
        result = compute()
        if _read_version() == before:
            return result
        anew()
    return compute()


def version_now() -> Version | None:
    """The present version of the aggregates."""
    return _version()


def _version() -> Version | None:
    """The version of the aggregates, in one moment that of its first look."""
    return once("version", _read_version)


def _read_version() -> Version | None:
    """The version of the aggregates and when it came to be; None before anything was counted.

    The time tells it from the same number in a database that was restored or made anew beside
    the same cache.
    """
    found = rows("SELECT version, applied_at FROM analytics_aggregatestate WHERE id = 1")
    return (found[0][0], str(found[0][1])) if found else None
