"""Conditional requests: what was read is sealed in its ETag, and a change can be bound to it."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from rest_framework.request import Request

from surveys.api.problems import Problem


def seal(data: Any) -> str:
    """The ETag of an answer: equal where it says the same."""
    found = hashlib.sha256(msgspec.json.encode(data, order="sorted")).hexdigest()[:24]
    return f'"{found}"'


def names(condition: str | None, etag: str) -> bool:
    """Whether If-Match or If-None-Match names this answer."""
    given = [one.strip().removeprefix("W/") for one in (condition or "").split(",")]
    return "*" in given or etag.removeprefix("W/") in given


def demand_unchanged(request: Request, now: Any) -> None:
    """Refuse a change of what is no longer as it was read. Without If-Match all is taken.

    Raises: Problem 412.
    """
    condition = request.headers.get("If-Match", "").strip()
    if condition and not names(condition, seal(now)):
        raise Problem(412, "It was changed since it was read; read it again and see what changed.")
