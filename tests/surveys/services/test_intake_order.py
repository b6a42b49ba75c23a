"""Invariants 1 and 2: any permutation and duplication of the same events ends in the same state,
and each resolution has exactly one invitation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zlib import crc32

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.models import Invitation, Policy, Resolution, Suppression
from surveys.services.publishing import ensure_defaults
from tests.factories import SuppressionFactory
from tests.surveys.services.told import NOW, dump, take

DAY = 24.0
# Days before NOW: within and beyond a cool-down, some equal, some not yet due.
MOMENTS = (70, 69, 40, 31, 30, 12, 3, 2, 1, 0.2, 0.1, 0)
EMAILS = ("ada@example.com", "bob@example.com", "gone@example.com", None)


def _moment(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def _content(number: int, status: str, days: float) -> dict[str, Any]:
    """What a helpdesk says of a case at a moment: the same whenever it says it again."""
    seed = crc32(f"{number} {status} {days}".encode())
    told: dict[str, Any] = {
        "source": "desk",
        "external_id": str(number),
        "status": status,
        "occurred_at": _moment(days),
        "resolved_at": _moment(days) if status == "resolved" else None,
        "subject": f"subject {seed % 3}" if seed % 5 else None,
        "severity": seed % 4 or None,
        "tags": [f"t{seed % 3}"],
        "team": f"Team {seed % 2}" if seed % 3 else None,
        "product": ("Fibre", "Mobile", None)[seed % 3],
        "cause": f"cause {seed % 3}",
        "agents": [
            {"external_id": f"a{seed % 2}", "name": f"Name {seed % 5}"},
            {"external_id": "a7", "email": f"a{seed % 4}@example.org"},
        ][: seed % 3],
    }
    email = EMAILS[(number * 7 + seed % 3) % 4] if seed % 4 else None
    customer = {
        "email": email,
        "name": f"Name {seed % 3}",
        "language": ("de", "fr", None)[seed % 3],
        "timezone": ("Asia/Tokyo", "America/Lima", None)[seed % 3],
    }
    if email or seed % 7 == 0:
        told["customer"] = {name: value for name, value in customer.items() if value}
    return {name: value for name, value in told.items() if value is not None}


EVENTS = st.builds(
    _content,
    st.integers(0, 4),
    st.sampled_from(("resolved", "resolved", "reopened", "open")),
    st.sampled_from(MOMENTS),
)


@st.composite
def _tellings(draw: st.DrawFn) -> tuple[list[list[dict[str, Any]]], ...]:
    """The same events told twice: in other orders, batches and repetitions."""
    by_key = {
        (e["external_id"], e["occurred_at"], e["status"]): e
        for e in draw(st.lists(EVENTS, min_size=1, max_size=14))
    }
    events = list(by_key.values())

    def telling() -> list[list[dict[str, Any]]]:
        order = draw(st.permutations(events + draw(st.lists(st.sampled_from(events), max_size=6))))
        batches: list[list[dict[str, Any]]] = [[]]
        for event in order:
            cut: bool = draw(st.booleans())
            if batches[-1] and cut:
                batches.append([])
            batches[-1].append(event)
        return batches

    return [[event] for event in events], telling(), telling()


def _state_after(batches: list[list[dict[str, Any]]]) -> dict[str, list[str]]:
    """The state after telling, undone again."""
    with transaction.atomic():
        for batch in batches:
            assert all(outcome.outcome != "rejected" for outcome in take(*batch))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        state = dump()
        assert Resolution.objects.count() == Invitation.objects.count()
        transaction.set_rollback(True)
    return state


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    tellings=_tellings(),
    quiet=st.booleans(),
    cooldown=st.sampled_from((0, 1, 30)),
    cadence=st.sampled_from((None, 20, 60)),
)
def test_events_in_any_order_end_in_the_same_state(
    tellings: tuple[list[list[dict[str, Any]]], ...],
    quiet: bool,
    cooldown: int,
    cadence: int | None,
) -> None:
    ensure_defaults()
    if not Suppression.objects.exists():
        SuppressionFactory(email="gone@example.com")
    hours = {"start": "21:00", "end": "08:00"} if quiet else None
    Policy.objects.update(
        quiet_hours=hours,
        weekdays=[1, 2, 3, 4, 5] if quiet else None,
        cooldown_days=cooldown,
        cause_days=cadence,
    )
    first, *others = [_state_after(telling) for telling in tellings]
    for other in others:
        assert other == first
