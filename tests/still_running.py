"""What still runs where a run is ended from outside. A process of xdist that hangs tells nobody in
which test, but whoever gave it the test knows. A plugin of pytest, loaded by `conftest.py`."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Final

import pytest

_SINCE: Final[dict[str, float]] = {}


def pytest_runtest_logstart(nodeid: str) -> None:
    _SINCE[nodeid] = time.monotonic()


def pytest_runtest_logfinish(nodeid: str) -> None:
    _SINCE.pop(nodeid, None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Under SIGTERM the process that prints says what is left, and ends as pytest does."""
    if not hasattr(session.config, "workerinput"):
        signal.signal(signal.SIGTERM, _end)


def _end(number: int, _: FrameType | None) -> None:
    now = time.monotonic()
    lines = [f"{name} for {now - since:,.0f} s" for name, since in _SINCE.items()]
    told = "\n".join(["ended from outside while these ran:", *(lines or ["none"])])
    pytest.exit(told, returncode=128 + number)
