"""Writing many cells: one binary COPY into a temporary table, then one merge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from analytics.aggregates.cells import KEY, MATRIX_KEY
from analytics.aggregates.columnar import Run

_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
#: PostgreSQL counts days from 2000-01-01.
_DAY_ZERO: Final = 730_120


def add(found: Iterable[Run]) -> None:
    """Add the cells to the rollups, in the order that everyone adds in."""
    tables: dict[str, list[Run]] = {}
    for run in found:
        tables.setdefault(run.table, []).append(run)
    for table in sorted(tables, key=_ORDER.index):
        _merge(table, tables[table])


_ORDER: Final = ("analytics_fixday", "analytics_causeday", "analytics_matrixday")


def _merge(table: str, found: list[Run]) -> None:
    key = MATRIX_KEY if table == _ORDER[2] else KEY
    cells = found[0].cells
    columns = ", ".join((*key, *cells))
    added = ", ".join(f"{name} = old.{name} + excluded.{name}" for name in cells)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS added_cells")
        cursor.execute(
            f"CREATE TEMPORARY TABLE added_cells ON COMMIT DROP AS SELECT {columns} FROM {table}"
            " WITH NO DATA"
        )
        with cursor.copy(f"COPY added_cells ({columns}) FROM STDIN (FORMAT binary)") as copy:
            copy.write(_HEADER)
            for run in found:
                copy.write(_binary(run, key).tobytes())
            copy.write(_TRAILER)
        cursor.execute(
            f"INSERT INTO {table} AS old ({columns}) SELECT {columns} FROM added_cells"
            f" ORDER BY {', '.join(key)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {added}"
        )


def _binary(run: Run, key: tuple[str, ...]) -> npt.NDArray[Any]:
    """Rows of a binary COPY: the number of fields, then length and value of each, big-endian."""
    kinds: dict[str, tuple[str, Any]] = {
        "basis": ("S1", run.basis.encode()),
        "scope": (f"S{max(1, len(run.scope))}", run.scope.encode()),
        "day": (">i4", run.days - _DAY_ZERO),
        "scope_id": (">i8", run.ids),
        "fix": (">i2", run.ids // 6),
        "cause": (">i2", run.ids % 6),
    }
    fields = [(name, *kinds[name]) for name in key]
    fields += [(name, ">i4", run.counts[:, place]) for place, name in enumerate(run.cells)]
    layout = [("fields", ">i2")]
    for name, kind, _ in fields:
        layout += [(f"{name}_length", ">i4"), (name, kind)]
    table = np.zeros(len(run.days), dtype=layout)
    table["fields"] = len(fields)
    for name, kind, values in fields:
        table[f"{name}_length"] = np.dtype(kind).itemsize
        table[name] = values
    return table
