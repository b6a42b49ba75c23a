"""Forks one process per round and kills it at a chosen step.

Run as `python -m tests.faults.zygote` with the environment of the test's database. Each line read
is an order in JSON: the `flow` and its `arguments`, `settings` that differ, and the step to die
`before` (-1: none), see `steps`. For each it prints the process's number once that stands
connected, stopped, and after SIGCONT its end: the signal as a negative number, else how many steps
there were.

Forking a loaded interpreter takes milliseconds; starting one a second.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import traceback
from typing import Any

import django

FAILED = 255


def one_round(order: dict[str, Any]) -> int:
    """A round that dies before its step; else how many steps it took."""
    import time_machine
    from django.conf import settings

    from tests.factories import NOW
    from tests.faults.flows import FLOWS
    from tests.faults.steps import Steps

    for name, value in order["settings"].items():
        setattr(settings, name, value)
    steps = Steps(order["before"])
    steps.watch()
    with time_machine.travel(NOW):
        FLOWS[order["flow"]](**order["arguments"])
    steps.tick()  # before anybody is told
    return steps.count


def run(order: dict[str, Any]) -> None:
    """In the process of the round."""
    from django.db import connection

    code = FAILED
    try:
        connection.ensure_connection()
        os.kill(os.getpid(), signal.SIGSTOP)
        code = one_round(order)
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    django.setup()
    # Loaded once, before the forks.
    import config.urls  # noqa: F401
    import tests.faults.flows  # noqa: F401

    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            run(json.loads(line))
        os.waitpid(pid, os.WUNTRACED)
        print(pid, flush=True)  # noqa: T201 -- its way to answer
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
