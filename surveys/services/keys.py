"""API keys: made once, shown once, kept as SHA-256."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from surveys.models import ApiKey

_ALPHABET = string.ascii_letters + string.digits
_SHAPE = re.compile(r"sd_[A-Za-z0-9]{40}")
_PREFIX_LENGTH = 10
# A key in steady use is written to once a minute, not at every request.
_SEEN_EVERY = timedelta(minutes=1)


def hash_of(secret: str) -> bytes:
    """What is stored in place of a key. A key has 238 random bits, so one round is enough."""
    return hashlib.sha256(secret.encode()).digest()


def create(name: str, scopes: Sequence[str]) -> tuple[ApiKey, str]:
    """Make a key. The secret is returned this once and cannot be read again.

    Raises: ValueError for a blank name, no scope, or a scope that does not exist.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in ApiKey.Scope.values]
    if unknown:
        known = ", ".join(ApiKey.Scope.values)
        raise ValueError(f"there is no scope {unknown[0]!r}; choose from {known}")
    if not wanted:
        raise ValueError("a key without a scope could do nothing; give at least one --scope")
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise ValueError("a key needs a name of 1 to 200 printable characters")
    secret = "sd_" + "".join(secrets.choice(_ALPHABET) for _ in range(40))
    key = ApiKey.objects.create(
        name=name.strip(),
        prefix=secret[:_PREFIX_LENGTH],
        key_hash=hash_of(secret),
        scopes=wanted,
    )
    return key, secret


def find(secret: str) -> ApiKey | None:
    """The key of a secret, unless unknown or revoked."""
    if not _SHAPE.fullmatch(secret):
        return None
    key = ApiKey.objects.filter(key_hash=hash_of(secret), revoked_at=None).first()
    if key is not None:
        _note_use(key)
    return key


def revoke(key: ApiKey) -> None:
    """From now on the key opens nothing. Revoking again changes nothing."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    key.refresh_from_db(fields=["revoked_at"])


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > _SEEN_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _SEEN_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
