"""Threads that start together, each with a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Final

from django.db import connection

#: Longer than any machine keeps a thread from its turn; it is waited out only where a test fails.
PATIENCE: Final = 60


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run all of them at the same moment; their results in order. An error in one is raised."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(PATIENCE)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
