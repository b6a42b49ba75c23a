"""One statement in, one frame out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pandas as pd
from django.db import connection, transaction
from psycopg.pq import Format

from analytics.columns import HISTOGRAM, IntArray

Parameters = Sequence[Any] | Mapping[str, Any]
Row = tuple[Any, ...]


def rows(sql: str, parameters: Parameters = ()) -> list[Row]:
    """All rows of one statement."""
    with _planned_for_its_values() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def frame(sql: str, parameters: Parameters = ()) -> pd.DataFrame:
    """All rows of one statement, columns as the statement names them."""
    with _planned_for_its_values() as cursor:
        cursor.execute(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return pd.DataFrame(cursor.fetchall(), columns=names)


def days_frame(days: IntArray, histogram: IntArray) -> pd.DataFrame:
    """Days, given as ordinals, with h1..h5; those without any left out."""
    some = histogram.any(axis=1)
    found = pd.DataFrame(histogram[some], columns=list(HISTOGRAM))
    found.insert(0, "day", [dt.date.fromordinal(day) for day in days[some].tolist()])
    return found


def long_frame(names: Sequence[str], sql: str, parameters: Parameters = ()) -> pd.DataFrame:
    """The named columns of one statement; for many rows, that come as one array per column, which
    takes half the time of row by row. Their order is the statement's own."""
    arrays = ", ".join(f"array_agg({name})" for name in names)
    with _planned_for_its_values() as cursor:
        cursor.cursor.format = Format.BINARY
        cursor.execute(f"SELECT {arrays} FROM ({sql}) AS found", parameters)
        found = cursor.fetchone()
    if found[0] is None:
        return pd.DataFrame([], columns=list(names))
    return pd.DataFrame(dict(zip(names, found, strict=True)))


@contextmanager
def hashing() -> Iterator[None]:
    """Statements in here hash what they join, which are subqueries that name their rows by id.

    For these the planner expects ten rows, whatever the length of the array, and would go through
    all of one for each row of the other.
    """
    with transaction.atomic(savepoint=False):
        before = rows(
            "SELECT current_setting('enable_nestloop'), current_setting('work_mem'),"
            " current_setting('max_parallel_workers_per_gather')"
        )
        rows(_JOINS, ["off", "64MB", "0"])
        yield
        rows(_JOINS, before[0])


_JOINS: Final = (
    "SELECT set_config('enable_nestloop', %s, TRUE), set_config('work_mem', %s, TRUE),"
    " set_config('max_parallel_workers_per_gather', %s, TRUE)"
)


@contextmanager
def _planned_for_its_values() -> Iterator[Any]:
    """A cursor that prepares nothing: the plan of a prepared statement knows neither how long the
    period is nor how many rows a filter lets through, and is many times slower for it."""
    with connection.cursor() as cursor:
        driver = connection.connection
        threshold = driver.prepare_threshold
        driver.prepare_threshold = None
        try:
            yield cursor
        finally:
            driver.prepare_threshold = threshold
