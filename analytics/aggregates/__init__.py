"""Answers become day rollups of integers, each answer exactly once.

apply_changes(limit=10_000, *, wait=True) -> Applied    what was answered since: n, version
apply_all(most=100) -> Applied                          until nothing waits
pack_days(*, wait=True, at_once=False) -> int           resolutions of the days that changed
rebuild(from_=None, to=None, …) -> Rebuilt              everything again, by ranges of days
verify() -> list[Difference]                            recount from the raw answers
"""

from analytics.aggregates.apply import Applied, apply_all, apply_changes
from analytics.aggregates.rebuilding import Rebuilt, rebuild, rebuild_range, take
from analytics.aggregates.resolutions import pack_days
from analytics.aggregates.verifying import Difference, verify

__all__ = [
    "Applied",
    "Difference",
    "Rebuilt",
    "apply_all",
    "apply_changes",
    "pack_days",
    "rebuild",
    "rebuild_range",
    "take",
    "verify",
]
