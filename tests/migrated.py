"""Migrations run once: the first process keeps its database as a template for the others.

To migrate takes five seconds, to copy what was migrated a fifth of one. Only a server of our own is
used so, which goes with the run: on another one the template of yesterday would lie there still.
"""

from __future__ import annotations

import os
from typing import Any, Final

import psycopg
from django.db import connection

#: Set for the processes of xdist where the server is our own.
OWN_SERVER: Final = "STABLEDOOR_TESTS_OWN_SERVER"
_TEMPLATE: Final = "migrated"
_LOCK: Final = 20261122
_PATIENCE: Final = "120s"


class Migrated:
    """Whoever comes first migrates; the others wait for the template."""

    def __init__(self) -> None:
        self._held: psycopg.Connection[Any] | None = None

    def take(self) -> None:
        """Before the test database is made: have it made from the template, if there is one.

        Raises: psycopg.errors.LockNotAvailable where the first process did not get done.
        """
        if not (os.environ.get(OWN_SERVER) and os.environ.get("PYTEST_XDIST_WORKER")):
            return
        self._held = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self._held.execute(f"SET lock_timeout = '{_PATIENCE}'")
        self._held.execute(f"SELECT pg_advisory_lock({_LOCK})")
        known = "SELECT FROM pg_database WHERE datname = %s"
        if self._held.execute(known, [_TEMPLATE]).fetchone() is not None:
            connection.settings_dict["TEST"]["TEMPLATE"] = _TEMPLATE
            self._release()

    def leave(self) -> None:
        """When it is migrated: keep a copy for the others, where there was none."""
        if self._held is None:
            return
        connection.close()  # a database that somebody uses cannot be copied
        name = connection.settings_dict["NAME"]
        self._held.execute(f'CREATE DATABASE {_TEMPLATE} TEMPLATE "{name}"')
        self._release()

    def _release(self) -> None:
        assert self._held is not None
        self._held.close()
        self._held = None


MIGRATED: Final = Migrated()
