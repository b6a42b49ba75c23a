"""The same answer to the same request: Idempotency-Key.

The answer is stored in the transaction of its effect: either both are there or neither, so a
client that got no answer can always send again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from surveys.models import ApiKey, IdempotentReply
from surveys.services.intake_sql import with_retries

KEPT: Final = timedelta(hours=24)
LONGEST_KEY: Final = 255


class InProgressError(Exception):
    """The first request under this key is still being worked on."""


class OtherRequestError(Exception):
    """The key was used for a different request."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status and JSON text."""

    status: int
    body: str


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What makes two requests the same."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).digest()


def once(
    api_key: ApiKey, name: str, request_hash: bytes, now: datetime, effect: Callable[[], Reply]
) -> Reply:
    """The stored answer to this request, else the effect's, stored with it.

    An effect that raises leaves nothing behind. Raises: InProgressError, OtherRequestError.
    """
    return with_retries(lambda: _once(api_key, name, request_hash, now, effect))


def _once(
    api_key: ApiKey, name: str, request_hash: bytes, now: datetime, effect: Callable[[], Reply]
) -> Reply:
    if not _try_lock(f"idempotency {api_key.pk} {name}"):
        raise InProgressError
    stored = IdempotentReply.objects.filter(api_key=api_key, key=name).first()
    if stored is not None and stored.created_at > now - KEPT and stored.status is not None:
        if bytes(stored.request_hash) != request_hash:
            raise OtherRequestError
        return Reply(stored.status, str(stored.body))
    reply = effect()
    IdempotentReply.objects.update_or_create(
        api_key=api_key,
        key=name,
        defaults={
            "request_hash": request_hash,
            "status": reply.status,
            "body": reply.body,
            "created_at": now,
        },
    )
    return reply


def forget_old(now: datetime) -> int:
    """Delete answers past their time; returns how many."""
    deleted, _ = IdempotentReply.objects.filter(created_at__lte=now - KEPT).delete()
    return deleted


def _try_lock(name: str) -> bool:
    """A lock on a name until the end of the transaction, without waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
