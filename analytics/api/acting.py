"""What the operations that change something of analytics have in common."""

from __future__ import annotations

from typing import Final

from rest_framework.request import Request

from surveys.api.problems import Problem
from surveys.models import ApiKey, User

#: The body of a request that changes one thing.
LARGEST: Final = 32 * 1024


def actor_of(request: Request) -> str:
    """Who does it, as logs keep it: a key is nobody, so it is called by its name."""
    key = request.auth
    return f"API key {key.name}" if isinstance(key, ApiKey) else str(request.user)


def fault(field: str, message: str) -> Problem:
    """What is wrong with one field; with none, that something stands in its way."""
    if not field:
        return Problem(409, message)
    return Problem(400, "The request has faults.", errors=[(field, message)])


def text_of(field: str, value: str, most: int) -> str:
    """The text as it came. Raises: Problem where it is longer, or no table could hold it."""
    if len(value) > most:
        raise fault(field, f"must have at most {most:,} characters")
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise fault(field, "has a character that is no Unicode text")
    return value


def member(field: str, email: str) -> User:
    """An active member of staff by address. Raises: Problem."""
    address = text_of(field, email, 254).strip().lower()
    found = User.objects.filter(email=address, is_active=True).first()
    if found is None:
        raise fault(field, "There is no active member of staff with this address.")
    return found
