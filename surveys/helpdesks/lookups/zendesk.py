"""Zendesk's Support API: a ticket with its people and groups in one request.

Proven by an API token and the address of the agent whose it is (`name@example.com/token`), or by an
OAuth token alone. Source: developer.zendesk.com, "Tickets", "Side-loading", "Users".
"""

from __future__ import annotations

from typing import Final

from surveys.helpdesks.base import Agent
from surveys.helpdesks.lookups.base import (
    Access,
    Asked,
    Conversation,
    Found,
    Greeting,
    Request,
    WrongTokenError,
    basic,
    bearer,
    number,
    required,
    with_query,
)
from surveys.helpdesks.reading import Node

ADDRESS: Final = "https://acme.zendesk.com"
HAS_OWN_ADDRESS: Final = True
WHOSE: Final = "E-mail address of the agent whose token it is (empty for an OAuth token)"
PROOF: Final = "API token, from Admin Center → Apps and integrations → APIs"


def ask(access: Access, asked: Asked) -> Conversation:
    """Raises: UnknownCaseError."""
    path = f"/api/v2/tickets/{number(asked.case)}.json"
    reply = yield Request(with_query(path, include="users,groups"), headers(access))
    body = required(reply)
    ticket = body.at("ticket").required_object()
    requester = _with_id(body.at("users"), ticket.at("requester_id").id() or asked.requester_id)
    assignee_id = ticket.at("assignee_id").id()
    assignee = _with_id(body.at("users"), assignee_id)
    return Found(
        requester_id=requester.at("id").id(),
        email=requester.at("email").email(),
        name=requester.at("name").text(),
        language=requester.at("locale").text(),
        timezone=requester.at("iana_time_zone").text(),
        phone=requester.at("phone").text(),
        agent=Agent(assignee_id, assignee.at("name").text(), assignee.at("email").email()),
        group=_with_id(body.at("groups"), ticket.at("group_id").id()).at("name").text(),
    )


def greet(access: Access) -> Greeting:
    """Raises: WrongTokenError: who is not known is told of nobody, with 200."""
    reply = yield Request("/api/v2/users/me.json", headers(access))
    me = required(reply).at("user")
    if not me.at("id").is_said:
        raise WrongTokenError("Zendesk takes us for an anonymous visitor")
    return f"it knows us as {me.at('role').text() or 'a user'}"


def _with_id(people: Node, wanted: str) -> Node:
    found = (item for item in people.items() if wanted and item.at("id").id() == wanted)
    return next(found, Node(None, people.path))


def headers(access: Access) -> dict[str, str]:
    """What proves us."""
    if access.user:
        return basic(f"{access.user}/token", access.token)
    return bearer(access.token)
