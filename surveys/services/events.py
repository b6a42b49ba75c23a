"""A case's state as the fold over its events, in the order in which they occurred.

Pure: events in, state out. Arrival plays no part, so any order and any duplication of the same
events ends in the same state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

OPEN: Final = "open"
RESOLVED: Final = "resolved"
REOPENED: Final = "reopened"
STATUSES: Final = (OPEN, RESOLVED, REOPENED)

# Which of several events of one moment comes last: an export that knows only days says of one
# case "opened" and "resolved" on the same day, and it is resolved.
_RANK: Final = {OPEN: 0, RESOLVED: 1, REOPENED: 2}

# What says who a customer is; a name alone does not, a telephone number where nothing else does.
_WHO: Final = frozenset({"email", "external_id", "erased"})


@dataclass(slots=True)
class Event:
    """One thing told of a case. `content` holds only what was stated, see intake_shapes."""

    status: str
    occurred_at: datetime
    content: dict[str, Any]

    @property
    def key(self) -> tuple[datetime, int]:
        """Equal keys are the same event."""
        return self.occurred_at, _RANK[self.status]


@dataclass(slots=True)
class Resolved:
    """The case being resolved once: `founded_by` is the event that says so and carries what is
    snapshotted; `reopened_at` ends it."""

    resolved_at: datetime
    founded_by: Event
    reopened_at: datetime | None = None


@dataclass(slots=True)
class State:
    """What a case's events come to."""

    status: str
    last_event_at: datetime
    opened_at: datetime | None = None
    subject: str = ""
    severity: str = ""
    tags: list[str] = field(default_factory=list)
    customer: dict[str, Any] | None = None
    resolutions: list[Resolved] = field(default_factory=list)


def fold(events: Iterable[Event]) -> State:
    """The state after all events, which need not be sorted; there must be at least one.

    A later event overrides only what it states. A resolution begins with a resolved event when
    the state before was not resolved, and ends with the next open or reopened one; a second
    "resolved" in between is an edit of the case and begins nothing.
    """
    ordered = sorted(events, key=lambda event: event.key)
    last = ordered[-1]
    state = State(status=last.status, last_event_at=last.occurred_at)
    seen: set[datetime] = set()
    before = OPEN
    for event in ordered:
        _override(state, event.content)
        if event.status == RESOLVED:
            if before != RESOLVED:
                _begin_resolution(state, event, seen)
        elif before == RESOLVED and state.resolutions:
            current = state.resolutions[-1]
            current.reopened_at = current.reopened_at or event.occurred_at
        before = event.status
    return state


def resolved_at_of(event: Event) -> datetime:
    """When the case was resolved by this event's own account, else when the event occurred."""
    stated = event.content.get("resolved_at")
    return datetime.fromisoformat(stated) if stated else event.occurred_at


def _begin_resolution(state: State, event: Event, seen: set[datetime]) -> None:
    """Two resolutions of a case differ in time. A helpdesk that keeps sending the first time after
    a reopening is believed about the event's own time instead."""
    for moment in (resolved_at_of(event), event.occurred_at):
        if moment not in seen:
            seen.add(moment)
            state.resolutions.append(Resolved(moment, event))
            return


def _override(state: State, content: dict[str, Any]) -> None:
    if "opened_at" in content:
        state.opened_at = datetime.fromisoformat(content["opened_at"])
    if "subject" in content:
        state.subject = content["subject"]
    if "severity" in content:
        state.severity = content["severity"]
    if "tags" in content:
        state.tags = content["tags"]
    customer = content.get("customer")
    if customer is not None and (
        not _WHO.isdisjoint(customer) or (state.customer is None and "phone" in customer)
    ):
        state.customer = customer
