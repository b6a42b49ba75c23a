"""Which texts the database, and whoever reads it, can take."""

from __future__ import annotations


def is_storable(text: str) -> bool:
    """Whether PostgreSQL and every reader behind it can take the text."""
    return "\x00" not in text and (
        text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
    )
