"""Bring an installation up to the version of the code: tables and static files."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config import health
from config.stack.home import write_private


class UnreachableError(Exception):
    """A service that the environment names does not answer; says which variable, and an example."""


def reach_services() -> None:
    """Meet database and broker once, so that a start fails in one line and not by waiting.

    Raises: UnreachableError naming the variable.
    """
    try:
        connection.ensure_connection()
    except (DatabaseError, ValueError, TypeError) as error:
        words = str(error).strip().splitlines()[0]
        raise UnreachableError(
            f"DATABASE_URL: the database cannot be reached: {words}. "
            "Example: DATABASE_URL=postgres://stabledoor:secret@db.example.org:5432/stabledoor"
        ) from error
    try:
        health.broker()
    except (health.PartFailsError, ValueError, TypeError) as error:
        words = str(error.__cause__ or error).strip().splitlines()[0].rstrip(".")
        raise UnreachableError(
            f"REDIS_URL: the broker cannot be reached: {words}. "
            "Example: REDIS_URL=redis://redis.example.org:6379/0"
        ) from error


def unapplied() -> list[str]:
    """The migrations the database lacks, as `app.name`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> list[str]:
    """Apply what is missing; returns its names."""
    missing = unapplied()
    if missing:
        call_command("migrate", interactive=False, verbosity=0)
    return missing


def collect_static() -> bool:
    """Collect static files into the home where a source changed; False where nothing did."""
    note = settings.STATIC_ROOT / ".sources"
    state = _state_of_sources()
    if note.exists() and note.read_text().strip() == state:
        return False
    # A process of its own: this one has read settings that say nothing was collected yet.
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--clear", "-v", "0"]
    subprocess.run(command, cwd=settings.BASE_DIR, check=True)  # noqa: S603 -- our own command
    write_private(note, state)
    return True


def _state_of_sources() -> str:
    digest = hashlib.sha256(str(settings.BASE_DIR).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            source = storage.path(name)
            found = os.stat(source)  # noqa: PTH116 -- the finder names paths as text
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
