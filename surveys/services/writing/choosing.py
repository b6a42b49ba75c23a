"""Whether a connection writes ratings back, and what of them."""

from __future__ import annotations

from typing import Final

from surveys.helpdesks.notes import NOTES
from surveys.models import Connection, WriteBack
from surveys.services.connections import ConnectionFault

#: What a note tells: nothing is written, the ratings, the comment as well.
CHOICES: Final = ("none", "ratings", "comments")


def choice_of(connection: Connection) -> str:
    """Which of `CHOICES` is made."""
    if not connection.writes_back:
        return "none"
    return "comments" if connection.writes_comments else "ratings"


def is_offered(connection: Connection) -> bool:
    """Whether notes can be written into this helpdesk."""
    return connection.kind in NOTES


def choose(connection: Connection, *, writes: bool, with_comments: bool) -> None:
    """Write notes about answers from now on, or none. What waits is not written any more once it is
    switched off. Raises: ConnectionFault.
    """
    if writes and not is_offered(connection):
        raise ConnectionFault("Nothing can be written into this helpdesk.")
    if writes and connection.api_access is None:
        raise ConnectionFault("Enter a token first: notes are written by it.")
    connection.writes_back = writes
    connection.writes_comments = writes and with_comments
    connection.write_fault = ""
    if not writes:
        WriteBack.objects.filter(connection=connection, status=WriteBack.Status.QUEUED).delete()
    connection.save(update_fields=["writes_back", "writes_comments", "write_fault"])
