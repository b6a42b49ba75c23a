"""Who saved, shared or subscribed to what."""

from __future__ import annotations

from analytics.kept import SharingEvent
from surveys.models import User


def note(actor: User, action: str, about: str) -> None:
    """Write down what was done, within the caller's transaction. The address stays readable after
    the account is gone, so no key to it is kept."""
    SharingEvent.objects.create(actor=actor.email, action=action, about=about[:300])


def newest(limit: int = 100) -> list[SharingEvent]:
    """What was done last, the latest first."""
    return list(SharingEvent.objects.order_by("-id")[:limit])
