"""CSV of 100,000 answers, beside PostgreSQL's COPY of the same columns of the same answers.

Taken in turn in one process, from the view to the last byte; what HTTP itself costs is not in the
figure. Memory is the growth of the process's peak over the first, warm, file.
"""

from __future__ import annotations

import datetime as dt
import resource
import statistics
import time
from collections.abc import Callable

from bench.table import Row

SIZES = {"small": 10_000, "normal": 100_000, "large": 100_000}
LAST_DAY = dt.date(2026, 11, 20)
TURNS = 5
FLAT_MB = 20


def run(size: str) -> list[Row]:
    """One row."""
    from django.core.management import call_command

    from analytics.simulation import simulate
    from surveys.models import Response
    from surveys.services.publishing import ensure_defaults

    call_command("flush", interactive=False, verbosity=0)
    ensure_defaults()
    cases = int(SIZES[size] * 1.03)
    simulate(cases, 1, last_day=LAST_DAY, agents=200, causes=50, days=90, response_rate=1.0)
    export, answers = _export(), Response.objects.count()
    lengths = [export(), export()]
    peak = _peak()
    ours, joined, plain = [], [], []
    for _ in range(TURNS):
        ours.append(_timed(export))
        joined.append(_timed(lambda: _copy(_same_columns())))
        plain.append(_timed(lambda: _copy("surveys_response")))
    grown = _peak() - peak
    call_command("flush", interactive=False, verbosity=0)
    seconds, limit, bare = (statistics.median(one) for one in (ours, joined, plain))
    return [
        Row(
            path=f"CSV of {answers:,} answers",
            figure=answers / seconds,
            unit="answers/s",
            limit=answers / limit,
            ratio=limit / seconds,
            target=f"≥ 0.5, memory flat (≤ {FLAT_MB} MB more)",
            passed=limit / seconds >= 0.5 and grown <= FLAT_MB,
            note=f"{seconds:.2f} s, {lengths[0] / 1e6:.0f} MB of text, {grown} MB more in memory;"
            f" COPY of the answers' table alone, without case, people and names:"
            f" {answers / bare:,.0f}/s, ratio {bare / seconds:.2f}",
        )
    ]


def _export() -> Callable[[], int]:
    """Fetch the file through the view; how many bytes it has."""
    from django.conf import settings
    from django.test import Client

    from surveys.services import keys

    settings.API_REQUESTS_PER_SECOND = 1e6
    settings.ALLOWED_HOSTS = ["*"]
    _, secret = keys.create("bench", ["responses:read"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def export() -> int:
        answer = client.get("/api/v1/responses/?format=csv")
        assert answer.status_code == 200
        return sum(len(chunk) for chunk in answer.streaming_content)

    return export


def _same_columns() -> str:
    """What the export says, in the plainest words there are for it."""
    from analytics.frames.listed import ALL_HANDLED, COLUMNS, DETAIL, FROM, ORDER

    chosen = "WITH chosen AS (SELECT id AS resolution_id FROM surveys_resolution)"
    return f"({chosen} SELECT {', '.join(COLUMNS)} {FROM} {DETAIL} {ALL_HANDLED} {ORDER})"


def _copy(what: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        statement = f"COPY {what} TO STDOUT (FORMAT csv)"
        with cursor.cursor.copy(statement) as copy:
            return sum(len(row) for row in copy)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
