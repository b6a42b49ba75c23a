"""The database connection that a thread keeps from one respondent's request to the next."""

from __future__ import annotations

from django.db import connection


def trust() -> None:
    """The first statement of a respondent's request is itself the check that the kept connection
    still lives; asking before it would cost a fifth of an answer's time."""
    connection.health_check_done = True  # type: ignore[attr-defined]


def was_lost() -> bool:
    """Whether a statement failed with its connection; the next one then gets a new connection."""
    if connection.in_atomic_block or connection.is_usable():
        return False
    connection.close()
    return True
