"""Anything that can send signed JSON: a helpdesk of one's own, a script, an integration platform.

What it sends: `POST` with a JSON object (or an array of them) that has the fields of a case of our
own API: `external_id`, `status` (`resolved`, `reopened`, `open`, or the sender's own status, mapped
on the connection), `resolved_at`, `customer.email` and so on. `fields` of the connection says where
they stand instead, each by a dotted path with indexes (`ticket.people[0].mail`).

How it is proven: Standard Webhooks. `webhook-id`, `webhook-timestamp` (seconds since 1970, made at
sending, within 5 minutes), and `webhook-signature`: `v1,` and the Base64 of the HMAC-SHA256 of
`{id}.{timestamp}.{body}`; several, with blanks between them, while a secret is rotated. The key is
the secret as it stands, or what follows `whsec_` decoded from Base64. `webhook-id` is the id of the
event: sent again with the same id it changes nothing.

What is not in the body: nothing but what the sender leaves out.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from surveys.helpdesks import signing
from surveys.helpdesks.base import (
    IGNORED,
    RESOLVED,
    Agent,
    Answer,
    Call,
    HelpdeskEvent,
    UnreadableError,
    Wiring,
)
from surveys.helpdesks.reading import Node, follow, json_of
from surveys.helpdesks.statuses import Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event, once_each
from surveys.helpdesks.times import moment

KIND: Final = "generic"
NAME: Final = "Anything else"

TEMPLATE: Final = """\
{
  "external_id": "{{ case id }}",
  "status": "{{ status }}",
  "resolved_at": "{{ time of the change, 2026-11-20T14:30:00Z }}",
  "customer": {
    "email": "{{ e-mail address of the customer }}",
    "name": "{{ name of the customer }}",
    "language": "{{ language, such as de }}"
  },
  "agents": [{"name": "{{ name of the agent }}", "email": "{{ address of the agent }}"}],
  "team": "{{ team }}",
  "cause": "{{ cause }}",
  "subject": "{{ subject }}"
}
"""

#: What a status means where the connection does not say otherwise.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {"resolved": "resolved", "reopened": "open", "open": "open", "ignored": "ignored"}
)


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """Nothing is asked before the first event."""
    return None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    event_id = signing.header(call, "webhook-id")
    stamp = signing.header(call, "webhook-timestamp")
    told = signing.header(call, "webhook-signature").split()
    claims = [claim.partition(",")[2] for claim in told if claim.startswith("v1,")]
    message = f"{event_id}.{stamp}.".encode("utf-8", "surrogatepass") + call.body
    right = (signing.base64_digest(_key(key), message) for key in signing.keys(wiring))
    signing.require("webhook-signature", claims, right)
    signing.fresh("webhook-timestamp", stamp, now)


def _key(secret: bytes) -> bytes:
    if secret.startswith(b"whsec_"):
        encoded = secret.removeprefix(b"whsec_")
        try:
            return base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
        except (binascii.Error, ValueError):
            return encoded
    return secret


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = json_of(call)
    if not isinstance(body.value, list):
        return [_event(body.required_object(), call, wiring)]
    items = body.items()
    if not items:
        raise UnreadableError("body: is an empty list")
    return once_each(
        _event(Node(item.required_object().value), call, wiring, number)
        for number, item in enumerate(items)
    )


def _event(body: Node, call: Call, wiring: Wiring, number: int | None = None) -> HelpdeskEvent:
    def at(field: str) -> Node:
        return follow(body, wiring.fields.get(field) or field)

    case = (at("external_id") if "case" not in wiring.fields else at("case")).required_id()
    status = at("status")
    if not (label := status.label()):
        raise UnreadableError(f"{status.name}: is missing")
    before = at("previous_status").label()
    known = Statuses(wiring.statuses, STATUSES)
    outcome, why = change(known.meaning(label), known.meaning(before), label)
    times = ("occurred_at", "resolved_at") if outcome != RESOLVED else ("resolved_at",)
    customer = body.at("customer")
    event_id = at("event_id").id() or call.headers.get("webhook-id", "").strip()
    if event_id and number:
        event_id = f"{event_id}/{number}"
    told = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        event_id=event_id if outcome != IGNORED or number is None else "",
        at=next((m for name in (*times, "occurred_at") if (m := moment(at(name)))), None),
        number=at("number").text(),
        requester_id=customer.at("external_id").id(),
        email=customer.at("email").email(),
        name=customer.at("name").text(),
        language=customer.at("language").text(),
        timezone=customer.at("timezone").text(),
        phone=customer.at("phone").text(),
        agents=tuple(_agent(agent) for agent in body.at("agents").items()),
        group=at("team").label(),
        cause=at("cause").label(),
        product=at("product").label(),
        channel=at("channel").label(),
        subject=at("subject").text(),
        severity=at("severity").label(),
        tags=at("tags").words(),
        opened_at=moment(at("opened_at")),
    )
    return chosen_otherwise(event(told), body, wiring)


def _agent(node: Node) -> Agent:
    return Agent(node.at("external_id").id(), node.at("name").text(), node.at("email").email())


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
