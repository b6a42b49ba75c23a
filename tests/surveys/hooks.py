"""A helpdesk of one's own, as the tests of webhooks need it: it signs and sends."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from typing import Any

from django.test import Client

from surveys.models import Connection
from surveys.services import connections

_NUMBERS = itertools.count(1)
RESOLVED_AT = "2026-03-02T09:30:00+00:00"
REOPENED_AT = "2026-03-02T11:00:00+00:00"


def signature(secret: str, event_id: str, stamp: str, body: bytes) -> str:
    """As Standard Webhooks describe it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Desk:
    """A helpdesk with a generic connection, known by `secret`."""

    def __init__(self, connection: Connection | None = None) -> None:
        self.connection = connection or connections.make("generic", "Our desk")
        self.secret = connections.secrets_of(self.connection)[0]
        self.client = Client(raise_request_exception=False)

    @property
    def path(self) -> str:
        return f"/hooks/{self.connection.slug}/"

    def headers(self, body: bytes, event_id: str = "", *, late: int = 0) -> dict[str, str]:
        event_id = event_id or f"msg_{next(_NUMBERS)}"
        stamp = str(int(time.time()) - late)
        signed = signature(self.secret, event_id, stamp, body)
        return {
            "webhook-id": event_id, "webhook-timestamp": stamp, "webhook-signature": signed,
        }  # fmt: skip

    def send(self, body: Any, event_id: str = "", **headers: str) -> Any:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = self.headers(sent, event_id) | headers
        return self.client.post(self.path, sent, content_type="application/json", headers=told)

    def resolve(self, case: str, event_id: str = "", **more: Any) -> Any:
        return self.send(resolved(case, **more), event_id)

    def reopen(self, case: str, event_id: str = "") -> Any:
        return self.send(reopened(case), event_id)


def resolved(case: str, **more: Any) -> dict[str, Any]:
    """A case just resolved, of a customer whose address is told."""
    told: dict[str, Any] = {
        "external_id": case,
        "status": "resolved",
        "resolved_at": RESOLVED_AT,
        "customer": {"email": f"customer-{case}@example.com", "name": "Ada Okafor"},
        "agents": [{"external_id": "a-1", "name": "Bo Lind"}],
        "team": "First line",
        "reason": {"of": "billing"},
    }
    return told | more


def reopened(case: str) -> dict[str, Any]:
    """The same case, opened again an hour and a half later."""
    return {"external_id": case, "status": "reopened", "occurred_at": REOPENED_AT}
