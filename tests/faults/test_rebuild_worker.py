"""Killed in the middle of a rebuild, a worker loses and doubles nothing, and no report is ever
made of half a range."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.models import F

from analytics import aggregates
from analytics.aggregates import rebuilding
from analytics.filters import Filters
from analytics.models import CountedResponse, FixDay, MatrixDay, RebuildPart
from analytics.reports.overview import overview
from surveys.models import Resolution
from surveys.services.access import EVERYTHING
from tests.analytics.answered import answer, invitations
from tests.factories import NOW
from tests.faults import databases
from tests.faults.conftest import Note
from tests.faults.workers import environment, is_ready, pool_process, wait_for, wake, worker

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc"),
]

# Each begins a month, and so a range: ranges that share a month wait for each other.
DAYS = [dt.date(NOW.year, month, 1) for month in range(NOW.month - 5, NOW.month + 1)]
A_DAY = 4  # answers
Reports = dict[dt.date, dict[str, Any]]


@pytest.fixture
def wrong() -> None:
    """Answers of six days, counted wrongly in every table."""
    for k, one in enumerate(invitations(A_DAY * len(DAYS))):
        at = dt.datetime.combine(DAYS[k % len(DAYS)], dt.time(12), tzinfo=dt.UTC)
        # On the day of the answer: two ranges that write the same row wait for each other too.
        Resolution.objects.filter(pk=one.resolution_id).update(resolved_at=at)
        answer(one, at=at, f1=1 + k % 4, f2=4, c1=1 + k % 5, c2=2, c3=3)
    aggregates.apply_all()
    CountedResponse.objects.update(f1=5)
    FixDay.objects.update(h4=F("h4") + 7)
    MatrixDay.objects.all().delete()
    assert aggregates.verify() != []


@contextmanager
def held_before_the_last_rollup() -> Iterator[None]:
    """Whoever rebuilds stands still with a range half written; readers pass."""
    with psycopg.connect(databases.url()) as holder:
        holder.execute("LOCK TABLE analytics_matrixday IN EXCLUSIVE MODE")
        yield


def n_standing_still() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted"
            " AND relation = 'analytics_matrixday'::regclass"
        )
        return int(cursor.fetchone()[0])


def reports() -> Reports:
    """Each day's report, all as of one moment."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return {day: overview(Filters(from_=day, to=day), EVERYTHING).as_dict() for day in DAYS}


def _mixed(seen: list[Reports], before: Reports, after: Reports) -> list[dt.date]:
    """Days that a reader saw in neither state."""
    return [day for one in seen for day in DAYS if one[day] not in (before[day], after[day])]


def test_killed_worker_loses_and_doubles_nothing_and_reports_see_whole_ranges(
    wrong: None, broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, note: Note
) -> None:
    monkeypatch.setattr(rebuilding, "RANGE_SIZE", A_DAY)
    log, before, seen = tmp_path / "worker.log", reports(), list[Reports]()
    done: list[aggregates.Rebuilt] = []

    def another(part: RebuildPart) -> None:
        wake(broker, "analytics.rebuild_range", run=str(part.run))

    def rebuild() -> None:
        try:
            done.append(aggregates.rebuild(wake=another))
        finally:
            connections.close_all()

    with worker(broker, log) as pid:
        wait_for(lambda: is_ready(log), log)
        rebuilder = threading.Thread(target=rebuild)
        with held_before_the_last_rollup():
            rebuilder.start()
            wait_for(lambda: n_standing_still() == 2, log)  # the worker and the caller
            victim = pool_process(pid)
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda: not Path(f"/proc/{victim}").exists(), log)
            assert reports() == before
            # A new process was told the task again, and takes the next range.
            wait_for(lambda: n_standing_still() == 3, log)
            assert reports() == before
        while rebuilder.is_alive():
            seen.append(reports())
            rebuilder.join(0.01)

    assert [one.n for one in done] == [A_DAY * len(DAYS)]
    assert aggregates.verify() == []
    assert not RebuildPart.objects.exists()
    after = reports()
    assert all(before[day] != after[day] for day in DAYS)
    assert _mixed(seen, before, after) == []
    note("pool child killed, rebuilding", "aggregate", A_DAY * len(DAYS))


def test_caller_and_worker_both_killed_leave_what_another_call_ends(
    wrong: None, broker: str, tmp_path: Path, note: Note
) -> None:
    log = tmp_path / "worker.log"
    before = reports()
    with worker(broker, log) as pid:
        wait_for(lambda: is_ready(log), log)
        with held_before_the_last_rollup():
            command = [sys.executable, "manage.py", "aggregate", "--rebuild"]
            caller = subprocess.Popen(command, env=environment(broker))
            wait_for(lambda: n_standing_still() == 1, log)
            for victim in (caller.pid, pool_process(pid), pid):
                os.kill(victim, signal.SIGKILL)
            caller.wait(20)
            assert reports() == before
    assert reports() == before

    again = tmp_path / "again.log"
    with worker(broker, again):
        wait_for(lambda: is_ready(again), again)
        command = [sys.executable, "manage.py", "aggregate", "--rebuild"]
        subprocess.run(command, env=environment(broker), check=True, timeout=90)
    assert aggregates.verify() == []
    assert reports() != before
    note("caller and worker killed, rebuilding", "aggregate", A_DAY * len(DAYS))
