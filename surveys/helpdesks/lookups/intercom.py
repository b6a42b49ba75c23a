"""Intercom's API: the conversation or ticket, its contact, the teammate and the team.

Proven by the access token of an app. Accounts in Europe and Australia have another address. Source:
developers.intercom.com, REST API 2.11, "Conversations", "Tickets", "Contacts", "Admins", "Teams".
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
    UnknownCaseError,
    bearer,
    required,
    word,
)
from surveys.helpdesks.reading import Node, cause_in

ADDRESS: Final = "https://api.intercom.io"
HAS_OWN_ADDRESS: Final = False
WHOSE: Final = ""
PROOF: Final = "Access token, from Developer Hub → your app → Authentication"


def ask(access: Access, asked: Asked) -> Conversation:
    """Raises: UnknownCaseError."""
    headers = _headers(access)
    case = word(asked.case)
    item = (yield Request(f"/conversations/{case}", headers, is_optional=True)).body
    if not item.at("id").is_said:
        item = (yield Request(f"/tickets/{case}", headers, is_optional=True)).body
    contact_id = item.at("contacts", "contacts", 0, "id").id() or asked.requester_id
    if not contact_id:
        raise UnknownCaseError(f"case {asked.case} is not known there, or has no contact")
    reply = yield Request(f"/contacts/{word(contact_id, 'contact')}", headers)
    contact = required(reply)
    agent_id = _assigned(item.at("admin_assignee_id"))
    team_id = _assigned(item.at("team_assignee_id"))
    agent, team = Node(None), Node(None)
    if agent_id:
        path = f"/admins/{word(agent_id, 'admin')}"
        agent = (yield Request(path, headers, is_optional=True)).body
    if team_id:
        path = f"/teams/{word(team_id, 'team')}"
        team = (yield Request(path, headers, is_optional=True)).body
    return Found(
        requester_id=contact_id,
        email=contact.at("email").email(),
        name=contact.at("name").text(),
        language=contact.first("language_override", "browser_language").text(),
        phone=contact.at("phone").text(),
        agent=Agent(agent_id, agent.at("name").text(), agent.at("email").email()),
        group=team.at("name").text(),
        cause=cause_in(item.at("custom_attributes")) or cause_in(item.at("ticket_attributes")),
    )


def greet(access: Access) -> Greeting:
    """The app and whose it is."""
    me = required((yield Request("/me", _headers(access))))
    return f"it knows us as {me.at('type').text() or 'an app'} of its workspace"


def _assigned(node: Node) -> str:
    """Nobody is told as 0 or null."""
    found = node.id()
    return "" if found == "0" else found


def _headers(access: Access) -> dict[str, str]:
    return bearer(access.token) | {"Intercom-Version": "2.11"}
