"""What reads raw rows, however many there are: response rates, cases under filters; and what noting
the changed days of cases costs their intake.

Response rates and cases have no limit but the bound of a filtered report; PostgreSQL reads their
rows itself. On a large installation what takes long is kept for a while: measured is the counting.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.table import Row

TURNS = 3
BOUND = 0.3
BATCH, BATCHES = 1_000, 5


def rows(last_day: dt.date) -> list[Row]:
    """One row per question, on the rows that are there; and one for the trigger."""
    from analytics import aggregates
    from analytics.frames import sent
    from analytics.frames.selection import Selection
    from surveys.models import Invitation
    from surveys.services.access import API_REPORTS

    aggregates.recount_cases(at_once=True)
    n = Invitation.objects.count()
    questions: dict[str, Callable[[Any], object]] = {
        "response rates": sent.dispositions,
        "cases by cause": sent.cases_by_cause,
    }
    found = []
    for words, filters in _asked(last_day).items():
        selection = Selection.of(filters, API_REPORTS)
        for name, question in questions.items():
            seconds = _median(lambda question=question, s=selection: question(s))  # type: ignore[misc]
            found.append(
                Row(
                    path=f"{name}, {words}",
                    figure=seconds * 1000,
                    unit="ms",
                    limit=None,
                    ratio=None,
                    target="≤ 300 ms",
                    passed=seconds <= BOUND,
                    note=f"{n:,} invitations, counted from their rows",
                )
            )
    return [*found, _noting()]


def _asked(last_day: dt.date) -> dict[str, Any]:
    """Filters by what they are in words."""
    from analytics.filters import Filters

    return {
        **{
            f"{days} d": Filters(from_=last_day - dt.timedelta(days=days - 1), to=last_day)
            for days in (7, 90, 365)
        },
        "2 channels, 2 languages, by resolution": Filters(
            channel=("phone", "chat"), language=("en", "de"), by="resolved"
        ),
        "3 causes, 1 team": Filters(
            cause=tuple(f"sim-cause-1-{k}" for k in (1, 2, 3)), team=("Simulated team 1-1",)
        ),
    }


def _noting() -> Row:
    """Intake of batches with and without the trigger that notes changed days, in turn."""
    from django.db import connection

    from bench.intake import _bodies, _client

    post, times = _client(), {"ENABLE": [], "DISABLE": []}  # type: tuple[Any, dict[str, list[float]]]
    bodies = list(_bodies(2 * BATCH * BATCHES + BATCH, "noted"))
    assert post(bodies[-1]) == 201
    for place, body in enumerate(bodies[:-1]):
        done = "ENABLE" if place % 2 else "DISABLE"
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE surveys_resolution {done} TRIGGER analytics_cases_came")
        start = time.perf_counter()
        assert post(body) == 201
        times[done].append(time.perf_counter() - start)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE surveys_resolution ENABLE TRIGGER analytics_cases_came")
    noted, bare = (statistics.median(times[done]) for done in ("ENABLE", "DISABLE"))
    return Row(
        path=f"intake of {BATCH:,} cases, days noted",
        figure=noted * 1000,
        unit="ms",
        limit=bare * 1000,
        ratio=bare / noted,
        target="≥ 0.95",
        passed=bare / noted >= 0.95,
        note="limit: without the trigger that notes which days' cases to count again",
    )


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(TURNS + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])
