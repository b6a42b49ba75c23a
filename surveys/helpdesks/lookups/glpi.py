"""GLPI's REST API (`apirest.php`), which has to be switched on under Setup → General → API: a
session, the requester of the ticket, their addresses; at last the session's end.

Proven by the API token of a user, and the application token where the API client has one. Source:
GLPI's own apirest.md.
"""

from __future__ import annotations

from typing import Final

from surveys.helpdesks.lookups.base import (
    Access,
    Asked,
    Conversation,
    Found,
    Greeting,
    Request,
    UnknownCaseError,
    WrongTokenError,
    full_name,
    language,
    number,
    required,
)
from surveys.helpdesks.reading import Node

ADDRESS: Final = "https://glpi.example.com"
HAS_OWN_ADDRESS: Final = True
WHOSE: Final = "Application token (empty where the API client has none)"
PROOF: Final = "API token of a user, from their settings → Remote access keys"
_REQUESTER: Final = "1"


def ask(access: Access, asked: Asked) -> Conversation:
    """Raises: UnknownCaseError, WrongTokenError."""
    case = number(asked.case)
    headers = _session(access, required((yield _sign_in(access))))
    person = asked.requester_id, ""
    if not asked.requester_id:
        reply = yield Request(f"/apirest.php/Ticket/{case}/Ticket_User", headers)
        person = _requester(reply.body)
    requester_id, written = person
    user, addresses = Node(None), Node(None)
    if requester_id:
        path = f"/apirest.php/User/{number(requester_id, 'user')}"
        user = required((yield Request(path, headers)))
        addresses = (yield Request(f"{path}/UserEmail", headers, is_optional=True)).body
    yield _sign_out(headers)
    if not requester_id and not written:
        raise UnknownCaseError(f"ticket {case} has no requester there")
    return Found(
        requester_id=requester_id,
        email=_address(addresses) or written,
        name=full_name(user.at("firstname").text(), user.at("realname").text()),
        language=language(user.at("language").text()),
        phone=user.first("mobile", "phone").text(),
    )


def greet(access: Access) -> Greeting:
    """A session may be begun."""
    headers = _session(access, required((yield _sign_in(access))))
    yield _sign_out(headers)
    return "a session can be begun"


def _sign_in(access: Access) -> Request:
    headers = {"Authorization": f"user_token {access.token}"} | _application(access)
    return Request("/apirest.php/initSession", headers, is_sign_in=True)


def _sign_out(headers: dict[str, str]) -> Request:
    return Request("/apirest.php/killSession", headers, is_optional=True)


def _session(access: Access, told: Node) -> dict[str, str]:
    token = told.at("session_token").text()
    if not (token.isascii() and token.isalnum()):
        raise WrongTokenError("GLPI began no session")
    return {"Session-Token": token} | _application(access)


def _application(access: Access) -> dict[str, str]:
    return {"App-Token": access.user} if access.user else {}


def _requester(links: Node) -> tuple[str, str]:
    """Id and written address of the first requester; who has no account has an address alone."""
    for link in links.items():
        if link.at("type").id() == _REQUESTER:
            user = link.at("users_id").id()
            return "" if user == "0" else user, link.at("alternative_email").email()
    return "", ""


def _address(addresses: Node) -> str:
    """The default one, else the first."""
    found = [a for a in addresses.items() if a.at("email").email()]
    found.sort(key=lambda one: not one.at("is_default").flag())
    return found[0].at("email").email() if found else ""
