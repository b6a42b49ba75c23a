"""What a person can be written to at: an e-mail address or a telephone number."""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from surveys.services.phones import phone_of

_EMAIL: Final = re.compile(
    r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
NOT_AN_ADDRESS: Final = "is not an e-mail address, and no telephone number with its country"


def address_of(text: str) -> str | None:
    """The address as it is stored; None where it is none."""
    return email_of(text) or phone_of(text)


def email_of(text: str) -> str | None:
    """The address in lower case; None where it is none."""
    address = text.strip().lower()
    if len(address) > 254:
        return None
    if _EMAIL.fullmatch(address):
        return address
    try:
        validate_email(address)
    except ValidationError:
        return None
    return address
