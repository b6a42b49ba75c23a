"""Intercom: conversations and tickets.

What it sends: `POST`, JSON, a `notification_event` with its `topic` and the conversation or ticket
in `data.item`. `conversation.admin.closed` and `ticket.closed` resolve; `conversation.admin.opened`
reopens, and so does a reply of the customer (`conversation.user.replied`) to a conversation that
was closed before; `ticket.state.updated` tells the state of a ticket. A `ping` is sent while the
webhook is set up, and before that a `HEAD` that expects 200.

How it signs: `X-Hub-Signature: sha1=` and the HMAC-SHA1 of the body in hexadecimal digits, keyed
with the client secret of the app. There is no stamp; the notification's id tells doubles.

What is not in the body. Who asked: older versions have `data.item.user` with an address; newer ones
only `source.author`, whose address may be empty and who is an agent where the agent wrote first;
tickets have the contact's id alone. Closing messages have authors, too, who are agents and are
never taken for the customer. Names of agents and teams are missing but for the one who closed.
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
    Outcome,
    Wiring,
)
from surveys.helpdesks.reading import Node, cause_in, json_of
from surveys.helpdesks.statuses import Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event, ignored
from surveys.helpdesks.times import moment

KIND: Final = "intercom"
NAME: Final = "Intercom"
TEMPLATE: Final = ""

#: What the category of a ticket's state means where the connection does not say otherwise.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "submitted": "open",
        "in_progress": "open",
        "waiting_on_customer": "ignored",
        "resolved": "resolved",
    }
)
_RESOLVING: Final = ("conversation.admin.closed", "conversation.operator.closed", "ticket.closed")
_CUSTOMERS: Final = ("user", "lead", "contact")


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """A HEAD asks whether the address is there."""
    return Answer(200) if call.method == "HEAD" else None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    signing.hub_signature(call, wiring, "sha1")


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = json_of(call).required_object()
    topic = body.at("topic").text()
    item = body.at("data", "item")
    if topic.startswith("ticket.") and isinstance(item.at("ticket").value, dict):
        item = item.at("ticket")
    outcome, why = _outcome(topic, item, wiring)
    event_id = body.at("id").id()
    if outcome == IGNORED and not why.startswith(("the status", "nobody")):
        return [ignored(why, event_id=event_id, case=item.at("id").id())]
    case = item.required_object().at("id").required_id()
    contact = _contact(item)
    source = item.at("source")
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        event_id=event_id,
        at=_at(outcome, item) or moment(body.at("created_at")),
        number=item.at("ticket_id").id(),
        requester_id=contact.at("id").id() or item.at("contacts", "contacts", 0, "id").id(),
        email=contact.at("email").email(),
        name=contact.at("name").text(),
        language=item.at("language_override").text(),
        phone=contact.at("phone").text(),
        agents=(_agent(item),),
        cause=cause_in(item.at("custom_attributes")) or cause_in(item.at("ticket_attributes")),
        channel=source.at("type").text(),
        subject=_subject(item),
        severity="priority" if item.at("priority").text() == "priority" else "",
        tags=_tags(item),
        opened_at=moment(item.at("created_at")),
    )
    return [chosen_otherwise(event(made), body, wiring)]


def _outcome(topic: str, item: Node, wiring: Wiring) -> tuple[Outcome, str]:
    if topic in _RESOLVING:
        return RESOLVED, ""
    if topic == "conversation.admin.opened":
        return REOPENED, ""
    if topic == "conversation.user.replied" and item.at("state").text() == "open":
        if moment(item.at("statistics", "last_close_at")):
            return REOPENED, "the customer wrote again after it was closed"
    elif topic == "ticket.state.updated":
        statuses = Statuses(wiring.statuses, STATUSES)
        now, before = _state(item.first("ticket_state", "state")), item.at("previous_ticket_state")
        return change(statuses.meaning(*now), statuses.meaning(*_state(before)), now[-1])
    return IGNORED, f"{topic or 'this'} neither resolves nor reopens"


def _state(node: Node) -> list[str]:
    """By what a state of a ticket may be known, its category last."""
    if isinstance(node.value, dict):
        names = ("id", "internal_label", "external_label", "category")
        return [node.at(name).id() for name in names]
    return [node.text()]


def _contact(item: Node) -> Node:
    """The customer: never the author of a part, and of the first message only who is one."""
    user = item.at("user")
    if user.is_said:
        return user
    author = item.at("source", "author")
    if author.at("type").text() in _CUSTOMERS:
        return author
    contacts = item.at("contacts")
    return contacts.at("contacts", 0) if isinstance(contacts.value, dict) else contacts.at(0)


def _last_part(item: Node) -> Node:
    for parts in ("conversation_parts", "ticket_parts"):
        if found := item.at(parts, parts).items():
            return found[-1]
    return Node(None, "conversation_parts")


def _at(outcome: Outcome, item: Node) -> datetime | None:
    places = [_last_part(item).at("created_at"), item.at("updated_at")]
    if outcome == RESOLVED:
        places.insert(0, item.at("statistics", "last_close_at"))
    return next((found for place in places if (found := moment(place))), None)


def _agent(item: Node) -> Agent:
    """Who is assigned; named by who closed where that is the same person."""
    assignee = item.at("assignee")
    if assignee.at("type").text() in ("admin", ""):
        told = Agent(
            assignee.at("id").id(), assignee.at("name").text(), assignee.at("email").email()
        )
        if told != Agent():
            return told
    assigned = item.at("admin_assignee_id").id()
    author = _last_part(item).at("author")
    if assigned and author.at("type").text() == "admin" and author.at("id").id() == assigned:
        return Agent(assigned, author.at("name").text(), author.at("email").email())
    return Agent(external_id="" if assigned == "0" else assigned)


def _subject(item: Node) -> str:
    for node in (item.at("title"), item.at("source", "subject"), item.at("ticket_attributes")):
        text = node.text() or node.at("_default_title_").text()
        if text and not text.startswith("<"):
            return text
    return ""


def _tags(item: Node) -> tuple[str, ...]:
    tags = item.at("tags")
    return (tags.at("tags") if isinstance(tags.value, dict) else tags).words()


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
