"""Zammad.

What it sends: `POST`, JSON, by a trigger: `ticket` and `article` as they are now, with no name of
an event and no word of what changed. So a trigger has to fire on the change of the state: one for
closed, one for open again. A ticket that is open and has a time of closing was reopened.

How it signs: `X-Hub-Signature: sha1=` and the HMAC-SHA1 of the body in hexadecimal digits, where a
token was set for the webhook. `X-Zammad-Delivery` is the id of the event.

What is not in the body: the customer's language, unless it is a field of the ticket. The author of
`article` wrote last, and is not taken for the customer.

States go by name (new, open, pending reminder, pending close, closed, merged); one's own are mapped
on the connection. Merged is neither resolved nor reopened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from surveys.helpdesks import signing
from surveys.helpdesks.base import (
    IGNORED,
    REOPENED,
    RESOLVED,
    Agent,
    Answer,
    Call,
    HelpdeskEvent,
    Wiring,
)
from surveys.helpdesks.reading import Node, cause_in, json_of
from surveys.helpdesks.statuses import Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event
from surveys.helpdesks.times import moment

KIND: Final = "zammad"
NAME: Final = "Zammad"
TEMPLATE: Final = ""

#: What a state means where the connection does not say otherwise.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "new": "open",
        "open": "open",
        "pending reminder": "ignored",
        "pending close": "ignored",
        "closed": "resolved",
        "merged": "ignored",
        "removed": "ignored",
    }
)


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """Nothing is asked before the first event."""
    return None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    signing.hub_signature(call, wiring, "sha1")


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = json_of(call).required_object()
    ticket = body.at("ticket").required_object()
    case = ticket.at("id").required_id()
    state = ticket.at("state")
    label = state.label()
    names = (state.at("id").id() or ticket.at("state_id").id(), label)
    statuses = Statuses(wiring.statuses, STATUSES)
    outcome, why = change(statuses.meaning(*names), None, label)
    closed = [m for name in ("last_close_at", "close_at") if (m := moment(ticket.at(name)))]
    if outcome == REOPENED and not closed:
        outcome, why = IGNORED, "is open and never was closed"
    customer, group = ticket.at("customer"), ticket.at("group")
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        event_id=call.headers.get("x-zammad-delivery", "").strip(),
        at=max(closed) if outcome == RESOLVED and closed else moment(ticket.at("updated_at")),
        number=ticket.at("number").text(),
        requester_id=customer.at("id").id() or ticket.at("customer_id").id(),
        email=customer.at("email").email() or customer.email(),
        name=_name(customer),
        language=(customer.at("preferences", "locale").text() or ticket.at("language").label()),
        phone=customer.first("mobile", "phone").text(),
        agents=(_agent(ticket.at("owner")),),
        group=group.label(),
        cause=cause_in(ticket),
        channel=ticket.at("create_article_type").label(),
        subject=ticket.at("title").text(),
        severity=ticket.at("priority").label(),
        tags=ticket.at("tags").words(),
        opened_at=moment(ticket.at("created_at")),
    )
    return [chosen_otherwise(event(made), body, wiring)]


def _agent(owner: Node) -> Agent:
    """The owner; user 1 stands for nobody."""
    if isinstance(owner.value, str):
        email = owner.email()
        return Agent(email=email, name="" if email or owner.text() == "-" else owner.text())
    email, owner_id = owner.at("email").email(), owner.at("id").id()
    name = _name(owner)
    return Agent() if owner_id == "1" and not email else Agent(owner_id, name, email)


def _name(user: Node) -> str:
    names = (user.at("firstname").text(), user.at("lastname").text())
    return " ".join(name for name in names if name and name != "-")


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
