"""A limit per client, so that one flood leaves the others served.

Each web process keeps its own buckets in memory: no request waits on Redis, and nothing is shared
that could be lost. With k processes a client may therefore reach k times the rate.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from typing import Final

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from surveys.models import ApiKey, User

_MOST_CLIENTS: Final = 10_000


class Buckets:
    """Token buckets by client: ``rate`` per second, ``burst`` at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, *, rate: float, burst: float, now: float) -> float:
        """Take one token; seconds to wait where there is none, else 0."""
        with self._lock:
            tokens, since = self._held.pop(client, (burst, now))
            tokens = min(burst, tokens + (now - since) * rate)
            taken = tokens >= 1
            self._held[client] = (tokens - 1 if taken else tokens, now)
            while len(self._held) > _MOST_CLIENTS:
                self._held.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / rate

    def left(self, client: str) -> int:
        """How many tokens a client had left after its last one."""
        with self._lock:
            return int(self._held.get(client, (0.0, 0.0))[0])

    def forget(self) -> None:
        """Let everyone start anew."""
        with self._lock:
            self._held.clear()


BUCKETS: Final = Buckets()


class PerClient(BaseThrottle):
    """Limits each key, member of staff or, before either is known, address."""

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        rate = float(getattr(settings, "API_REQUESTS_PER_SECOND", 200))
        burst = float(getattr(settings, "API_BURST", 2 * rate))
        client = _client(request)
        self._wait = BUCKETS.wait(client, rate=rate, burst=burst, now=time.monotonic())
        left = BUCKETS.left(client)
        refill = math.ceil((burst - left) / rate)
        request._request.rate_limit = {  # type: ignore[attr-defined]
            "RateLimit-Policy": f'"client";q={int(burst)};w={math.ceil(burst / rate)}',
            "RateLimit": f'"client";r={left};t={refill}',
        }
        return self._wait == 0.0

    def wait(self) -> float | None:
        return self._wait


def told(request: Request) -> dict[str, str]:
    """What is left to whoever asked, as the IETF's RateLimit headers say it; empty where nobody
    was counted. `r` requests are left, `t` seconds until all are again."""
    found: dict[str, str] = getattr(request._request, "rate_limit", {})
    return found


def _client(request: Request) -> str:
    if isinstance(request.auth, ApiKey):
        return f"key {request.auth.pk}"
    if isinstance(request.user, User):
        return f"user {request.user.pk}"
    return f"address {request.META.get('REMOTE_ADDR', '')}"
