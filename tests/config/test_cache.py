"""Redis being away costs a miss, never an answer."""

from __future__ import annotations

import uuid

from django.conf import settings

from config.cache import ForgivingRedisCache

AWAY = ForgivingRedisCache("unix:///nowhere/redis.sock", {})


def test_cache_keeps_what_is_set_while_redis_answers() -> None:
    cache = ForgivingRedisCache(str(settings.REDIS_URL), {})
    key = f"test-{uuid.uuid4()}"
    cache.set(key, {"n": 1}, 10)
    assert cache.get(key) == {"n": 1}


def test_cache_misses_while_redis_is_away() -> None:
    assert AWAY.get("key", "default") == "default"
    assert AWAY.get_or_set("key", 3) == 3
    assert AWAY.get_many(["key"]) == {}


def test_cache_takes_writes_silently_while_redis_is_away() -> None:
    assert AWAY.set("key", 1) is None
    assert AWAY.add("key", 1) is False
    assert AWAY.delete("key") is False
    assert AWAY.set_many({"a": 1, "b": 2}) == ["a", "b"]
