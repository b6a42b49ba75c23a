"""Days as moments."""

from __future__ import annotations

import datetime as dt


def midnight(day: dt.date) -> dt.datetime:
    """When a UTC day begins."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=dt.UTC)
