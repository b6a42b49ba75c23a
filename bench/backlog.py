"""A long backlog of due invitations: worked off as quickly as a short one, in the same memory.

Two worker processes take the whole of it. The limit is what they reach on backlogs of a thousand,
one after the other, before and after. A worker's memory is read when a tenth is sent, and at its
largest from there to the end.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from bench import dispatch
from bench.smtp_sink import sink
from bench.table import Row

SIZES = {"small": 10_000, "normal": 100_000, "large": 1_000_000}
SHORT = 1_000
TURNS = 5
#: MB that a worker may grow by: pages of its allocator, not something kept for each mail.
GROWTH = 8
_POLL = 0.1


def run(size: str) -> list[Row]:
    """Two rows: mails a second of the long backlog beside short ones; memory of the workers."""
    from django.core.management import call_command

    n_mails = SIZES[size]
    with sink() as (port, taken):
        short = [_rate(SHORT, port, taken)[0] for _ in range(TURNS)]
        rate, early, peak = _rate(n_mails, port, taken)
        short += [_rate(SHORT, port, taken)[0] for _ in range(TURNS)]
    call_command("flush", interactive=False, verbosity=0)
    limit = statistics.median(short)
    return [
        Row(
            path=f"backlog of {n_mails:,}",
            figure=rate,
            unit="mails/s",
            limit=limit,
            ratio=rate / limit,
            target="≥ 0.9",
            passed=rate / limit >= 0.9,
            note=f"limit: backlogs of {SHORT:,}, starting and ending included; median of"
            f" {2 * TURNS}, {min(short):,.0f} to {max(short):,.0f}",
        ),
        Row(
            path=f"memory over {n_mails:,} mails",
            figure=peak,
            unit="MB",
            limit=None,
            ratio=None,
            target=f"≤ {GROWTH} MB more than after a tenth",
            passed=peak - early <= GROWTH,
            note=f"the larger of two workers; {early:.0f} MB after a tenth",
        ),
    ]


def _rate(n_mails: int, port: int, taken: Synchronized[int]) -> tuple[float, float, float]:
    """Mails a second, and the larger worker's MB after a tenth of them and at most from then on."""
    from django.core.management import call_command

    call_command("flush", interactive=False, verbosity=0)
    dispatch._fill_outbox(n_mails)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(dispatch.PROCESSES + 1)
    workers = [
        context.Process(target=dispatch._dispatch, args=(barrier, port))
        for _ in range(dispatch.PROCESSES)
    ]
    for worker in workers:
        worker.start()
    before = taken.value
    barrier.wait(60)
    started = time.perf_counter()
    early, peak = _watched(workers, lambda: taken.value - before >= n_mails / 10)
    took = time.perf_counter() - started
    assert [worker.exitcode for worker in workers] == [0] * dispatch.PROCESSES
    dispatch._check(n_mails, taken.value - before)
    return n_mails / took, early, peak


def _watched(workers: Sequence[BaseProcess], is_warm: Callable[[], bool]) -> tuple[float, float]:
    """Wait for the end of all; MB of the largest once warm, and at most afterwards."""
    early = peak = 0.0
    for worker in workers:
        while worker.is_alive():
            worker.join(_POLL)
            held = max((_megabytes(one.pid) for one in workers), default=0.0)
            if is_warm() and held:
                early = early or held
                peak = max(peak, held)
    return early, peak


def _megabytes(pid: int | None) -> float:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20
