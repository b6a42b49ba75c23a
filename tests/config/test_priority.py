"""Background work leaves the processors to those who wait for an answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_WORKER = """
import os, sys
from pathlib import Path
from config.priority import step_back
os.nice(int(sys.argv[1]))
step_back()
if not (child := os.fork()):
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
    """Of a process of the pool, of its session, and of the worker."""
    command = [sys.executable, "-c", _WORKER, str(before)]
    done = subprocess.run(command, capture_output=True, text=True, start_new_session=own_session)
    assert done.stderr == ""
    return done.stdout.split()


def test_a_worker_its_pool_and_its_own_session_step_back() -> None:
    assert nicenesses(0, own_session=True) == ["10", "10" if WEIGHED else "none", "10"]


def test_a_session_of_others_is_left_alone() -> None:
    # What the machine's first process began, and no session since, has a file with nothing in it.
    before = _SESSION.read_text().split() if WEIGHED else []
    assert nicenesses(0, own_session=False)[1] == (before[-1] if before else "none")


@pytest.mark.parametrize("before", [10, 15])
def test_who_stepped_back_further_stays_there(before: int) -> None:
    assert nicenesses(before, own_session=True)[0] == str(before)


def _scheduled(*command: str) -> str:
    """The scheduler's class of a process that has stepped back."""
    code = "import os; from config.priority import step_back as go; go(); {}"
    shown = "print(os.sched_getscheduler(0))"
    return subprocess.check_output(
        [*command, sys.executable, "-c", code.format(shown)], text=True
    ).strip()


@pytest.mark.skipif(sys.platform != "linux", reason="classes of the scheduler are Linux's")
def test_its_waking_up_displaces_nobody() -> None:
    assert _scheduled() == str(os.SCHED_BATCH)
    assert _scheduled("chrt", "--idle", "0") == str(os.SCHED_IDLE)


@pytest.mark.skipif(sys.platform != "linux", reason="classes of the scheduler are Linux's")
def test_where_that_is_refused_it_says_so_and_steps_back_by_niceness() -> None:
    code = (
        "import errno, os; from config.priority import step_back;"
        "exec('def refuse(*_): raise OSError(errno.EPERM, os.strerror(errno.EPERM))');"
        "os.sched_setscheduler = refuse; step_back(); print(os.nice(0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "10")
    assert "usual class: [Errno 1] Operation not permitted" in done.stderr


@pytest.mark.parametrize("begun", ["beat_init", "worker_init"])
def test_beat_and_a_worker_do_so_before_anything_else(begun: str) -> None:
    code = (
        "import os, sys, config.celery; from unittest import mock; from celery import signals;"
        "config.celery.app.send_task = mock.Mock();"  # beat's first heartbeat, which asks a broker
        "getattr(signals, sys.argv[1]).send(sender=None); print(os.nice(0))"
    )
    done = subprocess.run([sys.executable, "-c", code, begun], capture_output=True, text=True)
    assert done.stdout.split() == ["10"], done.stderr
