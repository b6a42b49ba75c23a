"""Webhooks: signed calls at 200 a second, each answered once it is committed, while a worker turns
what waits into cases.

Calls are due on the clock whatever the server does, so a stall is not hidden by sending less. The
limit is a link that opens nothing, on the same server at the same rate: what any request costs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import statistics
import threading
import time

from bench.answers import PROCESSES, THREADS, _serving
from bench.http_load import Outcome, load
from bench.table import Row

SIZES = {"small": 1_000, "normal": 4_000, "large": 20_000}
PER_SECOND = 200
CONNECTIONS = 16
TARGET = 0.05


def run(size: str) -> list[Row]:
    """One row: the median answer at 200 calls a second."""
    from django.conf import settings
    from django.core.management import call_command

    from surveys.services import connections
    from surveys.services.publishing import ensure_defaults

    n = SIZES[size]
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    ensure_defaults()
    made = connections.make("generic", "Bench")
    secret = connections.secrets_of(made)[0]
    with _serving("config.wsgi:application") as port:
        load(port, _calls(made.slug, secret, 200, "warm"), CONNECTIONS, PER_SECOND)
        taken: list[int] = []
        stop = threading.Event()
        worker = threading.Thread(target=_work, args=(stop, taken))
        worker.start()
        told = load(port, _calls(made.slug, secret, n, "case"), CONNECTIONS, PER_SECOND)
        stop.set()
        worker.join()
        page = load(port, [_get()] * 1_000, CONNECTIONS, PER_SECOND)
    call_command("flush", interactive=False, verbosity=0)
    return [_row(n, told, page, sum(taken))]


def _row(n: int, told: Outcome, page: Outcome, n_taken: int) -> Row:
    assert set(told.statuses) == {202}, told.statuses
    median, p99 = told.percentiles
    bare = statistics.median(page.latencies)
    return Row(
        path="hooks: median answer at 200/s",
        figure=1000 * median,
        unit="ms",
        limit=1000 * bare,
        ratio=bare / median,
        target=f"< {1000 * TARGET:.0f} ms",
        passed=median < TARGET,
        note=f"p99 {1000 * p99:.1f} ms; {n:,} calls, {PROCESSES} × {THREADS} threads, "
        f"{n_taken:,} taken in meanwhile; limit: a link that opens nothing",
    )


def _work(stop: threading.Event, taken: list[int]) -> None:
    from django.db import connection

    from surveys.services import hook_work

    while not stop.is_set():
        taken.append(hook_work.work_off(0.5).taken)
        stop.wait(0.3)
    connection.close()


def _calls(slug: str, secret: str, n: int, prefix: str) -> list[bytes]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = str(int(time.time()))
    requests = []
    for number in range(n):
        event_id = f"{prefix}-{number}"
        body = json.dumps(
            {
                "external_id": event_id,
                "status": "resolved",
                "resolved_at": "2026-03-02T09:30:00Z",
                "customer": {"email": f"{event_id}@example.com", "language": "en"},
                "agents": [{"external_id": f"a{number % 50}", "name": "Bo Lind"}],
                "team": "First line",
                "subject": "No connection since Monday",
            }
        ).encode()
        signed = hmac.new(key, f"{event_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
        head = (
            f"POST /hooks/{slug}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"webhook-id: {event_id}\r\nwebhook-timestamp: {stamp}\r\n"
            f"webhook-signature: v1,{base64.b64encode(signed).decode()}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


def _get() -> bytes:
    return b"GET /s/no-such-link/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
