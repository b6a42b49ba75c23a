"""A slow database keeps no web worker: what serves pages ends a statement after some seconds."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_ASK = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for name in ("statement_timeout", "lock_timeout"):
        cursor.execute(f"SELECT extract(epoch FROM current_setting('{name}')::interval)")
        print(float(cursor.fetchone()[0]))
"""


def timeouts(process: str) -> list[float]:
    """Seconds after which the database ends a statement and a wait for a lock, as such a process
    asks it to; 0 where it does not."""
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    environ.pop("STABLEDOOR_PROCESS", None)
    environ |= {"STABLEDOOR_PROCESS": process} if process else {}
    asked = subprocess.run(
        [sys.executable, "-c", _ASK], env=environ, capture_output=True, text=True, timeout=60
    )
    assert asked.returncode == 0, asked.stderr
    return [float(line) for line in asked.stdout.split()]


def test_web_processes_wait_less_than_the_five_seconds_promised() -> None:
    statement, lock = timeouts("web")
    assert 0 < lock < statement < 5


@pytest.mark.parametrize("process", ["", "worker"])
def test_workers_may_take_their_time(process: str) -> None:
    assert timeouts(process) == [0, 0]
