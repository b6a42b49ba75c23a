"""What a reader's scope leaves of a report."""

from __future__ import annotations

import datetime as dt

from analytics.filters import DIMENSIONS, FilterError, Filters
from surveys.services.access import Scope

#: Figures of fewer customers than this could tell someone close to the cases who answered.
FEWEST_FOR_AGENTS = 10
FEWEST_FOR_OTHERS = 5


class NotVisible(Exception):  # noqa: N818 - it is an answer, not an error
    """The reader's role has no part in this report."""


def fewest(scope: Scope) -> int:
    """Below how many answers this reader sees only their number; 0 for those without limits."""
    if scope.is_unlimited:
        return FEWEST_FOR_OTHERS if scope.for_strangers else 0
    return FEWEST_FOR_AGENTS if scope.agent_ids is not None else FEWEST_FOR_OTHERS


def require(scope: Scope, *, fix: bool = False, cause: bool = False, agents: bool = False) -> None:
    """Refuse a reader who may not see what the report is about.

    Raises: NotVisible.
    """
    if (
        (fix and not scope.sees_fix)
        or (cause and not scope.sees_cause)
        or (agents and not scope.sees_agents)
    ):
        raise NotVisible


def refuse_hidden(filters: Filters, scope: Scope) -> None:
    """A filter must not tell what the report hides: whoever sees no agents asks for none, and a
    bound reader asks along one axis, agents or causes. Where two cross, they leave one customer.

    Raises: FilterError.
    """
    if filters.agent and not scope.sees_agents:
        raise FilterError("agent", "Your role does not see agents.")
    if scope.is_unlimited:
        return
    axes = axes_of(scope)
    for name in DIMENSIONS:
        if filters.of(name) and name not in axes:
            asked = " and ".join(["dates", *axes])
            raise FilterError(
                name,
                f"Your role asks by {asked}, not by {name}: with both, one customer could be told "
                "apart.",
            )


def axes_of(scope: Scope) -> tuple[str, ...]:
    """The dimensions that a reader may narrow: all of them, or the rows of a bound reader's own
    report."""
    if scope.is_unlimited:
        return DIMENSIONS
    return ("agent",) if scope.sees_agents else ("cause", "branch")


def require_unlimited(scope: Scope) -> None:
    """For reports that only readers of every number may read: those that cross dimensions.

    Raises: NotVisible.
    """
    if not scope.is_unlimited:
        raise NotVisible


#: Days that an agent may look back on from today.
FIXED_PERIODS = (7, 28, 90, 365)


def refuse_differencing(filters: Filters, scope: Scope, today: dt.date) -> None:
    """An agent reads fixed periods of all their answers: two questions that differ by one customer
    would tell what that customer said.

    Raises: FilterError.
    """
    if scope.agent_ids is None:
        return
    offered = [
        None,
        *(today - dt.timedelta(days=days - 1) for days in FIXED_PERIODS),
    ]
    if filters.is_filtered or filters.from_ not in offered or filters.to not in (None, today):
        raise FilterError(
            "from",
            "Your own figures can be read for all time or the last 7, 28, 90 or 365 days, so that "
            "no customer can be told apart.",
        )
