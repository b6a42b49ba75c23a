"""Keeps texts that must be readable again, such as a helpdesk's signing secret, so that a stolen
dump of the database opens none of them: the key is derived from `SECRET_KEY`, which is not in it.

Fernet of the `cryptography` package, which encrypts and authenticates; its keys come from
`SECRET_KEY` and the former ones by HKDF, so that no key serves two purposes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

_PURPOSE: Final = b"stabledoor sealing"


class LostKeyError(LookupError):
    """Neither SECRET_KEY nor SECRET_KEY_FALLBACKS sealed this, or it was changed since."""


def seal(text: str) -> bytes:
    """The text, sealed with `SECRET_KEY`; twice the same text is not twice the same seal."""
    return _box().encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """The text again, perhaps sealed under a former key.

    Raises: LostKeyError.
    """
    from cryptography.fernet import InvalidToken

    try:
        return _box().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise LostKeyError(
            "it was kept with a former SECRET_KEY; put that key into SECRET_KEY_FALLBACKS"
        ) from None


def _box() -> MultiFernet:
    return _box_of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=16)
def _box_of(secrets: tuple[str, ...]) -> MultiFernet:
    # Loading it takes some tens of milliseconds, which only who seals anything pays for.
    import base64

    from cryptography.fernet import Fernet, MultiFernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    keys = (
        HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
        for secret in secrets
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
