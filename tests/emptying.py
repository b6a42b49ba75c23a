"""How the database is emptied after a test that has committed.

Django's `flush` truncates every table, which takes PostgreSQL a new file for each table and index:
a tenth of a second, and most tests leave a few rows in a dozen tables. What migrations leave in a
fresh database (the default questionnaire and policy) is there for every test, as after `flush`.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connections, transaction
from django.test import TransactionTestCase

#: Rows in a table; of more, deleting leaves too much behind for those who come after.
FEW: Final = 500


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


def delete_few(alias: str) -> bool:
    """Delete what there is, where it is little; whether it was.

    As with a truncation, who still writes is waited for. Triggers and foreign keys are left out,
    which only a superuser may.
    """
    connection = connections[alias]
    names = [connection.ops.quote_name(table) for table in _tables(alias)]
    counted = " UNION ALL ".join(
        f"SELECT '{name}', (SELECT count(*) FROM (SELECT FROM {name} LIMIT {FEW + 1}) AS part)"  # noqa: S608 -- names of our tables
        for name in names
    )
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() != ("on",):
            return False
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(counted)
        held = {name: n for name, n in cursor.fetchall() if n}
        if any(n > FEW for n in held.values()):
            return False
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in held:
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [_FIRST])
        for (table,) in cursor.fetchall():
            cursor.execute(f'INSERT INTO "{table}" SELECT * FROM {_FIRST}."{table}"')  # noqa: S608
    return True


def empty_quickly() -> None:
    """Have every test that commits empty the database so, or else as Django does."""
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(self: Any) -> None:
        if not all(delete_few(alias) for alias in self._databases_names(include_mirrors=False)):
            flush(self)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
