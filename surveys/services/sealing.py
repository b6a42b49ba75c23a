"""Keeps texts that must be readable again, such as a helpdesk's signing secret, so that a stolen
dump of the database opens none of them: the key is derived from `SECRET_KEY`, which is not in it.

The keystream is HMAC-SHA256 of a random nonce and a counter, and what is kept carries an HMAC over
all of it, made with another key: counter mode and encrypt-then-MAC, by the standard library alone.
"""

from __future__ import annotations

import hmac
import secrets
from functools import lru_cache
from typing import Final

from django.conf import settings

_NONCE: Final = 16
_MAC: Final = 32
_BLOCK: Final = 32


class LostKeyError(LookupError):
    """Neither SECRET_KEY nor SECRET_KEY_FALLBACKS sealed this, or it was changed since."""


def seal(text: str) -> bytes:
    """The text, sealed with `SECRET_KEY`; twice the same text is not twice the same seal."""
    nonce = secrets.token_bytes(_NONCE)
    encryption, authentication = _keys(settings.SECRET_KEY)
    hidden = nonce + _mixed(text.encode(), encryption, nonce)
    return hidden + hmac.digest(authentication, hidden, "sha256")


def unseal(sealed: bytes) -> str:
    """The text again, perhaps sealed under a former key.

    Raises: LostKeyError.
    """
    hidden, mac = bytes(sealed[:-_MAC]), bytes(sealed[-_MAC:])
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        encryption, authentication = _keys(secret)
        if hmac.compare_digest(hmac.digest(authentication, hidden, "sha256"), mac):
            return _mixed(hidden[_NONCE:], encryption, hidden[:_NONCE]).decode()
    raise LostKeyError(
        "it was kept with a former SECRET_KEY; put that key into SECRET_KEY_FALLBACKS"
    )


@lru_cache(maxsize=16)
def _keys(secret: str) -> tuple[bytes, bytes]:
    return (
        hmac.digest(secret.encode(), b"stabledoor sealing: encryption", "sha256"),
        hmac.digest(secret.encode(), b"stabledoor sealing: authentication", "sha256"),
    )


def _mixed(data: bytes, key: bytes, nonce: bytes) -> bytes:
    """Data combined with the keystream: sealed becomes plain and plain sealed."""
    stream = b"".join(
        hmac.digest(key, nonce + number.to_bytes(4), "sha256")
        for number in range(-(-len(data) // _BLOCK))
    )
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))
