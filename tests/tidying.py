"""What the planner of queries believes of tables that are filled and undone all day.

The suite's server has no autovacuum: it came by while a world lay in a table uncommitted, found no
row in hundreds of pages, and wrote that down; every join after that was planned for one row, and
some took minutes. Instead dead rows go when there are many, while nothing lies in the tables; and a
world that is made is counted at once.
"""

from __future__ import annotations

from typing import Final

from django.db import connection
from psycopg import sql

#: Pages of 8 KiB from which a table is worth the trouble.
_MANY_PAGES: Final = 64
_MANY_ROWS: Final = 300
#: Tests without a world between two looks.
_EVERY: Final = 20


class Tidying:
    """Looks now and then."""

    def __init__(self) -> None:
        self._tests = 0

    def now_and_then(self) -> None:
        """Outside of any transaction: remove what is dead, at one test in twenty."""
        self._tests += 1
        if self._tests % _EVERY == 0:
            self.now()

    def now(self) -> None:
        """The same at once; within a transaction it cannot be done."""
        if connection.in_atomic_block:
            return
        _each(
            "VACUUM",
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname !~ '^(pg|sql)_'"
            " AND relpersistence = 'p' AND pg_relation_size(oid) > 8192 * %s",
            _MANY_PAGES,
        )
        _forget_emptiness()


def _forget_emptiness() -> None:
    """Where anybody else has as much as read a table, VACUUM leaves it its pages and writes down
    that no row lies in them. That nothing is known of it is nearer to the truth."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() == ("on",):
            cursor.execute(
                "UPDATE pg_class SET reltuples = -1, relpages = 0"
                " WHERE relkind = 'r' AND reltuples = 0 AND relpages > 0"
                " AND relnamespace = 'public'::regnamespace"
            )


def count() -> None:
    """In the transaction that filled them: let the planner know what lies in the tables."""
    _each(
        "ANALYZE", "SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins > %s", _MANY_ROWS
    )


def _each(command: str, which: str, least: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(which, [least])
        names = [sql.Identifier(name) for (name,) in cursor.fetchall()]
        if names:
            # VACUUM and ANALYZE take no parameters.
            cursor.execute(sql.SQL(command + " {}").format(sql.SQL(", ").join(names)))


TIDYING: Final = Tidying()
