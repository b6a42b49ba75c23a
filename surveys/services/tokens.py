"""The secret in a respondent's link.

It is derived, not stored: an HMAC of the invitation's nonce under a key that never enters the
database. A stolen dump therefore opens no survey, yet a reminder can carry the same link.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from functools import cache

from django.conf import settings

TOKEN_LENGTH = 27  # base64url of 20 bytes = 160 bits, without padding


@cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"stabledoor respondent link", "sha256")


class LostKeyError(LookupError):
    """The key that an invitation's link was made with is gone."""


def token_of(nonce: uuid.UUID, secret: str | None = None) -> str:
    """The token of a new invitation's link, made with `SECRET_KEY` unless another is given."""
    mac = hmac.digest(_key(secret or settings.SECRET_KEY), nonce.bytes, "sha256")
    return base64.urlsafe_b64encode(mac[:20]).decode().rstrip("=")


def token_again(nonce: uuid.UUID, token_hash: bytes) -> str:
    """The token of an invitation planned earlier, perhaps under a former key.

    Raises: LostKeyError where neither `SECRET_KEY` nor `SECRET_KEY_FALLBACKS` made it: a mail
    would carry a link that opens nothing.
    """
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = token_of(nonce, secret)
        if hash_of(token) == bytes(token_hash):
            return token
    raise LostKeyError(
        "the link was made with a former SECRET_KEY; put that key into SECRET_KEY_FALLBACKS"
    )


def hash_of(token: str) -> bytes:
    """What is stored and looked up in place of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def email_hash(email: str) -> str:
    """What stays of an address in the suppression list and the ledger of erasures.

    Not keyed: whoever unsubscribed or was erased must stay so when `SECRET_KEY` changes.
    """
    address = email.strip().lower().encode("utf-8", "surrogatepass")
    return hashlib.sha256(b"stabledoor address\0" + address).hexdigest()
