"""Aggregation: 10,000 answers of three days into every rollup, on a history of N and of 10 N.

The limit is one SQL statement that counts the same 10,000 answers into the same tables, rolled back
before the real thing runs on the same rows.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable

from bench.table import Row

SIZES = {"small": 20_000, "normal": 100_000, "large": 1_000_000}
LAST_DAY = dt.date(2026, 11, 20)
BATCH = 10_000
TURNS = 5
AGENTS, CAUSES, DAYS = 200, 40, 730
SECONDS = 1.0


def run(size: str) -> list[Row]:
    """Rows: the batch on N, the batch on 10 N, and a whole rebuild of 10 N."""
    from django.core.management import call_command

    n_history = SIZES[size]
    call_command("flush", interactive=False, verbosity=0)
    _history(n_history, seed=1)
    small, small_limit = _measured(seed=100)
    _history(9 * n_history, seed=2)
    large, large_limit = _measured(seed=200)
    whole, n_answers = _rebuilt()
    call_command("flush", interactive=False, verbosity=0)
    growth = f"on 10 × the history {large / small:.2f} × the time"
    return [
        _row(f"aggregation of {BATCH:,} on {n_history:,}", small, small_limit, ""),
        _row(f"aggregation of {BATCH:,} on {10 * n_history:,}", large, large_limit, growth),
        Row(
            path=f"rebuild of {n_answers:,}",
            figure=n_answers / whole,
            unit="answers/s",
            limit=None,
            ratio=None,
            target="",
            passed=None,
            note=f"{whole:.1f} s in one process, {whole / large:.0f} × the batch",
        ),
    ]


def _row(path: str, figure: float, limit: float, note: str) -> Row:
    return Row(
        path=path,
        figure=figure,
        unit="s",
        limit=limit,
        ratio=limit / figure,
        target=f"≤ {SECONDS:.0f} s",
        passed=figure <= SECONDS,
        note=note or f"{AGENTS} agents, {CAUSES} causes, answers of 3 days; median of {TURNS}",
    )


def _history(n: int, seed: int) -> None:
    from analytics.simulation import simulate

    simulate(
        n,
        seed,
        last_day=LAST_DAY,
        agents=AGENTS,
        causes=CAUSES,
        days=DAYS,
        response_rate=1.0,
    )


def _measured(seed: int) -> tuple[float, float]:
    """Median seconds of our batch and of the limit, taken in turn on the same answers."""
    from django.db import connection

    from analytics import aggregates
    from analytics.simulation import simulate
    from surveys.models import AnswerChange

    figures, limits = [], []
    for turn in range(TURNS):
        simulate(
            # Not everyone answers within the three days.
            17_000,
            seed + turn,
            last_day=LAST_DAY,
            agents=AGENTS,
            causes=CAUSES,
            days=3,
            response_rate=1.0,
            counted=False,
        )
        assert AnswerChange.objects.count() >= BATCH
        limits.append(_timed(_limit))
        figures.append(_timed(lambda: aggregates.apply_changes(BATCH)))
        aggregates.apply_all()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE surveys_answerchange")
    return statistics.median(figures), statistics.median(limits)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _limit() -> None:
    """One statement, its commit left out."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_one_statement())
        transaction.set_rollback(True)


def _one_statement() -> str:
    from analytics.aggregates import recount
    from analytics.frames.answers import COLUMNS, CURRENT

    upserts = []
    for rollup in recount.ROLLUPS:
        columns = ", ".join((*rollup.key, *rollup.cells))
        added = ", ".join(f"{name} = old.{name} + excluded.{name}" for name in rollup.cells)
        upserts.append(
            f"{rollup.table}_added AS (INSERT INTO {rollup.table} AS old ({columns})"  # noqa: S608
            f" SELECT {columns} FROM ({rollup.expected}) AS expected"
            f" ON CONFLICT ({', '.join(rollup.key)}) DO UPDATE SET {added})"
        )
    names = ", ".join(COLUMNS)
    return (
        "WITH facts AS MATERIALIZED (SELECT raw.* FROM (SELECT response_id FROM"  # noqa: S608
        f" surveys_answerchange ORDER BY id LIMIT {BATCH}) AS waiting CROSS JOIN LATERAL"
        f" ({CURRENT} WHERE p.id = waiting.response_id OFFSET 0) AS raw), {', '.join(upserts)}"
        f" INSERT INTO analytics_countedresponse ({names}) SELECT {names} FROM facts"
    )


def _rebuilt() -> tuple[float, int]:
    """Seconds to count everything from nothing, and how many answers that were."""
    from django.db import connection

    from analytics import aggregates

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE analytics_countedresponse, analytics_fixday, analytics_causeday,"
            " analytics_matrixday"
        )
    start = time.perf_counter()
    rebuilt = aggregates.rebuild()
    seconds = time.perf_counter() - start
    assert aggregates.verify() == []
    return seconds, rebuilt.n
