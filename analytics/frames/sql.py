"""One statement in, one frame out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
from django.db import connection

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
