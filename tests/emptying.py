"""How the database is emptied after a test that has committed.

Django's `flush` truncates every table, which takes PostgreSQL a new file for each table and index:
a tenth of a second, and most tests leave a few rows in a dozen tables. What migrations leave in a
fresh database (the default questionnaire and policy) is there for every test, as after `flush`.
"""

from __future__ import annotations

import time
from typing import Any, Final

from django.db import OperationalError, connections, transaction
from django.test import TransactionTestCase
from psycopg.errors import DeadlockDetected, LockNotAvailable

from tests.threads import PATIENCE

#: Rows in a table; of more, deleting leaves too much behind for those who come after.
FEW: Final = 500
# Less than the second after which PostgreSQL looks for a deadlock.
_LET_GO_MS: Final = 300

#: Where the rows of a fresh database are kept.
_FIRST: Final = "at_first"
# Nobody asks for them, and they are many.
_NOT_KEPT: Final = {"auth_permission", "django_content_type"}


def keep_first(alias: str) -> None:
    """Keep what a fresh database holds."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {_FIRST} CASCADE")
        cursor.execute(f"CREATE SCHEMA {_FIRST}")
        for table in set(_tables(alias)) - _NOT_KEPT:
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')  # noqa: S608 -- our tables
            if cursor.fetchone() == (True,):
                cursor.execute(f'CREATE TABLE {_FIRST}."{table}" AS TABLE "{table}"')


def _tables(alias: str) -> list[str]:
    introspection = connections[alias].introspection
    return introspection.django_table_names(only_existing=True, include_views=False)


def empty(alias: str) -> bool:
    """Delete what there is where it is little, truncate where it is much; whether we may.

    Who still writes is waited for. Triggers and foreign keys are left out, which only a superuser
    may.
    """
    connection = connections[alias]
    names = [connection.ops.quote_name(table) for table in _tables(alias)]
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() != ("on",):
            return False
        _lock(alias, names)
        cursor.execute("SET LOCAL session_replication_role = replica")
        held = _held(cursor, names)
        if any(n > FEW for n in held.values()):
            cursor.execute(f"TRUNCATE {', '.join(names)}")
        else:
            for name in held:
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [_FIRST])
        for (table,) in cursor.fetchall():
            cursor.execute(f'INSERT INTO "{table}" SELECT * FROM {_FIRST}."{table}"')  # noqa: S608
    return True


def _held(cursor: Any, names: list[str]) -> dict[str, int]:
    """How many rows each table has that has any, counted no further than a little more than few."""
    counted = " UNION ALL ".join(
        f"SELECT '{name}', (SELECT count(*) FROM (SELECT FROM {name} LIMIT {FEW + 1}) AS part)"  # noqa: S608 -- names of our tables
        for name in names
    )
    cursor.execute(counted)
    return {name: n for name, n in cursor.fetchall() if n}


def _lock(alias: str, names: list[str]) -> None:
    """Have the tables for ourselves; RuntimeError names who would not leave them.

    A request that its browser waits for no more may hold one table and want another that we have
    locked. So all are let go soon and taken again, before PostgreSQL finds a deadlock and ends one
    of us; and where somebody holds one for good, the test says so and does not stand.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {_LET_GO_MS}")
                cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
                return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            if time.monotonic() > until:
                raise RuntimeError(
                    f"Tables were not let go within {PATIENCE} s: {_holders(alias)}"
                ) from error
        time.sleep(_LET_GO_MS / 1000)


def _holders(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT a.pid, a.state, a.query"
            " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE a.datname = current_database() AND a.pid != pg_backend_pid()"
            " AND l.locktype = 'relation' AND l.granted"
        )
        return "; ".join(f"{pid} {state}: {query}" for pid, state, query in cursor.fetchall())


def empty_quickly() -> None:
    """Have every test that commits empty the database so, or else as Django does."""
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(self: Any) -> None:
        if not all(empty(alias) for alias in self._databases_names(include_mirrors=False)):
            flush(self)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
