"""Who saved, shared or subscribed to what."""

from __future__ import annotations

from typing import Final

from analytics.kept import SharingEvent
from surveys.models import User

STRANGER: Final = "somebody with the link"
#: Who does something: a member of staff, or what the log calls a key of the API.
Actor = User | str


def note(actor: Actor | None, action: str, about: str) -> None:
    """Write down what was done, within the caller's transaction; without an actor by a stranger.
    The address stays readable after the account is gone, so no key to it is kept."""
    who = actor.email if isinstance(actor, User) else actor or STRANGER
    SharingEvent.objects.create(actor=who[:254], action=action, about=about[:300])


def newest(limit: int = 100) -> list[SharingEvent]:
    """What was done last, the latest first."""
    return list(SharingEvent.objects.order_by("-id")[:limit])
