"""Ratings of one question, as imports of other tools' exports leave them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from surveys.models import UnseparatedRating
from tests.factories import NOW

FIRST, SECOND = NOW - dt.timedelta(days=2), NOW - dt.timedelta(days=1)


def rated(n: int, at: dt.datetime = FIRST, tool: str = "delighted", **more: Any) -> None:
    """So many of one import, every second one with a comment."""
    UnseparatedRating.objects.bulk_create(
        UnseparatedRating(
            **{
                "tool": tool, "scale": "1-5", "raw": "4", "position": 0.75, "top2": True,
                "digest": "d", "external_id": f"{at}-{place}", "agent": "Olu Ade",
                "answered_at": NOW - dt.timedelta(days=30, minutes=place // 2),
                "comment": f"word {place}." if place % 2 else "", "imported_at": at, **more,
            }
        )
        for place in range(n)
    )  # fmt: skip
