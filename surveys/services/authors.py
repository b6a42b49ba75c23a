"""Who makes a change that is logged for good: a member of staff, or a key of the API."""

from __future__ import annotations

from typing import TypedDict

from surveys.models import ApiKey, User

#: None: the command line.
Author = User | ApiKey | None


class Signature(TypedDict):
    """The fields of a log's entry."""

    by: User | None
    by_key: ApiKey | None


def signed(by: Author) -> Signature:
    """What an entry of a log says of who made it."""
    return {
        "by": by if isinstance(by, User) else None,
        "by_key": by if isinstance(by, ApiKey) else None,
    }
