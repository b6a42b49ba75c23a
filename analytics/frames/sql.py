"""One statement in, one frame out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from django.db import connection

Parameters = Sequence[Any] | Mapping[str, Any]
Row = tuple[Any, ...]


def rows(sql: str, parameters: Parameters = ()) -> list[Row]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def frame(sql: str, parameters: Parameters = ()) -> pd.DataFrame:
    """All rows of one statement, columns as the statement names them."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return pd.DataFrame(cursor.fetchall(), columns=names)
