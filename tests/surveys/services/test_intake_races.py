"""Batches that arrive at the same moment, on threads with connections of their own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from surveys.models import Case, CaseEvent, Invitation, Resolution
from surveys.services.publishing import ensure_defaults
from tests.surveys.services.told import at, case, take
from tests.threads import PATIENCE, at_once

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


class Interposed:
    """Starts other work before statement n, and goes on once that has ended or waits for us."""

    def __init__(self, n: int, work: Callable[[], object]) -> None:
        self.has_come = False
        self._left, self._work, self._pid = n, work, 0
        self._thread = Thread(target=self._run)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self._left -= 1
        if self._left < 0 and not self.has_come:
            self.has_come = True
            self._thread.start()
            self._wait()
        return execute(sql, params, many, context)

    def join(self) -> None:
        if self.has_come:
            self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self._pid = cursor.fetchone()[0]
            self._work()
        finally:
            connection.close()

    def _wait(self) -> None:
        ends_at = time.monotonic() + PATIENCE
        while self._thread.is_alive() and time.monotonic() < ends_at:
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [self._pid])
                if cursor.fetchone()[0]:
                    return
            time.sleep(0.001)


def test_another_batch_at_any_statement_ends_in_the_same_state() -> None:
    """Each event names another customer, so that nothing but the case itself is shared."""

    def told(n: int, status: str, hours: int) -> dict[str, Any]:
        return case(
            external_id=str(n),
            status=status,
            resolved_at=at(hours) if status == "resolved" else None,
            occurred_at=at(hours),
            customer={"email": f"{status}{hours}.{n}@example.com"},
        )

    for n in range(100):
        take(told(n, "resolved", 9))
        other = Interposed(n, partial(take, told(n, "resolved", 5)))
        with connection.execute_wrapper(other):
            take(told(n, "reopened", 7))
        other.join()
        if not other.has_come:
            break
        where = f"before statement {n}"
        stored = Case.objects.get(external_id=str(n))
        assert CaseEvent.objects.filter(case=stored).count() == 3, where
        resolutions = Resolution.objects.filter(case=stored).order_by("resolved_at")
        ended = [resolution.reopened_at is not None for resolution in resolutions]
        assert (stored.status, ended) == ("resolved", [True, False]), where
        surveys = [resolution.invitation.status for resolution in resolutions]
        assert surveys == ["cancelled", "scheduled"], where
    else:
        raise AssertionError("it never came to an end")
    assert n >= 8
