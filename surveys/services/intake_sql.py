"""The few SQL idioms of set-based intake: rows by COPY, columns by unnest, ids ahead of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from types import NoneType
from typing import Any, Final, TypeVar

import psycopg.errors
from django.db import OperationalError, connection, transaction

Made = TypeVar("Made")

_ATTEMPTS: Final = 5
# Two batches got in each other's way and one was ended; doing it again is all it takes.
_RETRIED: Final = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of a query. Lists become arrays; cast them in the query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _sent(parameters))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def execute(sql: str, *parameters: Any) -> None:
    """A statement without an answer. Lists become arrays; cast them in the query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _sent(parameters))


def _sent(parameters: Iterable[Any]) -> list[Any]:
    return [array(value) if isinstance(value, list) else value for value in parameters]


def arrays(parameters: dict[str, Any]) -> dict[str, Any]:
    """Named parameters with their lists as arrays; cast them in the query."""
    return {n: array(v) if isinstance(v, list) else v for n, v in parameters.items()}


def array(values: list[Any]) -> str | list[Any]:
    """The list as PostgreSQL writes an array, where that is simple, else the list for psycopg,
    which looks at each value by itself: a tenth of an intake's time."""
    kinds = set(map(type, values))
    if kinds == {str}:
        joined = '","'.join(values)
        if "\\" not in joined and joined.count('"') == 2 * (len(values) - 1):
            return f'{{"{joined}"}}'
    has_gaps = NoneType in kinds
    kinds.discard(NoneType)
    if len(kinds) != 1 or (write := _WRITTEN.get(kinds.pop())) is None:
        return values
    if has_gaps:
        return "{" + ",".join(["NULL" if v is None else write(v) for v in values]) + "}"
    return "{" + ",".join(map(write, values)) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_WRITTEN: Final[dict[type, Callable[[Any], str]]] = {
    str: _quoted,
    int: str,
    datetime: datetime.isoformat,
}


def copy(table: str, columns: Sequence[str], data: Iterable[Sequence[Any]]) -> None:
    """Append rows by COPY. Names of tables and columns come from this code, never from input."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.cursor.copy(statement) as sink,
    ):
        for row in data:
            sink.write_row(row)


def ids_ahead(table: str, count: int) -> list[int]:
    """`count` fresh primary keys, so that rows that refer to each other can all be copied."""
    if not count:
        return []
    found = rows(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s::int)",
        table,
        count,
    )
    return [row[0] for row in found]


def columns_of(data: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows turned into columns, for unnest; `width` keeps an empty list in shape."""
    return [list(column) for column in zip(*data, strict=True)] if data else [[]] * width


def with_retries(work: Callable[[], Made]) -> Made:
    """Run a whole transaction again where PostgreSQL ended it to resolve a conflict. Inside an
    outer transaction it runs once, because only the outermost can be repeated."""
    if connection.in_atomic_block:
        with transaction.atomic():
            return work()
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if attempt == _ATTEMPTS or not isinstance(error.__cause__, _RETRIED):
                raise
    raise AssertionError("unreachable")
