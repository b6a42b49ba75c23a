"""Telephone numbers as they are stored: E.164, a plus sign and 8 to 15 digits."""

from __future__ import annotations

import re
from typing import Final

#: What people write between the digits.
_BETWEEN: Final = re.compile(r"[\s().\u2010-\u2015-]+")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{7,14}")
NOT_A_NUMBER: Final = 'is no telephone number; write it with its country, as in "+49 30 901820"'


def phone_of(text: str) -> str | None:
    """The number as it is stored; None where it is none. A country is never guessed."""
    bare = _BETWEEN.sub("", text)
    return bare if _NUMBER.fullmatch(bare) else None


def is_phone(address: str) -> bool:
    """Whether an address is a stored telephone number: no e-mail address is without an @."""
    return address.startswith("+") and "@" not in address
