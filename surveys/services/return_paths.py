"""Where a mail comes back to: an envelope sender that names its delivery and is signed (VERP).

`bounce+<delivery>.<kind>.<signature>@domain`, all of it in the lower-case letters and digits of
base 32, for servers on the way may change the case of a local part. The signature is an HMAC
under a key outside the database, over the delivery, its kind and the invitation's nonce: so that
a delivery's number given out anew, after an older backup was restored, is not taken for the mail
that carried it before, and nothing acts on a person who was erased.
"""

from __future__ import annotations

import base64
import hmac
import re
import uuid
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from django.conf import settings

from surveys.models import Delivery

#: Characters that a signed local part has beyond that of `BOUNCE_ADDRESS`.
ADDED: Final = 37
LONGEST_LOCAL_PART: Final = 64  # RFC 5321, 4.5.3.1.1
_SIGNATURE_BYTES: Final = 12  # 96 bits; whoever guesses must send a mail for each guess
_KINDS: Final = {"i": Delivery.Kind.INVITATION, "r": Delivery.Kind.REMINDER}
_LETTERS: Final = {kind: letter for letter, kind in _KINDS.items()}
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_SHAPE: Final = re.compile(r"\+([0-9a-z]{1,13})\.([ir])\.([a-z2-7]{20})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an address of the right shape says of itself, not yet believed."""

    delivery_id: int
    kind: str
    signature: str


def sender_of(delivery_id: int, kind: str, nonce: uuid.UUID) -> str | None:
    """The envelope sender of a mail; None where no `BOUNCE_ADDRESS` is set."""
    if not settings.BOUNCE_ADDRESS:
        return None
    local, _, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    letter = _LETTERS[Delivery.Kind(kind)]
    signature = _signature(settings.SECRET_KEY, delivery_id, letter, nonce)
    return f"{local}+{_short(delivery_id)}.{letter}.{signature}@{domain}"


def read(address: str) -> Claimed | None:
    """What an address claims; None for one that cannot be ours. Asks no database."""
    if not settings.BOUNCE_ADDRESS or len(address) > 320:
        return None
    own_local, _, own_domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    local, _, domain = address.strip().strip("<>").lower().rpartition("@")
    if domain != own_domain or not local.startswith(own_local):
        return None
    found = _SHAPE.fullmatch(local[len(own_local) :])
    if found is None or int(found[1], 36) >= 2**63:
        return None
    return Claimed(int(found[1], 36), _KINDS[found[2]], found[3])


def is_signed(claimed: Claimed, nonce: uuid.UUID) -> bool:
    """Whether we gave this return path to the delivery, under today's key or a former one."""
    letter = _LETTERS[Delivery.Kind(claimed.kind)]
    # All keys are tried in any case: how long it takes says nothing.
    right = [
        hmac.compare_digest(
            _signature(secret, claimed.delivery_id, letter, nonce), claimed.signature
        )
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
    return any(right)


def mark_of(delivery_id: int, kind: str, nonce: uuid.UUID) -> str:
    """The same without an address, for a provider that carries it beside the mail."""
    letter = _LETTERS[Delivery.Kind(kind)]
    signature = _signature(settings.SECRET_KEY, delivery_id, letter, nonce)
    return f"+{_short(delivery_id)}.{letter}.{signature}"


def read_mark(mark: str) -> Claimed | None:
    """What a mark claims; None for one that cannot be ours."""
    found = _SHAPE.fullmatch(mark)
    if found is None or int(found[1], 36) >= 2**63:
        return None
    return Claimed(int(found[1], 36), _KINDS[found[2]], found[3])


@cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"stabledoor return path", "sha256")


def _signature(secret: str, delivery_id: int, letter: str, nonce: uuid.UUID) -> str:
    text = b"%d.%s." % (delivery_id, letter.encode()) + nonce.bytes
    mac = hmac.digest(_key(secret), text, "sha256")
    return base64.b32encode(mac[:_SIGNATURE_BYTES]).decode().lower().rstrip("=")


@lru_cache(maxsize=256)
def _short(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
