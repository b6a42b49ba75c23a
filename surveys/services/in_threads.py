"""Claims, asks over the network from several threads, and notes each end as it comes.

The threads only speak to the network; whatever touches the database is done by the caller's,
outside of every transaction. A receiver that hangs holds its own few threads, while the others are
served.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Claimed = TypeVar("Claimed")
Told = TypeVar("Told")


def work_off(
    name: str,
    n_threads: int,
    ends_at: float,
    *,
    claim: Callable[[int], Iterable[Claimed]],
    begin: Callable[[Claimed], Callable[[], Told] | None],
    note: Callable[[Claimed, Told], None],
) -> None:
    """Work off what is due until ``ends_at`` of the monotonic clock, and as much longer as the last
    answers take; at the least, one claim.

    ``claim`` is given for how many there is room; ``begin`` makes of each what a thread is to do,
    or None where there is nothing to do; ``note`` hears what it returned.
    """
    running: dict[Future[Told], Claimed] = {}
    is_time = True
    with ThreadPoolExecutor(n_threads, thread_name_prefix=name) as pool:
        while True:
            if is_time and len(running) < n_threads:
                for claimed in claim(n_threads - len(running)):
                    if (work := begin(claimed)) is not None:
                        running[pool.submit(work)] = claimed
            if not running:
                return
            # A moment at most: meanwhile a receiver that answers at once has room again.
            done, _ = wait(running, timeout=0.2 if is_time else None, return_when=FIRST_COMPLETED)
            for future in done:
                note(running.pop(future), future.result())
            is_time = time.monotonic() < ends_at
