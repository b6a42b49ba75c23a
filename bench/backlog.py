"""A long backlog of due invitations: worked off as quickly as a short one, in the same memory.

Two worker processes take the whole of it. The figure is what they reach on its first tenth, while
nearly all of it waits behind, the limit what they reach on its last. Backlogs of a thousand are
told beside it: of these, connecting takes as long as sending. A worker's memory is read when a
tenth is sent, and at its largest from there to the end.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
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
_POLL = 0.02


def run(size: str) -> list[Row]:
    """Two rows: mails a second of the long backlog beside short ones; memory of the workers."""
    from django.core.management import call_command

    n_mails = SIZES[size]
    with sink() as (port, taken):
        short = [_worked_off(SHORT, port, taken).rate for _ in range(TURNS)]
        long = _worked_off(n_mails, port, taken)
        short += [_worked_off(SHORT, port, taken).rate for _ in range(TURNS)]
    call_command("flush", interactive=False, verbosity=0)
    first, last = n_mails / 10 / long.first_tenth, n_mails / 10 / long.last_tenth
    return [
        Row(
            path=f"backlog of {n_mails:,}",
            figure=first,
            unit="mails/s",
            limit=last,
            ratio=first / last,
            target="0.9 to 1.1",
            passed=0.9 <= first / last <= 1.1,
            note=f"the first tenth beside the last, {long.rate:,.0f} over all of it; backlogs of"
            f" {SHORT:,}: {statistics.median(short):,.0f}",
        ),
        Row(
            path=f"memory over {n_mails:,} mails",
            figure=long.peak,
            unit="MB",
            limit=None,
            ratio=None,
            target=f"≤ {GROWTH} MB more than after a tenth",
            passed=long.peak - long.early <= GROWTH,
            note=f"the larger of two workers; {long.early:.0f} MB after a tenth",
        ),
    ]


@dataclass
class _Run:
    """Mails a second over all; seconds of the first and the last tenth of them; the larger worker's
    MB after the first and at most from then on."""

    rate: float = 0.0
    first_tenth: float = 0.0
    last_tenth: float = 0.0
    early: float = 0.0
    peak: float = 0.0


def _worked_off(n_mails: int, port: int, taken: Synchronized[int]) -> _Run:
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
    run = _watched(workers, lambda: (taken.value - before) / n_mails)
    assert [worker.exitcode for worker in workers] == [0] * dispatch.PROCESSES
    dispatch._check(n_mails, taken.value - before)
    run.rate = n_mails / run.rate
    return run


def _watched(workers: Sequence[BaseProcess], done: Callable[[], float]) -> _Run:
    """Wait for the end of all; `rate` is still the seconds that it took."""
    run, started, late, left = _Run(), time.perf_counter(), 0.0, 0.0
    while any(worker.is_alive() for worker in workers):
        wait([worker.sentinel for worker in workers if worker.is_alive()], _POLL)
        now, part = time.perf_counter() - started, done()
        held = max((_megabytes(worker.pid) for worker in workers), default=0.0)
        if part >= 0.1 and held:
            run.first_tenth = run.first_tenth or now * 0.1 / part
            run.early = run.early or held
            run.peak = max(run.peak, held)
        if part >= 0.9 and not late:
            late, left = now, 1 - part
    run.rate = time.perf_counter() - started
    run.last_tenth = (run.rate - late) * 0.1 / left if late and left else run.rate / 10
    return run


def _megabytes(pid: int | None) -> float:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20
