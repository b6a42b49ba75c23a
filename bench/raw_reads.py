"""Response rates and cases, counted from the packed columns of all resolutions, beside their bound;
what packing a day costs; and what noting the changed days costs intake.

Everything is counted anew each time: nothing of these is kept but the columns.
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
#: Tables whose only triggers of ours are those that note days.
_NOTED = ("surveys_resolution", "surveys_resolutionagent", "surveys_invitation")


def rows(last_day: dt.date) -> list[Row]:
    """One row per question, on the rows that are there; and one for the trigger."""
    from analytics import aggregates
    from analytics.frames import resolutions, sent
    from analytics.frames.selection import Selection
    from surveys.models import Invitation
    from surveys.services.access import API_REPORTS

    packing = _packing(last_day)
    aggregates.pack_days(at_once=True)
    assert resolutions.is_packed()
    n = Invitation.objects.count()
    questions: dict[str, Callable[[Any], object]] = {
        "response rates": sent.dispositions,
        "cases by cause": sent.cases_by_cause,
        "cases by kind": sent.resolved_by_kind,
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
                    note=f"{n:,} invitations, from the packed columns",
                )
            )
    return [*found, packing, _noting()]


def _packing(last_day: dt.date) -> Row:
    """Packing one day with the whole history beside it."""
    from django.db import transaction

    from analytics.aggregates import resolutions, write
    from surveys.models import Resolution

    day = last_day - dt.timedelta(days=100)
    n = Resolution.objects.filter(resolved_at__date=day).count()

    def pack() -> None:
        with transaction.atomic():
            write.lock()
            resolutions.pack([day])

    seconds = _median(pack)
    return Row(
        path="packing the resolutions of a day",
        figure=seconds * 1000,
        unit="ms",
        limit=None,
        ratio=None,
        target="",
        passed=None,
        note=f"{n:,} resolutions; the job then rests {resolutions.REST} times as long",
    )


def _asked(last_day: dt.date) -> dict[str, Any]:
    """Filters by what they are in words."""
    from analytics.filters import Filters

    return {
        **{
            f"{days} d": Filters(from_=last_day - dt.timedelta(days=days - 1), to=last_day)
            for days in (7, 28, 90, 365)
        },
        "all": Filters(),
        "20 agents, 365 d by resolution": Filters(
            agent=tuple(f"sim-agent-1-{k}" for k in range(1, 21)),
            from_=last_day - dt.timedelta(days=364),
            to=last_day,
            by="resolved",
        ),
        "2 channels, 2 languages, by resolution": Filters(
            channel=("phone", "chat"), language=("en", "de"), by="resolved"
        ),
        "3 causes, 1 team": Filters(
            cause=tuple(f"sim-cause-1-{k}" for k in (1, 2, 3)), team=("Simulated team 1-1",)
        ),
    }


def _noting() -> Row:
    """Intake of batches with and without the triggers that note changed days, in turn."""
    from django.db import connection

    from bench.intake import _bodies, _client

    post, times = _client(), {"ENABLE": [], "DISABLE": []}  # type: tuple[Any, dict[str, list[float]]]
    bodies = list(_bodies(2 * BATCH * BATCHES + BATCH, "noted"))
    assert post(bodies[-1]) == 201
    for place, body in enumerate(bodies[:-1]):
        done = "ENABLE" if place % 2 else "DISABLE"
        with connection.cursor() as cursor:
            for table in _NOTED:
                cursor.execute(f"ALTER TABLE {table} {done} TRIGGER USER")
        start = time.perf_counter()
        assert post(body) == 201
        times[done].append(time.perf_counter() - start)
    with connection.cursor() as cursor:
        for table in _NOTED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    noted, bare = (statistics.median(times[done]) for done in ("ENABLE", "DISABLE"))
    return Row(
        path=f"intake of {BATCH:,} cases, days noted",
        figure=noted * 1000,
        unit="ms",
        limit=bare * 1000,
        ratio=bare / noted,
        target="≥ 0.95",
        passed=bare / noted >= 0.95,
        note="limit: without the triggers that note which days to pack again",
    )


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(TURNS + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])
