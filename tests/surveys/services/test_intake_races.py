"""Batches that arrive at the same moment, on threads with connections of their own."""

from __future__ import annotations

from collections import Counter

import pytest

from surveys.models import Case, CaseEvent, Invitation, Resolution
from surveys.services.publishing import ensure_defaults
from tests.surveys.services.told import at, case, take
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _defaults() -> None:
    ensure_defaults()


def test_take_the_same_batch_four_times_at_once_is_one() -> None:
    batch = [
        case(external_id=str(n), customer={"email": f"c{n % 7}@example.com"}, team=f"T{n % 3}")
        for n in range(40)
    ]
    results = at_once(*[lambda: take(*batch)] * 4)
    outcomes = Counter(outcome.outcome for result in results for outcome in result)
    assert outcomes == {"created": 40, "unchanged": 120}
    counts = [m.objects.count() for m in (Case, CaseEvent, Resolution, Invitation)]
    assert counts == [40, 40, 40, 40]
    assert Invitation.objects.filter(status="scheduled").count() == 7


def test_take_different_events_of_the_same_cases_at_once_loses_none() -> None:
    batches = [
        [
            case(
                external_id=str(n),
                status=status,
                resolved_at=at(hours) if status == "resolved" else None,
                occurred_at=at(hours),
                customer={"email": f"c{n % 5}@example.com"},
                agents=[{"external_id": f"a{n % 3}", "name": f"Name {hours}"}],
            )
            for n in order
        ]
        for status, hours, order in (
            ("resolved", 9, range(30)),
            ("reopened", 7, reversed(range(30))),
            ("resolved", 5, range(30)),
        )
    ]
    at_once(*[lambda batch=batch: take(*batch) for batch in batches])
    assert CaseEvent.objects.count() == 90
    assert Resolution.objects.count() == 60
    assert Counter(Invitation.objects.values_list("status", flat=True)) == {
        "cancelled": 30,
        "scheduled": 5,
        "skipped": 25,
    }
    assert set(Case.objects.values_list("status", flat=True)) == {"resolved"}
