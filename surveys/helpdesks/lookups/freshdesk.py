"""Freshdesk's API v2: the ticket, then the contact, the agent and the group that it names.

Proven by the API key of an agent, as the user of basic authentication. Source:
developers.freshdesk.com/api, "Tickets", "Contacts", "Agents", "Groups".
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
    basic,
    number,
    required,
)
from surveys.helpdesks.reading import Node, cause_in

ADDRESS: Final = "https://acme.freshdesk.com"
HAS_OWN_ADDRESS: Final = True
WHOSE: Final = ""
PROOF: Final = "API key, from an agent’s Profile settings"


def ask(access: Access, asked: Asked) -> Conversation:
    """Raises: UnknownCaseError."""
    headers = basic(access.token, "X")
    reply = yield Request(f"/api/v2/tickets/{number(asked.case)}?include=requester", headers)
    ticket = required(reply)
    beside = ticket.at("requester")
    requester_id = ticket.at("requester_id").id() or asked.requester_id
    agent_id, group_id = ticket.at("responder_id").id(), ticket.at("group_id").id()
    path = f"/api/v2/contacts/{number(requester_id, 'contact')}"
    contact = (yield Request(path, headers, is_optional=beside.at("email").is_said)).body
    agent, group = Node(None), Node(None)
    if agent_id:
        path = f"/api/v2/agents/{number(agent_id, 'agent')}"
        agent = (yield Request(path, headers, is_optional=True)).body.at("contact")
    if group_id:
        path = f"/api/v2/groups/{number(group_id, 'group')}"
        group = (yield Request(path, headers, is_optional=True)).body
    return Found(
        requester_id=requester_id,
        email=contact.at("email").email() or beside.at("email").email(),
        name=contact.at("name").text() or beside.at("name").text(),
        language=contact.at("language").text(),
        timezone=contact.at("time_zone").text(),
        phone=contact.first("mobile", "phone").text() or beside.first("mobile", "phone").text(),
        agent=Agent(agent_id, agent.at("name").text(), agent.at("email").email()),
        group=group.at("name").text(),
        cause=cause_in(ticket.at("custom_fields")),
    )


def greet(access: Access) -> Greeting:
    """The agent whose key it is."""
    reply = yield Request("/api/v2/agents/me", basic(access.token, "X"))
    me = required(reply)
    return "it knows us as an agent" if me.at("id").is_said else "it answers"
