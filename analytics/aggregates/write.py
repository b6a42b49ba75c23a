"""Adding cells to the rollups: one statement per table, rows in key order."""

from __future__ import annotations

from typing import Final

import pandas as pd
from django.db import connection

from analytics.aggregates.cells import CAUSE_CELLS, FIX_CELLS, KEY, MATRIX_KEY, Cells

#: Held exclusively by whoever applies changes, shared by those who rebuild ranges of days.
WRITERS: Final = 7_205_759
_TYPES: Final = {
    "basis": "text",
    "scope": "text",
    "day": "date",
    "scope_id": "bigint",
    "fix": "smallint",
    "cause": "smallint",
}


def add(cells: Cells) -> None:
    """Add the cells to the rollups. In this order for everyone, so that no two writers deadlock."""
    _upsert("analytics_fixday", KEY, FIX_CELLS, cells.fix)
    _upsert("analytics_causeday", KEY, CAUSE_CELLS, cells.cause)
    _upsert("analytics_matrixday", MATRIX_KEY, ("n",), cells.matrix)


def _upsert(table: str, key: tuple[str, ...], cells: tuple[str, ...], rows: pd.DataFrame) -> None:
    if rows.empty:
        return
    names = (*key, *cells)
    arrays = ", ".join(f"%s::{_TYPES.get(name, 'integer')}[]" for name in names)
    added = ", ".join(f"{name} = old.{name} + excluded.{name}" for name in cells)
    columns = ", ".join(names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS old ({columns})"
            f" SELECT * FROM unnest({arrays}) AS new ({columns})"
            f" ORDER BY {', '.join(key)}"
            f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {added}",
            [rows[name].tolist() for name in names],
        )


def lock(*, shared: bool = False, wait: bool = True) -> bool:
    """Take the writers' lock until the transaction ends; False where somebody holds it and we do
    not wait."""
    name = "pg_advisory_xact_lock" + ("_shared" if shared else "")
    with connection.cursor() as cursor:
        if wait:
            cursor.execute(f"SELECT {name}(%s::bigint)", [WRITERS])
            return True
        cursor.execute(f"SELECT {name.replace('pg_', 'pg_try_', 1)}(%s::bigint)", [WRITERS])
        return bool(cursor.fetchone()[0])


def bump() -> int:
    """The next version of the aggregates; what was cached of the last one is old from commit on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_aggregatestate AS old (id, version, applied_at)"
            " VALUES (1, 1, now())"
            " ON CONFLICT (id) DO UPDATE SET version = old.version + 1, applied_at = now()"
            " RETURNING version"
        )
        return int(cursor.fetchone()[0])


def drop_empty() -> int:
    """Delete rollup rows in which nothing is left; they read as if they were not there."""
    dropped = 0
    with connection.cursor() as cursor:
        for table, cells in (
            ("analytics_fixday", FIX_CELLS),
            ("analytics_causeday", CAUSE_CELLS),
            ("analytics_matrixday", ("n",)),
        ):
            empty = " AND ".join(f"{name} = 0" for name in cells)
            cursor.execute(f"DELETE FROM {table} WHERE {empty}")
            dropped += cursor.rowcount
    return dropped
