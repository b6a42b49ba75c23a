"""The database connection that a thread keeps from one respondent's request to the next."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

Row = tuple[Any, ...]
_of_thread = threading.local()


def fetch(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> Row | None:
    """The first row of what a statement returns, None where it returns none.

    It is itself the check that the kept connection still lives; asking before it would cost a fifth
    of an answer's time. Raises: what `django.db` raises; `was_lost` says whether the connection is
    gone, and the next statement gets a new one."""
    database = connections[DEFAULT_DB_ALIAS]
    database.health_check_done = True  # type: ignore[attr-defined]
    cursor = _cursor(database)
    cursor.execute(statement, parameters)
    row: Row | None = cursor.fetchone()
    return row


def was_lost() -> bool:
    """Whether a statement failed with its connection; the next one then gets a new connection."""
    if connection.in_atomic_block or connection.is_usable():
        return False
    connection.close()
    return True


def _cursor(database: BaseDatabaseWrapper) -> CursorWrapper:
    """The one cursor of this thread: to make one took a twentieth of a post's time in Python."""
    if database.queries_logged:  # by a cursor of another kind
        return database.cursor()
    kept: CursorWrapper | None = getattr(_of_thread, "cursor", None)
    if kept is None or kept.cursor.connection is not database.connection:
        kept = _of_thread.cursor = database.cursor()
    return kept
