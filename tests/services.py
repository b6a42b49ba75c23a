"""A real PostgreSQL and a real Redis for the run.

`conftest.py` calls `provide` before anything reads the settings. Where DATABASE_URL or REDIS_URL is
set, that one is used instead. xdist's workers inherit the addresses from the controller.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest

from config.stack import redis
from config.stack.errors import StackError
from config.stack.home import Home
from config.stack.postgres import Postgres
from config.stack.process import Child
from tests.migrated import OWN_SERVER

_started: list[Child] = []
_directories: list[Path] = []

# What matters after a power cut is off, and what keeps a server fast for years: this one is thrown
# away in minutes.
THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    # tests/tidying.py says why, and does what is needed of it.
    "autovacuum": "off",
}


def provide() -> None:
    """Start what the environment does not name, then load Django with it."""
    os.environ.setdefault("SECRET_KEY", "a-key-for-the-suite-that-protects-nothing-whatsoever")
    if "STABLEDOOR_HOME" not in os.environ:
        directory = Path(tempfile.mkdtemp(prefix="stabledoor-tests-"))
        _directories.append(directory)
        os.environ["STABLEDOOR_HOME"] = str(directory)
    atexit.register(_stop)
    home = Home(Path(os.environ["STABLEDOOR_HOME"]))
    # WhiteNoise warns where nothing was collected yet, and here a warning is an error.
    (home.path / "static").mkdir(parents=True, exist_ok=True)
    try:
        _start(home)
    except StackError as error:
        _stop()
        raise pytest.UsageError(str(error)) from error
    os.environ["REDIS_URL"] = _own_number(os.environ["REDIS_URL"])
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()


def _start(home: Home) -> None:
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        home.prepare()
    if not os.environ.get("DATABASE_URL"):
        child, os.environ["DATABASE_URL"] = Postgres.of(home, **THROW_AWAY).start()
        _started.append(child)
        os.environ[OWN_SERVER] = "1"
    if not os.environ.get("REDIS_URL"):
        program = redis.server()
        if program is None:
            raise StackError("no Redis was found: install redis-server, or set REDIS_URL")
        child, os.environ["REDIS_URL"] = redis.start(home, program)
        _started.append(child)


def _own_number(redis_url: str) -> str:
    """Our Redis has a database for each process: a test that clears the cache clears its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    number = (int(worker.removeprefix("gw")) + 1) % 16 if worker else 0
    ours = "?db=0"
    if not redis_url.endswith(ours):
        return redis_url
    return f"{redis_url.removesuffix(ours)}?db={number}"


def _stop() -> None:
    """At exit, however the run ends; after a kill the kernel does it."""
    while _started:
        _started.pop().stop()
    while _directories:
        shutil.rmtree(_directories.pop(), ignore_errors=True)


def find_chromium() -> str | None:
    """The system's Chromium, or None."""
    for name in (
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ):
        found = shutil.which(name)
        if found:
            return found
    return None
