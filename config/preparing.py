"""Bring an installation up to the version of the code: tables and static files."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.stack.home import write_private


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
