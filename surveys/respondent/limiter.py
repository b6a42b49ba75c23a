"""Slows a client that floods one link, without asking anyone.

Each process counts for itself: a shared counter would put Redis on the path of an answer, and a
flood is refused as well by two processes as by one. The count is per link and not per address,
because a whole office may sit behind one address, or all the world behind a proxy's.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class Limiter:
    """A token bucket per key: ``burst`` at once, refilled at ``per_second``.

    Remembers the ``max_keys`` keys seen last; a forgotten key starts with a full bucket.
    """

    def __init__(
        self,
        burst: int,
        per_second: float,
        *,
        max_keys: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._max_keys = max_keys
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, key: str) -> bool:
        """Whether one more is allowed now; if so it is counted."""
        now = self._clock()
        with self._lock:
            level, then = self._buckets.pop(key, (float(self._burst), now))
            level = min(self._burst, level + (now - then) * self._per_second)
            allowed = level >= 1
            self._buckets[key] = (level - 1 if allowed else level, now)
            if len(self._buckets) > self._max_keys:
                self._buckets.popitem(last=False)
        return allowed

    def clear(self) -> None:
        """Forget everyone."""
        with self._lock:
            self._buckets.clear()
