"""Calls as helpdesks make them: composed after what each documents, signed as each signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from surveys.helpdesks import ADAPTERS
from surveys.helpdesks.base import Call, HelpdeskEvent, Wiring

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
SECRET = "a-secret-of-forty-letters-nobody-guesses"
ORGANISATION = "00Dxx0000001gERUAY"
WIRING = Wiring(secrets=(SECRET,), options={"organization_id": ORGANISATION})
ADDRESS = "https://feedback.example.com/hooks/connection-2345/"


def call(
    kind: str,
    body: bytes | str | Mapping[str, Any] | Sequence[Any],
    headers: Mapping[str, str] | None = None,
    *,
    url: str = ADDRESS,
    method: str = "POST",
) -> Call:
    """A call of this kind, unsigned."""
    if isinstance(body, str):
        raw = body.encode()
    elif isinstance(body, bytes):
        raw = body
    else:
        raw = json.dumps(body).encode()
    return Call(method, url, {k.lower(): v for k, v in (headers or {}).items()}, raw)


def _mac(message: bytes, secret: str, algorithm: str = "sha256") -> bytes:
    return hmac.new(secret.encode(), message, getattr(hashlib, algorithm)).digest()


def signature(
    kind: str, body: bytes, *, secret: str = SECRET, at: datetime = NOW, url: str = ADDRESS
) -> dict[str, str]:
    """The headers by which this helpdesk proves a body."""
    seconds = str(int(at.timestamp()))
    if kind == "zendesk":
        stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        mac = base64.b64encode(_mac(stamp.encode() + body, secret)).decode()
        return {
            "x-zendesk-webhook-signature": mac,
            "x-zendesk-webhook-signature-timestamp": stamp,
        }
    if kind in ("intercom", "zammad"):
        return {"x-hub-signature": "sha1=" + _mac(body, secret, "sha1").hex()}
    if kind == "jira":
        return {"x-hub-signature": "sha256=" + _mac(body, secret).hex()}
    if kind == "hubspot":
        stamp = seconds + "000"
        message = b"POST" + url.encode() + body + stamp.encode()
        mac = base64.b64encode(_mac(message, secret)).decode()
        return {"x-hubspot-signature-v3": mac, "x-hubspot-request-timestamp": stamp}
    if kind == "chatwoot":
        mac = _mac(f"{seconds}.".encode() + body, secret).hex()
        return {"x-chatwoot-signature": f"sha256={mac}", "x-chatwoot-timestamp": seconds}
    if kind == "glpi":
        mac = _mac(body + seconds.encode(), secret).hex()
        return {"x-glpi-signature": mac, "x-glpi-timestamp": seconds}
    if kind == "freescout":
        mac = base64.b64encode(_mac(body, secret, "sha1")).decode()
        return {"x-freescout-signature": mac}
    if kind == "generic":
        message = f"msg_1.{seconds}.".encode() + body
        mac = base64.b64encode(_mac(message, secret)).decode()
        return {
            "webhook-id": "msg_1",
            "webhook-timestamp": seconds,
            "webhook-signature": f"v1,{mac}",
        }
    return {"x-stabledoor-secret": secret}  # freshdesk; salesforce signs by its address


def signed(
    kind: str,
    body: bytes | str | Mapping[str, Any] | Sequence[Any],
    headers: Mapping[str, str] | None = None,
    *,
    secret: str = SECRET,
    at: datetime = NOW,
) -> Call:
    """A call that proves itself as this helpdesk does."""
    url = f"{ADDRESS}?secret={secret}" if kind == "salesforce" else ADDRESS
    made = call(kind, body, headers, url=url)
    proof = {} if kind == "salesforce" else signature(kind, made.body, secret=secret, at=at)
    return Call(made.method, made.url, {**made.headers, **proof}, made.body)


def read(
    kind: str,
    body: bytes | str | Mapping[str, Any] | Sequence[Any],
    headers: Mapping[str, str] | None = None,
    wiring: Wiring = WIRING,
) -> list[HelpdeskEvent]:
    """What is made of a genuine call: proven first, then read."""
    made = signed(kind, body, headers)
    ADAPTERS[kind].verify(made, wiring, NOW)
    return list(ADAPTERS[kind].read(made, wiring))


def read_one(
    kind: str,
    body: bytes | str | Mapping[str, Any] | Sequence[Any],
    headers: Mapping[str, str] | None = None,
    wiring: Wiring = WIRING,
) -> HelpdeskEvent:
    """The same, of a call that tells one thing."""
    (event,) = read(kind, body, headers, wiring)
    return event
