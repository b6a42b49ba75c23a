"""Aggregation: 10,000 answers of three days into every table, on a history of N and of 10 N, and a
rebuild of everything from the raw answers by 1, 2 and 4 workers.

The limit of a batch is one SQL statement that counts the same 10,000 answers into the same tables,
rolled back before the real thing runs on the same rows. That of a rebuild is reading the same rows
by binary COPY, counting them with numpy and writing the result by COPY into empty tables.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from bench.table import Row

SIZES = {"small": 20_000, "normal": 100_000, "large": 1_000_000}
#: Loaded raw, and each row so many times.
REBUILT = {"small": (30_000, 1), "normal": (200_000, 1), "large": (1_000_000, 10)}
LAST_DAY = dt.date(2026, 11, 20)
BATCH = 10_000
TURNS = 5
AGENTS, CAUSES, DAYS = 2_000, 200, 730


def run(size: str) -> list[Row]:
    """Rows: the batch on N, the batch on 10 N, and rebuilds."""
    from django.core.management import call_command

    from bench.history import fill
    from surveys.services.publishing import ensure_defaults

    n_history = SIZES[size]
    made = {"last_day": LAST_DAY, "agents": AGENTS, "causes": CAUSES, "days": DAYS}
    measured: list[tuple[float, float]] = []
    for n in (n_history, 10 * n_history):
        call_command("flush", interactive=False, verbosity=0)
        ensure_defaults()
        fill(n, 1, **made)  # type: ignore[arg-type]
        measured.append(_measured(seed=100))
    (small, small_limit), (large, large_limit) = measured
    rows = [
        _batch(f"aggregation of {BATCH:,} on {n_history:,}", small, small_limit, None),
        _batch(
            f"aggregation of {BATCH:,} on {10 * n_history:,}", large, large_limit, large / small
        ),
    ]
    rows += _rebuilds(REBUILT[size], large)
    call_command("flush", interactive=False, verbosity=0)
    return rows


def _batch(path: str, figure: float, limit: float, growth: float | None) -> Row:
    note = f"{AGENTS:,} agents, {CAUSES} causes, answers of 3 days; median of {TURNS}"
    if growth is not None:
        note = f"{growth:.2f} × the time on a tenth of the history (asked: ≤ 1.2)"
    return Row(
        path=path,
        figure=figure,
        unit="s",
        limit=limit,
        ratio=limit / figure,
        target="≥ 0.25",
        passed=limit / figure >= 0.25 and (growth is None or growth <= 1.2),
        note=note,
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


def _rebuilds(raw: tuple[int, int], batch: float) -> list[Row]:
    """From nothing, of real raw answers: by 1, 2 and 4 processes. And what else reads them."""
    from django.core.management import call_command

    from analytics.simulation import simulate
    from bench import raw_reads
    from bench.raw_history import multiply
    from surveys.models import Response
    from surveys.services.publishing import ensure_defaults

    call_command("flush", interactive=False, verbosity=0)
    ensure_defaults()
    made = {"last_day": LAST_DAY, "agents": AGENTS, "causes": CAUSES, "days": DAYS}
    simulate(raw[0], 1, **made, response_rate=1.0, counted=False)  # type: ignore[arg-type]
    if raw[1] > 1:
        multiply(raw[1])
    answers = Response.objects.count()
    limit, alone, all_work, rows = _timed_limit(), 0.0, 0.0, []
    for workers in (1, 2, 4):
        seconds, peak, work = _by(workers)
        alone, all_work = alone or seconds, all_work or work
        few = workers <= (os.cpu_count() or 1)
        rows.append(
            Row(
                path=f"rebuild of {answers:,} by {workers}",
                figure=seconds,
                unit="s",
                limit=limit,
                ratio=limit / seconds,
                target="≥ 0.5, < 1024 MB each" if workers == 1 else "",
                passed=limit / seconds >= 0.5 and peak < 1024 if workers == 1 else None,
                note=f"{alone / seconds:.2f} × as fast as one, with {work / all_work:.2f} × its"
                f" processor time; {peak} MB in the largest process"
                + ("" if few else ", more processes than cores")
                + (f"; {seconds / batch:.0f} × a batch (asked: ≥ 100)" if workers == 1 else ""),
            )
        )
    return [*rows, _two_readers(), *raw_reads.rows(LAST_DAY)]


_READER = """
import datetime as dt, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.db import transaction
from analytics.aggregates import raw
def read():
    with transaction.atomic():
        raw.stage(*map(dt.date.fromisoformat, sys.argv[1:]))
        raw.columns()
read()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    read()
"""


def _two_readers() -> Row:
    """What two processes that share nothing but the machine get done: each reads the raw answers of
    a month and writes nothing. No rebuild by two workers can be expected to do better."""
    month = ["2026-06-01", "2026-06-30"]
    alone = min(_readers([month]) for _ in range(2))
    both = min(_readers([month, ["2025-06-01", "2025-06-30"]]) for _ in range(2))
    note = "two processes that only read the raw answers of a month each, beside one"
    return Row("two readers", 2 * alone / both, "×", None, None, "", None, note)


def _readers(months: list[list[str]]) -> float:
    """Seconds from the start of all, warm and connected, to the end of the last."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen([sys.executable, "-c", _READER, *month], **pipes)  # type: ignore[call-overload]
        for month in months
    ]
    for process in processes:
        process.stdout.readline()
    start = time.perf_counter()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    return time.perf_counter() - start


_TABLES = (
    "analytics_countedresponse, analytics_fixday, analytics_causeday, analytics_matrixday,"
    " analytics_answerblock"
)
_WORKER = """
import os, resource, sys, uuid
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.db import connection
from analytics.aggregates import take
connection.ensure_connection()
server = f"/proc/{connection.connection.info.backend_pid}/stat"
print("ready", flush=True)
sys.stdin.readline()
while take(uuid.UUID(sys.argv[1])):
    pass
used = resource.getrusage(resource.RUSAGE_SELF)
seconds = used.ru_utime + used.ru_stime
if os.path.exists(server):
    ticks = open(server).read().rsplit(")", 1)[1].split()[11:13]
    seconds += sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
print(used.ru_maxrss // 1024, seconds)
"""


def _by(workers: int) -> tuple[float, int, float]:
    """Seconds to count everything from nothing by so many processes, each taking whatever range
    nobody has; the peak memory of the largest, in MB; and seconds of processors that they and,
    where it can be read, their servers took."""
    import uuid

    from django.db import connection

    from analytics.aggregates import rebuilding
    from analytics.models import RebuildPart

    ranges = rebuilding.spread(None, None)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLES}")
        cursor.execute("CHECKPOINT")
    run = uuid.uuid4()
    RebuildPart.objects.bulk_create(
        [RebuildPart(run=run, from_date=first, to_date=last) for first, last in ranges]
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen([sys.executable, "-c", _WORKER, str(run)], **pipes)  # type: ignore[call-overload]
        for _ in range(workers)
    ]
    for process in processes:
        process.stdout.readline()
    start = time.perf_counter()
    peaks, work = [0], 0.0
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        out, _ = process.communicate()
        peak, used = out.strip().splitlines()[-1].split()
        peaks.append(int(peak))
        work += float(used)
        assert process.returncode == 0
    seconds = time.perf_counter() - start
    assert not RebuildPart.objects.filter(run=run, done_at=None).exists()
    return seconds, max(peaks), work


def _timed_limit() -> float:
    """Read, count, write: each in the largest steps there are, into empty tables, rolled back."""
    from django.db import connection, transaction

    from analytics.aggregates import blocks, columnar, raw, rebuilding, resolutions

    ranges = list(rebuilding._ranges(None, None))
    start = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLES}")
        for first, last in ranges:
            raw.stage(first, last)
            days, block = raw.columns()
            for cells in columnar.runs(days, block):
                _copied(cells)
            blocks.insert(list(columnar.by_day(days, block)))
            raw.count_rows()
            resolutions.pack_range(first, last)
        transaction.set_rollback(True)
    return time.perf_counter() - start


def _copied(cells: object) -> None:
    """Cells by COPY into a table of the same columns and index, that knows no others."""
    from django.db import connection

    from analytics.aggregates import bulk
    from analytics.aggregates.cells import KEY, MATRIX_KEY
    from analytics.aggregates.columnar import Run

    assert isinstance(cells, Run)
    key = MATRIX_KEY if cells.table == "analytics_matrixday" else KEY
    with connection.cursor() as cursor:
        target = f"copied_{cells.table}"
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {target} ON COMMIT DROP"  # noqa: S608
            f" AS SELECT * FROM {cells.table} WITH NO DATA"
        )
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {target}_key ON {target} ({', '.join(key)})")
        names = ", ".join((*key, *cells.cells))
        with cursor.copy(f"COPY {target} ({names}) FROM STDIN (FORMAT binary)") as copy:
            copy.write(bulk._HEADER)
            copy.write(bulk._binary(cells, key).tobytes())
            copy.write(bulk._TRAILER)
