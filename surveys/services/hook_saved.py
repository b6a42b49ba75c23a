"""A delivery of the inspector as a file, to be looked at, sent on, or replayed by a command."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any, Final

from surveys.models import HookDelivery

#: What makes a JSON file a saved delivery, and no body of a helpdesk's.
_MARK: Final = "stabledoor_delivery"


@dataclass(frozen=True, slots=True)
class Saved:
    """A body with what came along."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    connection: str = ""


def write(delivery: HookDelivery) -> bytes:
    """The delivery as JSON, its body in Base64 so that not one byte changes."""
    told = {
        _MARK: 1,
        "connection": delivery.connection.slug,
        "received_at": delivery.received_at.isoformat(),
        "method": delivery.method,
        "headers": delivery.headers,
        "body_base64": base64.b64encode(bytes(delivery.body or b"")).decode(),
    }
    return json.dumps(told, indent=2, ensure_ascii=False).encode()


def read(content: bytes) -> Saved:
    """What a file holds: a saved delivery, or else a body as it stands."""
    try:
        told: Any = json.loads(content)
        if not (isinstance(told, dict) and told.get(_MARK) == 1):
            return Saved(content)
        body = base64.b64decode(str(told["body_base64"]), validate=True)
    except (ValueError, KeyError, RecursionError, binascii.Error):
        return Saved(content)
    headers = told.get("headers")
    kept = headers.items() if isinstance(headers, dict) else ()
    return Saved(body, {str(n).lower(): str(v) for n, v in kept}, str(told.get("connection", "")))
