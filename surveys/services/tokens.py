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


def token_of(nonce: uuid.UUID) -> str:
    """The token of an invitation's link."""
    mac = hmac.digest(_key(settings.SECRET_KEY), nonce.bytes, "sha256")
    return base64.urlsafe_b64encode(mac[:20]).decode().rstrip("=")


def hash_of(token: str) -> bytes:
    """What is stored and looked up in place of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def email_hash(email: str) -> str:
    """What stays of an address in the suppression list and the ledger of erasures.

    Not keyed: whoever unsubscribed or was erased must stay so when `SECRET_KEY` changes.
    """
    address = email.strip().lower().encode("utf-8", "surrogatepass")
    return hashlib.sha256(b"stabledoor address\0" + address).hexdigest()
