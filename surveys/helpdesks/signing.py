"""Proof over raw bytes that a helpdesk calls. Every secret is tried, in constant time.

What fails says which header, and whether it is missing, wrong or stale; never what was expected.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from surveys.helpdesks.base import Call, NotAuthenticError, UnreadableError, Wiring
from surveys.helpdesks.reading import Node
from surveys.helpdesks.times import moment

WINDOW_SECONDS: Final = 300
#: Where a helpdesk that signs nothing but lets headers be set sends the secret.
OWN_HEADER: Final = "X-Stabledoor-Secret"
#: The query parameter that carries it where not even a header can be set.
OWN_PARAMETER: Final = "secret"


def keys(wiring: Wiring) -> list[bytes]:
    """Raises: NotAuthenticError where there is no secret: nothing could be proven by an empty
    one, which anybody knows."""
    found = [secret.encode("utf-8", "surrogatepass") for secret in wiring.secrets if secret]
    if not found:
        raise NotAuthenticError("the connection has no secret")
    return found


def header(call: Call, name: str) -> str:
    """Raises: NotAuthenticError where it is missing."""
    if told := call.headers.get(name.lower(), "").strip():
        return told
    raise NotAuthenticError(f"{name} is missing")


def require(name: str, told: str | Iterable[str], right: Iterable[str]) -> None:
    """Raises: NotAuthenticError where none of what was told is right."""
    claims = [told] if isinstance(told, str) else list(told)
    expected = list(right)
    agreed = [same(claim, text) for claim in claims[:20] for text in expected]
    if not any(agreed):
        raise NotAuthenticError(f"{name} is wrong")


def same(told: str, right: str) -> bool:
    """Whether two texts are equal, in a time that does not tell how nearly."""
    return hmac.compare_digest(
        told.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass")
    )


def hex_digest(key: bytes, message: bytes, algorithm: str = "sha256") -> str:
    """The HMAC as hexadecimal digits."""
    return hmac.new(key, message, algorithm).hexdigest()


def base64_digest(key: bytes, message: bytes, algorithm: str = "sha256") -> str:
    """The HMAC in Base64."""
    return base64.b64encode(hmac.new(key, message, algorithm).digest()).decode()


def hub_signature(call: Call, wiring: Wiring, *algorithms: str) -> None:
    """`X-Hub-Signature: sha1=…`, the HMAC of the body.

    Raises: NotAuthenticError.
    """
    told = header(call, "X-Hub-Signature")
    algorithm, _, digits = told.partition("=")
    algorithm = algorithm.strip().casefold()
    if algorithm not in algorithms:
        raise NotAuthenticError(f"X-Hub-Signature is no {' or '.join(algorithms)}")
    right = (hex_digest(key, call.body, algorithm) for key in keys(wiring))
    require("X-Hub-Signature", digits.strip().casefold(), right)


def fresh(name: str, stamp: str, now: datetime) -> None:
    """A stamp made at sending, as number or ISO time, lies within five minutes of now.

    Raises: NotAuthenticError.
    """
    try:
        stamped = moment(Node(stamp, name))
    except UnreadableError:
        stamped = None
    if stamped is None:
        raise NotAuthenticError(f"{name} is no time")
    seconds = (now.astimezone(UTC) - stamped).total_seconds()
    if seconds > WINDOW_SECONDS:
        raise NotAuthenticError(f"{name} is stale: more than {WINDOW_SECONDS} s old")
    if seconds < -WINDOW_SECONDS:
        raise NotAuthenticError(f"{name} is more than {WINDOW_SECONDS} s in the future")


def shared_secret(call: Call, wiring: Wiring, *, in_address: bool = False) -> None:
    """The secret itself: in its own header, as a bearer token, in basic authentication, or, where
    the helpdesk can set no header, in the address.

    Raises: NotAuthenticError.
    """
    told = {OWN_HEADER: call.headers.get(OWN_HEADER.lower(), "").strip()}
    scheme, _, rest = call.headers.get("authorization", "").strip().partition(" ")
    claims = [told[OWN_HEADER]]
    if scheme.casefold() == "bearer":
        claims.append(rest.strip())
    elif scheme.casefold() == "basic":
        claims += _basic(rest.strip())
    if in_address:
        claims += _in_address(call.url)
    claims = [claim for claim in claims if claim]
    where = "the secret in the address" if in_address else f"{OWN_HEADER} or Authorization"
    if not claims:
        raise NotAuthenticError(f"{where} is missing")
    require(where, claims, (key.decode("utf-8", "surrogatepass") for key in keys(wiring)))


def _basic(text: str) -> list[str]:
    """The password; a user without one, too, as helpdesks' own API keys are given."""
    try:
        pair = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return []
    user, _, password = pair.partition(":")
    return [password, user] if password.casefold() in ("", "x") else [password]


def _in_address(url: str) -> list[str]:
    try:
        query = urlsplit(url).query
    except ValueError:
        return []
    pairs = parse_qsl(query[:2000], errors="replace")
    return [value for name, value in pairs if name == OWN_PARAMETER]


def fingerprint(*parts: str) -> str:
    """An id for what has none of its own: equal parts, equal id."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
