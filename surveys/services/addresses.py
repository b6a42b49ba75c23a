"""What a person can be written to at: an e-mail address or a telephone number."""

from __future__ import annotations

from typing import Final

from surveys.services.intake_reading import email_of
from surveys.services.phones import phone_of

NOT_AN_ADDRESS: Final = "is not an e-mail address, and no telephone number with its country"


def address_of(text: str) -> str | None:
    """The address as it is stored; None where it is none."""
    return email_of(text) or phone_of(text)
