"""Who makes a change that is logged for good: a member of staff, or a key of the API. Whether such
a change can be taken back."""

from __future__ import annotations

from typing import TypedDict

from surveys.models import AgentChange, ApiKey, CauseChange, DimensionChange, User

#: None: the command line.
Author = User | ApiKey | None
Undoable = AgentChange | CauseChange | DimensionChange


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


def can_undo(change: Undoable) -> bool:
    """Whether it stands and can be tried to be taken back; what came later may still refuse it."""
    return change.kind != change.Kind.UNDONE and not hasattr(change, "undone_by")
