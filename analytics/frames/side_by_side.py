"""The same work for many arrays, on two cores: numpy lets go of the interpreter while it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

One = TypeVar("One")
Found = TypeVar("Found")

#: More would take the cores of other requests; and a report waits for its slowest part anyway.
_THREADS: Final = 2
#: With fewer rows, starting threads takes longer than they save.
WORTH_IT: Final = 500_000


def mapped(work: Callable[[One], Found], items: Iterable[One], n_rows: int) -> Iterator[Found]:
    """`work` of each, in their order. It must not ask the database: connections are a thread's own.

    The threads end with the iterator. A pool that outlives it would be dead in processes that a
    server forks later.
    """
    if n_rows < WORTH_IT:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(_THREADS, "columns") as pool:
        yield from pool.map(work, items)
