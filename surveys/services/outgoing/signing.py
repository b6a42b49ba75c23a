"""Secrets of endpoints, and the signature by which a receiver knows our events.

A secret is derived, not stored: an HMAC of a random number under a key that never enters the
database. A stolen dump therefore forges no event, and staff can look a secret up again.

Source: Standard Webhooks 1.0, https://www.standardwebhooks.com/ (symmetric, `v1`).
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import uuid
from collections.abc import Sequence
from functools import cache
from typing import Final

from django.conf import settings

from surveys.models import WebhookEndpoint
from surveys.services.tokens import LostKeyError, hash_of

PREFIX: Final = "whsec_"
#: How long the former secret still signs after a rotation.
OVERLAP: Final = dt.timedelta(hours=24)


@cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"stabledoor webhook secret", "sha256")


def secret_of(nonce: uuid.UUID, key: str | None = None) -> str:
    """The secret of a number, made with `SECRET_KEY` unless another key is given."""
    mac = hmac.digest(_key(key or settings.SECRET_KEY), nonce.bytes, "sha256")
    return PREFIX + base64.b64encode(mac).decode()


def secret_again(nonce: uuid.UUID, secret_hash: bytes) -> str:
    """A secret given out earlier, perhaps under a former key. Raises: LostKeyError."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = secret_of(nonce, key)
        if hmac.compare_digest(hash_of(secret), bytes(secret_hash)):
            return secret
    raise LostKeyError(
        "the secret was made with a former SECRET_KEY; put that key into SECRET_KEY_FALLBACKS, "
        "or rotate the secret"
    )


def secrets_of(endpoint: WebhookEndpoint, now: dt.datetime) -> list[str]:
    """The secrets that sign just now, the newest first. Raises: LostKeyError for the newest."""
    found = [secret_again(endpoint.secret_nonce, bytes(endpoint.secret_hash))]
    if (
        endpoint.former_nonce is not None
        and endpoint.former_hash is not None
        and endpoint.former_until is not None
        and endpoint.former_until > now
    ):
        try:
            found.append(secret_again(endpoint.former_nonce, bytes(endpoint.former_hash)))
        except LostKeyError:
            return found  # whoever lost it has the new one
    return found


def signature(secret: str, name: str, moment: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of `name.moment.body`, in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    mac = hmac.digest(key, f"{name}.{moment}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(mac).decode()


def headers(secrets: Sequence[str], name: str, moment: int, body: bytes) -> dict[str, str]:
    """The three headers of a request: with two secrets it carries both signatures."""
    return {
        "webhook-id": name,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(signature(each, name, moment, body) for each in secrets),
    }
