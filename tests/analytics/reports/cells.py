"""Cells of a report, compared one by one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analytics.reports import slow

Shown = float | int | bool | None


def near(found: Any, names: tuple[str, ...], expected: tuple[Shown, ...], by: float = 1e-9) -> None:
    """The fields of a row, one by one, so that a failure names its cell."""
    for name, value in zip(names, expected, strict=True):
        cell = getattr(found, name)
        if value is None or isinstance(value, bool):
            assert cell is value, (name, cell, value)
        else:
            assert cell == pytest.approx(value, abs=by), (name, cell, value)


def rated(ratings: list[int], *, least: int = 0) -> tuple[Shown, ...]:
    """n, mean, share of 4–5 and its limits."""
    n, hits = len(ratings), sum(rating >= 4 for rating in ratings)
    if n < max(least, 1):
        return (n, None, None, None, None)
    return (n, sum(ratings) / n, hits / n, *slow.wilson(hits, n))


FIX = ("n", "mean", "top2", "top2_low", "top2_high")
