"""Forks one process per round and kills it at a chosen step.

Run as `python -m tests.faults.zygote [mailbox]`, for rounds of dispatch or of reading the mailbox
of bounces, with the environment of the test's database and mail server.
Each line read is the step to die before (-1: none); a step is an SQL statement or a commit. For
each it prints the process's number once that stands connected, stopped, and after SIGCONT its end:
the signal as a negative number, else how many steps there were.

Forking a loaded interpreter takes milliseconds; starting one a second.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


class Steps:
    """Counts the steps of this process, and ends it before the chosen one."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def tick(self) -> None:
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.tick()
        return execute(sql, params, many, context)


def one_round(last: int) -> int:
    """A round that dies before step ``last``; else how many steps it took."""
    from django.db import connection

    from surveys.services import delivery, report_mailbox
    from tests.factories import NOW

    steps = Steps(last)
    commit = connection._commit  # type: ignore[attr-defined]  # commits pass by execute_wrapper

    def counted_commit() -> None:
        steps.tick()
        commit()

    connection._commit = counted_commit  # type: ignore[attr-defined]
    with connection.execute_wrapper(steps.statement):
        if sys.argv[1:] == ["mailbox"]:
            report_mailbox.read(lambda: NOW)
        else:
            delivery.dispatch_round(NOW)
    return steps.count


def main() -> None:
    django.setup()
    from django.db import connection

    import tests.factories  # noqa: F401 -- loaded once, before the forks

    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            connection.ensure_connection()
            os.kill(os.getpid(), signal.SIGSTOP)
            code = 255
            try:
                code = one_round(int(line))
            finally:
                os._exit(code)
        os.waitpid(pid, os.WUNTRACED)
        print(pid, flush=True)  # noqa: T201 -- its way to answer
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
