"""HubSpot's CRM API: the ticket with the contacts it belongs to, the first of them, the owner.

Proven by the access token of a private app with the scopes `tickets`, `crm.objects.contacts.read`
and `crm.objects.owners.read`; without the last the owner stays unknown. Source:
developers.hubspot.com, "Tickets", "Contacts", "Owners".
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
    full_name,
    language,
    number,
    required,
    with_query,
)
from surveys.helpdesks.reading import Node, cause_in

ADDRESS: Final = "https://api.hubapi.com"
HAS_OWN_ADDRESS: Final = False
WHOSE: Final = ""
PROOF: Final = (
    "Access token of a private app with the scopes tickets, crm.objects.contacts.read and "
    "crm.objects.owners.read"
)
_TICKET: Final = "subject,hubspot_owner_id,cause,root_cause,reason"
_CONTACT: Final = "email,firstname,lastname,phone,mobilephone,hs_language"


def ask(access: Access, asked: Asked) -> Conversation:
    """Raises: UnknownCaseError."""
    headers = bearer(access.token)
    path = f"/crm/v3/objects/tickets/{number(asked.case)}"
    reply = yield Request(with_query(path, properties=_TICKET, associations="contacts"), headers)
    ticket = required(reply)
    contact_id = ticket.at("associations", "contacts", "results", 0, "id").id()
    contact_id = contact_id or asked.requester_id
    if not contact_id:
        raise UnknownCaseError(f"ticket {asked.case} belongs to no contact there")
    path = f"/crm/v3/objects/contacts/{number(contact_id, 'contact')}"
    reply = yield Request(with_query(path, properties=_CONTACT), headers)
    person = required(reply).at("properties")
    owner_id, owner = ticket.at("properties", "hubspot_owner_id").id(), Node(None)
    if owner_id:
        path = f"/crm/v3/owners/{number(owner_id, 'owner')}"
        owner = (yield Request(path, headers, is_optional=True)).body
    return Found(
        requester_id=contact_id,
        email=person.at("email").email(),
        name=full_name(person.at("firstname").text(), person.at("lastname").text()),
        language=language(person.at("hs_language").text()),
        phone=person.first("mobilephone", "phone").text(),
        agent=Agent(
            owner_id,
            full_name(owner.at("firstName").text(), owner.at("lastName").text()),
            owner.at("email").email(),
        ),
        group=_team(owner),
        cause=cause_in(ticket.at("properties")),
    )


def greet(access: Access) -> Greeting:
    """Tickets and contacts may be read."""
    headers = bearer(access.token)
    yield Request("/crm/v3/objects/tickets?limit=1", headers)
    yield Request("/crm/v3/objects/contacts?limit=1", headers)
    return "tickets and contacts may be read"


def _team(owner: Node) -> str:
    teams = owner.at("teams").items()
    primary = [team for team in teams if team.at("primary").flag()]
    return (primary or teams or [Node(None)])[0].at("name").text()
