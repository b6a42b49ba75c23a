"""HubSpot: tickets of the Service Hub.

What it sends: `POST`, JSON, an array of up to 100 changes, each of one property of one record:
`ticket.propertyChange`, or `object.propertyChange` with `objectTypeId` 0-5. What counts is
`hs_pipeline_stage`; other properties that change with it are told as items of their own. Items may
come twice, late, and in any order; `eventId` is not promised to be unique, so one change is known
by ticket, stage and time.

How it signs: `X-HubSpot-Signature-v3`, the Base64 of the HMAC-SHA256 of method, address, body and
`X-HubSpot-Request-Timestamp` (thousandths of seconds, made at sending, within 5 minutes), keyed
with the client secret of the app.

What is not in the body: everything but the ticket's id, its stage and the time. The customer, the
owner and the cause are asked for by HubSpot's API.

Stages are ids: 1 new, 2 waiting on the contact, 3 waiting on us, 4 closed in the pipeline that
every account begins with; all others are mapped on the connection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from surveys.helpdesks import signing
from surveys.helpdesks.base import Answer, Call, HelpdeskEvent, UnreadableError, Wiring
from surveys.helpdesks.reading import Node, json_of
from surveys.helpdesks.statuses import Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event, ignored, once_each
from surveys.helpdesks.times import moment

KIND: Final = "hubspot"
NAME: Final = "HubSpot"
TEMPLATE: Final = ""

#: What a stage means where the connection does not say otherwise.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {"1": "open", "2": "ignored", "3": "open", "4": "resolved"}
)
_TICKETS: Final = "0-5"
# What HubSpot writes plainly in the address it signs, however it was written in the request.
_DECODED: Final = {
    "%3a": ":", "%2f": "/", "%3f": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2a": "*", "%2c": ",", "%3b": ";",
}  # fmt: skip


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """Nothing is asked before the first event."""
    return None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    told = signing.header(call, "X-HubSpot-Signature-v3")
    stamp = signing.header(call, "X-HubSpot-Request-Timestamp")
    right = [
        signing.base64_digest(key, before.encode("utf-8", "surrogatepass") + call.body + after)
        for key in signing.keys(wiring)
        for before in {call.method + call.url, call.method + _plainly(call.url)}
        for after in [stamp.encode("utf-8", "surrogatepass")]
    ]
    signing.require("X-HubSpot-Signature-v3", told, right)
    signing.fresh("X-HubSpot-Request-Timestamp", stamp, now)


def _plainly(url: str) -> str:
    return re.sub(r"%[0-9a-fA-F]{2}", lambda m: _DECODED.get(m[0].lower(), m[0]), url)


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = json_of(call)
    items = body.items() if isinstance(body.value, list) else [body.required_object()]
    if not items:
        raise UnreadableError("body: is an empty list")
    told = [(moment(item.required_object().at("occurredAt")), item) for item in items]
    told.sort(key=lambda pair: pair[0].timestamp() if pair[0] else 0.0)
    return once_each(_event(item, at, wiring) for at, item in told)


def _event(item: Node, at: datetime | None, wiring: Wiring) -> HelpdeskEvent:
    kind = item.at("subscriptionType").text()
    object_type = item.at("objectTypeId").id() or _TICKETS
    is_ticket = kind.startswith("ticket.") or (
        kind.startswith("object.") and object_type == _TICKETS
    )
    if not is_ticket:
        return ignored(f"{kind or 'this'} tells of no ticket")
    case = item.at("objectId").required_id()
    if not kind.endswith(".propertyChange"):
        return ignored(f"{kind} is no change of the stage", case=case)
    name = item.at("propertyName").text()
    if name != "hs_pipeline_stage":
        return ignored(f"{name or 'this'} is not the stage", case=case)
    stage = item.at("propertyValue").id()
    outcome, why = change(Statuses(wiring.statuses, STATUSES).meaning(stage), None, stage)
    occurred = item.at("occurredAt").id()
    event_id = f"{case}:{stage}:{occurred}" if occurred else item.at("eventId").id()
    made = HelpdeskEvent(outcome, case=case, why=why, event_id=event_id, at=at)
    return chosen_otherwise(event(made), Node(item.value), wiring)


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
