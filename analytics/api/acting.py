"""What the operations that change something of analytics have in common."""

from __future__ import annotations

from typing import Final

from surveys.api.doing import fault
from surveys.models import User
from surveys.services.storable import is_storable

#: The body of a request that changes one thing.
LARGEST: Final = 32 * 1024


def text_of(field: str, value: str, most: int) -> str:
    """The text as it came. Raises: Problem where it is longer, or no table could hold it."""
    if len(value) > most:
        raise fault(field, f"must have at most {most:,} characters")
    if not is_storable(value):
        raise fault(field, "has a character that is no Unicode text")
    return value


def member(field: str, email: str) -> User:
    """An active member of staff by address. Raises: Problem."""
    address = text_of(field, email, 254).strip().lower()
    found = User.objects.filter(email=address, is_active=True).first()
    if found is None:
        raise fault(field, "There is no active member of staff with this address.")
    return found
