"""A long backlog of due invitations: worked off as quickly as a short one, in the same memory.

Two worker processes take the whole of it. Its rate is held against that of backlogs of a thousand,
which two workers that live on take one after the other, each time over connections opened anew, as
beat wakes them; and the rate of its first tenth, while nearly all of it waits behind, against that
of its last. A rate is taken from the first mail to the last: what is said about the length of a
backlog is that it makes no mail dearer. Until the first, connections are opened, which takes as
long for a million as for a thousand; it stands in the note, with the rate that this makes of a
thousand. A worker's memory is read when a tenth is sent, and at its largest from there to the end.
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
from multiprocessing.synchronize import Barrier
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
    """Mails a second of the long backlog beside short ones, first beside last; workers' memory."""
    from django.core.management import call_command

    n_mails = SIZES[size]
    with sink() as (port, taken):
        short = _short_ones(port, taken)
        long = _worked_off(n_mails, port, taken)
        short += _short_ones(port, taken)
    call_command("flush", interactive=False, verbosity=0)
    usual = statistics.median(one.rate for one in short)
    first, last = n_mails / 10 / long.first_tenth, n_mails / 10 / long.last_tenth
    spread = (
        f"{min(one.rate for one in short):,.0f} to {max(one.rate for one in short):,.0f};"
        f" {1000 * statistics.median(one.until_first for one in short):.0f} ms until the first"
        f" mail, with these {statistics.median(one.from_call for one in short):,.0f} mails/s"
    )
    return [
        _alike(
            f"backlog of {n_mails:,}",
            (n_mails / long.seconds, usual),
            f"beside {len(short)} backlogs of {SHORT:,} ({spread})",
        ),
        _alike(f"first tenth of {n_mails:,}", (first, last), "beside its last tenth"),
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


def _alike(path: str, rates: tuple[float, float], note: str) -> Row:
    """Two rates that are to be the same within a tenth."""
    ratio = rates[0] / rates[1]
    return Row(path, rates[0], "mails/s", rates[1], ratio, "0.9 to 1.1", 0.9 <= ratio <= 1.1, note)


@dataclass(frozen=True)
class _Short:
    """Of a short backlog: mails a second from the first to the last and from the call that wakes
    the workers, seconds from that call to the first mail."""

    rate: float
    from_call: float
    until_first: float


def _short_ones(port: int, taken: Synchronized[int]) -> list[_Short]:
    """Some short backlogs, sent by the same two processes."""
    from django.core.management import call_command

    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(dispatch.PROCESSES + 1)
    workers = [
        context.Process(target=_live_on, args=(barrier, port, TURNS + 1))
        for _ in range(dispatch.PROCESSES)
    ]
    for worker in workers:
        worker.start()
    found = []
    for _ in range(TURNS + 1):
        call_command("flush", interactive=False, verbosity=0)
        dispatch._fill_outbox(SHORT)
        before = taken.value
        barrier.wait(60)
        started = time.perf_counter()
        first = _when(taken, before + 1) - started
        last = _when(taken, before + SHORT) - started
        barrier.wait(60)
        ended = time.perf_counter() - started
        found.append(_Short(SHORT / (last - first), SHORT / ended, first))
        dispatch._check(SHORT, taken.value - before)
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * dispatch.PROCESSES
    return found[1:]  # the first finds every process cold


def _when(taken: Synchronized[int], n: int) -> float:
    """The moment at which the sink had taken so many."""
    for _ in range(60_000):
        if taken.value >= n:
            return time.perf_counter()
        time.sleep(0.001)
    raise TimeoutError("the workers do not send")


def _live_on(barrier: Barrier, port: int, rounds: int) -> None:
    """A worker process: asleep until the outbox is filled, at work until it is empty."""
    dispatch._be_a_worker(port)
    for _ in range(rounds):
        barrier.wait(60)
        dispatch._empty_outbox()
        barrier.wait(60)


@dataclass
class _Run:
    """Seconds from the first mail to the last, of the first and the last tenth of them; the larger
    worker's MB after the first and at most from then on."""

    seconds: float = 0.0
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
    return run


def _watched(workers: Sequence[BaseProcess], done: Callable[[], float]) -> _Run:
    """Wait for the end of all."""
    run, started = _Run(), time.perf_counter()
    begun = late = left = ended = 0.0
    while any(worker.is_alive() for worker in workers):
        wait([worker.sentinel for worker in workers if worker.is_alive()], _POLL)
        now, part = time.perf_counter() - started, done()
        held = max((_megabytes(worker.pid) for worker in workers), default=0.0)
        if part and not begun:
            begun = now
        if part >= 0.1 and held:
            run.first_tenth = run.first_tenth or (now - begun) * 0.1 / part
            run.early = run.early or held
            run.peak = max(run.peak, held)
        if part >= 0.9 and not late:
            late, left = now, 1 - part
        if part >= 1 and not ended:
            ended = now
    ended = ended or time.perf_counter() - started  # the last worker was gone at once
    run.seconds = ended - begun
    run.last_tenth = (ended - late) * 0.1 / left if late and left else run.seconds / 10
    return run


def _megabytes(pid: int | None) -> float:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20
