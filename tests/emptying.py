"""How the database is emptied after a test that has committed.

Django's `flush` truncates every table, which takes PostgreSQL a new file for each table and index:
a tenth of a second, and most tests leave a few rows in a dozen tables.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connections, transaction
from django.test import TransactionTestCase

#: Rows in a table; of more, deleting leaves too much behind for those who come after.
FEW: Final = 500


def delete_few(alias: str) -> bool:
    """Delete what there is, where it is little; whether it was.

    As with a truncation, who still writes is waited for. Triggers and foreign keys are left out,
    which only a superuser may.
    """
    connection = connections[alias]
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = [connection.ops.quote_name(table) for table in tables]
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
    return True


def empty_quickly() -> None:
    """Have every test that commits empty the database so, or else as Django does."""
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(self: Any) -> None:
        if not all(delete_few(alias) for alias in self._databases_names(include_mirrors=False)):
            flush(self)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
