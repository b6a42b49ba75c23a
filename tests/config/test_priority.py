"""Background work leaves the processors to those who wait for an answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_CHILD = """
import os, sys
from pathlib import Path
from config.priority import step_back
if not (child := os.fork()):
    os.nice(int(sys.argv[1]))
    step_back()
    session = Path("/proc/self/autogroup")
    weight = session.read_text().split() if session.exists() else []
    print(os.nice(0), weight[-1] if weight else "none", flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(os.nice(0), end="")
"""
_SESSION = Path("/proc/self/autogroup")
#: Whether the kernel weighs sessions against each other.
WEIGHED = _SESSION.exists()


def nicenesses(before: int, *, own_session: bool) -> list[str]:
    """Of a process of the pool and its session, and of the worker."""
    command = [sys.executable, "-c", _CHILD, str(before)]
    done = subprocess.run(command, capture_output=True, text=True, start_new_session=own_session)
    assert done.stderr == ""
    return done.stdout.split()


def test_a_process_of_the_pool_and_the_workers_own_session_step_back() -> None:
    assert nicenesses(0, own_session=True) == ["10", "10" if WEIGHED else "none", "0"]


def test_a_session_of_others_is_left_alone() -> None:
    # What the machine's first process began, and no session since, has a file with nothing in it.
    before = _SESSION.read_text().split() if WEIGHED else []
    assert nicenesses(0, own_session=False)[1] == (before[-1] if before else "none")


@pytest.mark.parametrize("before", [10, 15])
def test_who_stepped_back_further_stays_there(before: int) -> None:
    assert nicenesses(before, own_session=True)[0] == str(before)


def test_each_process_of_the_pool_does_so() -> None:
    code = (
        "import os, config.celery; from celery.signals import worker_process_init as begun;"
        "begun.send(sender=None); print(os.nice(0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["10"], done.stderr
