"""Intake: cases by API, replayed, and on top of ten times the history.

The limit is the same rows, once stored, copied into the same emptied tables with their indexes and
constraints, in as many transactions. API requests go through the whole Django stack in this
process; what HTTP itself costs is not in the figure.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from bench.table import Row

SIZES = {"small": 5_000, "normal": 20_000, "large": 100_000}
BATCH = 1_000
TURNS = 3
TARGET = 0.35
# In order of reference; people first, then what happened to them.
TABLES = (
    "team", "product", "cause", "agent", "customer", "case", "caseevent", "resolution",
    "resolutionagent", "invitation", "delivery",
)  # fmt: skip
SHARED = ("team", "product", "cause", "agent")


def run(size: str) -> list[Row]:
    """Rows for first arrival, replay, and arrival with history."""
    n_cases = SIZES[size]
    firsts, replays, limits = [], [], []
    for turn in range(TURNS):
        empty()
        post = _client()
        bodies = list(_bodies(n_cases, f"t{turn}"))
        firsts.append(n_cases / _timed(lambda p=post, b=bodies: _post_all(p, b, 201)))
        replays.append(n_cases / _timed(lambda p=post, b=bodies: _post_all(p, b, 200)))
        limits.append(n_cases / copy_again(n_cases // BATCH))
    first, limit = statistics.median(firsts), statistics.median(limits)
    replay = statistics.median(replays)
    with_history = _with_history(n_cases)
    note = f"{n_cases:,} cases, {BATCH:,} a request, in process"
    rows = [
        _row("intake by API", first, limit, f"≥ {TARGET}", first / limit >= TARGET, note),
        _row("intake replayed", replay, first, "≥ 2 of first", replay / first >= 2, note),
        _row(
            "intake with history",
            with_history,
            first,
            "",
            None,
            f"{n_cases // 5:,} cases on {10 * n_cases // 5:,}; limit is the empty database",
        ),
    ]
    empty()
    return rows


def _row(
    path: str, figure: float, limit: float, target: str, passed: bool | None, note: str
) -> Row:
    return Row(
        path=path,
        figure=figure,
        unit="cases/s",
        limit=limit,
        ratio=figure / limit,
        target=target,
        passed=passed,
        note=note,
    )


def _bodies(n_cases: int, name: str) -> Iterable[bytes]:
    """Requests of 1,000 cases each: every customer new, agents and causes shared."""
    resolved_at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)
    for start in range(0, n_cases, BATCH):
        cases = [
            {
                "source": "bench",
                "external_id": f"{name}-{n}",
                "status": "resolved",
                "opened_at": (resolved_at - timedelta(hours=20)).isoformat(),
                "resolved_at": (resolved_at - timedelta(seconds=n)).isoformat(),
                "customer": {
                    "email": f"{name}.{n}@example.com",
                    "name": f"Customer {n}",
                    "language": "de",
                    "timezone": "Europe/Berlin",
                },
                "agents": [{"external_id": f"a{n % 200}", "name": f"Agent {n % 200}"}],
                "team": f"Team {n % 12}",
                "product": f"Product {n % 8}",
                "cause": f"cause-{n % 80}",
                "channel": ("phone", "mail", "chat")[n % 3],
                "subject": f"No signal since the change of plan {n}",
                "severity": str(n % 4),
                "tags": ["mobile", f"t{n % 9}"],
            }
            for n in range(start, min(n_cases, start + BATCH))
        ]
        yield json.dumps({"cases": cases}).encode()


def _client() -> Callable[[bytes], int]:
    from django.conf import settings
    from django.test import Client

    from surveys.services import keys

    # The limiter is generous to people and would only measure itself here.
    settings.API_REQUESTS_PER_SECOND = 1e6
    settings.ALLOWED_HOSTS = ["*"]
    _, secret = keys.create("bench", ["cases:write"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def post(body: bytes) -> int:
        return client.post("/api/v1/cases/", body, content_type="application/json").status_code

    return post


def _post_all(post: Callable[[bytes], int], bodies: Iterable[bytes], expected: int) -> None:
    for body in bodies:
        assert post(body) == expected


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def empty() -> None:
    """A database as after installation."""
    from django.core.management import call_command

    from surveys.services.publishing import ensure_defaults

    call_command("flush", interactive=False, verbosity=0)
    ensure_defaults()


def copy_again(n_batches: int) -> float:
    """Seconds to copy all rows of intake into the same tables, emptied, in `n_batches` commits."""
    from django.db import connection, transaction

    parts: dict[str, list[bytes]] = {}
    names = ", ".join(f"surveys_{table}" for table in TABLES if table not in SHARED)
    with connection.cursor() as cursor:
        for table in TABLES:
            query = f"COPY (SELECT * FROM surveys_{table} ORDER BY id) TO STDOUT"  # noqa: S608
            with cursor.cursor.copy(query) as source:
                lines = bytes(b"".join(source)).splitlines(keepends=True)
            # What is shared by all cases comes with the first batch.
            step = len(lines) if table in SHARED else -(-len(lines) // n_batches)
            parts[table] = [b"".join(lines[n : n + step]) for n in range(0, len(lines), step)]
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        # Not truncated: users belong to teams, and published versions to users.
        for table in reversed(SHARED):
            cursor.execute(f"DELETE FROM surveys_{table}")  # noqa: S608

    def copy() -> None:
        for number in range(n_batches):
            with transaction.atomic(), connection.cursor() as cursor:
                for table in TABLES:
                    if number < len(parts[table]):
                        with cursor.cursor.copy(f"COPY surveys_{table} FROM STDIN") as sink:
                            sink.write(parts[table][number])

    return _timed(copy)


def _with_history(n_cases: int) -> float:
    """Cases a second where ten times as many are stored already."""
    empty()
    post = _client()
    n_new = n_cases // 5 // BATCH * BATCH or BATCH
    _post_all(post, _bodies(10 * n_new, "history"), 201)
    bodies = list(_bodies(n_new, "new"))
    return n_new / _timed(lambda: _post_all(post, bodies, 201))
