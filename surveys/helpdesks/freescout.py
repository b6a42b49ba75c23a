"""FreeScout, by its module "API & Webhooks".

What it sends: `POST`, JSON, the conversation as it is now, and in the header `X-FreeScout-Event`
what happened: `convo.status` is the change of the status; all else is left alone.

How it signs: `X-FreeScout-Signature`, the Base64 of the HMAC-SHA1 of the body, keyed with the
secret key shown on the module's page. There is no stamp and no id: a call sent again is known by
the case, the change and its time.

What is not in the body: the customer's language, and the mailbox's name, only its id. Who closed it
(`closedByUser`) and who began it (`createdBy`) are not taken for the customer.

Statuses: active, pending, closed and spam.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from surveys.helpdesks import signing
from surveys.helpdesks.base import RESOLVED, Agent, Answer, Call, HelpdeskEvent, Wiring
from surveys.helpdesks.reading import Node, is_cause, json_of
from surveys.helpdesks.statuses import Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event, ignored
from surveys.helpdesks.times import moment

KIND: Final = "freescout"
NAME: Final = "FreeScout"
TEMPLATE: Final = ""

#: What a status means where the connection does not say otherwise.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "active": "open",
        "pending": "ignored",
        "closed": "resolved",
        "spam": "ignored",
        "1": "open",
        "2": "ignored",
        "3": "resolved",
        "4": "ignored",
    }
)


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """Nothing is asked before the first event."""
    return None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    told = signing.header(call, "X-FreeScout-Signature")
    right = (signing.base64_digest(key, call.body, "sha1") for key in signing.keys(wiring))
    signing.require("X-FreeScout-Signature", told, right)


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = json_of(call).required_object()
    kind = call.headers.get("x-freescout-event", "").strip()
    if kind not in ("convo.status", ""):
        return [ignored(f"{kind} is no change of status", case=body.at("id").id())]
    case = body.at("id").required_id()
    status = body.at("status").label()
    if body.at("state").text() == "deleted":
        return [ignored("the conversation was deleted", case=case)]
    outcome, why = change(Statuses(wiring.statuses, STATUSES).meaning(status), None, status)
    times = ["userUpdatedAt", "updatedAt"]
    if outcome == RESOLVED:
        times.insert(0, "closedAt")
    customer, assignee = body.at("customer"), body.at("assignee")
    embedded = body.at("_embedded")
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        at=next((m for name in times if (m := moment(body.at(name)))), None),
        number=body.at("number").text(),
        requester_id=customer.at("id").id(),
        email=_address(customer),
        name=_name(customer),
        phone=customer.at("phone").text(),
        agents=(Agent(assignee.at("id").id(), _name(assignee), assignee.at("email").email()),),
        group=embedded.at("mailbox", "name").text() or body.at("mailbox", "name").text(),
        cause=_cause(body.at("customFields")),
        channel=body.at("type").text(),
        subject=body.at("subject").text(),
        tags=embedded.at("tags").words() or body.at("tags").words(),
        opened_at=moment(body.at("createdAt")),
    )
    return [chosen_otherwise(event(made), body, wiring)]


def _address(customer: Node) -> str:
    return (
        customer.at("email").email()
        or customer.at("emails", 0).email()
        or customer.at("_embedded", "emails", 0, "value").email()
    )


def _name(person: Node) -> str:
    names = (person.at("firstName").text(), person.at("lastName").text())
    return " ".join(name for name in names if name)


def _cause(fields: Node) -> str:
    """The field that people call cause: of a choice its text, not its number."""
    for field in fields.items():
        if is_cause(field.at("name").text()):
            return field.first("text", "value").label()
    return ""


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
