"""Salesforce's REST API: one query for a case, its contact and its owner.

Proven by the OAuth client credentials of an app with a run-as user (key and secret), or by an
access token alone. Both at the address of one's own domain; another one that Salesforce names is
not gone to. Source: Salesforce's help on the client credentials flow, REST API guide "Query",
object reference "Case".
"""

from __future__ import annotations

import re
from typing import Final

from surveys.helpdesks.base import Agent, UnreadableError
from surveys.helpdesks.lookups.base import (
    Access,
    Asked,
    Conversation,
    Found,
    Greeting,
    Reply,
    Request,
    UnknownCaseError,
    WrongTokenError,
    bearer,
    form,
    required,
    with_query,
)

ADDRESS: Final = "https://acme.my.salesforce.com"
HAS_OWN_ADDRESS: Final = True
WHOSE: Final = "Consumer key of the app (empty for an access token)"
PROOF: Final = "Consumer secret of an app with the client credentials flow; or an access token"
_ID: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_QUERY: Final = "/services/data/v60.0/query"
_FIELDS: Final = (
    "Id, ContactId, ContactEmail, SuppliedEmail, SuppliedName, SuppliedPhone, Contact.Name, "
    "Contact.Phone, Contact.MobilePhone, OwnerId, Owner.Name, Owner.Type, Owner.Email, Reason"
)


def ask(access: Access, asked: Asked) -> Conversation:
    """Raises: UnknownCaseError, WrongTokenError."""
    if not _ID.fullmatch(asked.case):
        raise UnknownCaseError(f"case {asked.case[:50]!r} is no id of Salesforce’s")
    headers = bearer(access.token)
    if access.user:
        headers = _signed_in((yield _sign_in(access)))
    # The id is letters and digits, as was just made sure of.
    query = f"SELECT {_FIELDS} FROM Case WHERE Id = '{asked.case}'"  # noqa: S608
    reply = yield Request(with_query(_QUERY, q=query), headers)
    records = required(reply).at("records")
    if not isinstance(records.value, list):
        raise UnreadableError("records: is missing")
    if not records.value:
        raise UnknownCaseError(f"case {asked.case} is not known there, or not shown to us")
    case = records.at(0)
    owner = case.at("Owner")
    is_queue = case.at("OwnerId").id().startswith("00G") or owner.at("Type").text() == "Queue"
    person = Agent(case.at("OwnerId").id(), owner.at("Name").text(), owner.at("Email").email())
    return Found(
        requester_id=case.at("ContactId").id(),
        email=case.at("ContactEmail").email() or case.at("SuppliedEmail").email(),
        name=case.first("Contact.Name", "SuppliedName").text(),
        phone=case.first("Contact.MobilePhone", "Contact.Phone", "SuppliedPhone").text(),
        agent=Agent() if is_queue else person,
        group=owner.at("Name").text() if is_queue else "",
        cause=case.at("Reason").label(),
    )


def greet(access: Access) -> Greeting:
    """Cases may be read."""
    headers = bearer(access.token)
    if access.user:
        headers = _signed_in((yield _sign_in(access)))
    yield Request(with_query(_QUERY, q="SELECT Id FROM Case LIMIT 1"), headers)
    return "cases may be read"


def _sign_in(access: Access) -> Request:
    body = form(grant_type="client_credentials", client_id=access.user, client_secret=access.token)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Request("/services/oauth2/token", headers, "POST", body, is_sign_in=True)


def _signed_in(reply: Reply) -> dict[str, str]:
    token = required(reply).at("access_token").text()
    if not token or not token.isascii() or not token.isprintable():
        raise WrongTokenError("Salesforce gave no access token")
    return bearer(token)
