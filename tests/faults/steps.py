"""Counts what this process asks of PostgreSQL, and ends it before the chosen question.

A step is a statement, a COPY or a commit, counted where the driver sends it: what passes by
Django's own wrappers is counted too. The last step lies behind all of them: everything is done, and
nobody has been told.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg


class Steps:
    """Ticks once for each step; the process dies before the step ``last`` (-1: before none)."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def tick(self) -> None:
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def watch(self) -> None:
        """From now on every step of this process ticks. There is no way back: it is a process of
        its own."""
        for kind in (psycopg.Cursor, psycopg.ServerCursor):
            for name in ("execute", "executemany", "copy"):
                if name in vars(kind):
                    setattr(kind, name, self._ticking(vars(kind)[name]))
        psycopg.Connection.commit = self._ticking(psycopg.Connection.commit)  # type: ignore[method-assign]

    def _ticking(self, asked: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            return asked(*args, **kwargs)

        return ask
