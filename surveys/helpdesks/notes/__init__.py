"""How a private note about a case is written into each helpdesk: conversations as in `lookups`.

A note that the helpdesk lets us change is changed; else another one is written, whose text says
that the first no longer holds. Pure: no network, no Django.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from types import MappingProxyType
from typing import Final

from surveys.helpdesks.base import UnreadableError
from surveys.helpdesks.lookups.base import (
    Access,
    Reply,
    Request,
    as_json,
    basic,
    bearer,
    number,
    required,
    word,
)
from surveys.helpdesks.lookups.jira import headers as jira_headers
from surveys.helpdesks.lookups.jira import is_key
from surveys.helpdesks.lookups.zendesk import headers as zendesk_headers


@dataclass(frozen=True, slots=True)
class Note:
    """What is to stand there. `note_id` names the one written before, where it can be changed."""

    case: str
    lines: tuple[str, ...]
    at: datetime
    note_id: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def html(self) -> str:
        return "<br>".join(escape(line) for line in self.lines)


#: Ends with the id by which the note can be changed; "" where it cannot be.
Writing = Generator[Request, Reply, str]
_JSON: Final = {"Content-Type": "application/json"}
# "Note to ticket", as HubSpot's list of associations has it.
_NOTE_TO_TICKET: Final = 228


def zendesk(access: Access, note: Note) -> Writing:
    """A comment that is not public. Source: "Tickets", Update Ticket."""
    comment = {"ticket": {"comment": {"body": note.text, "public": False}}}
    path = f"/api/v2/tickets/{number(note.case)}.json"
    yield Request(path, zendesk_headers(access) | _JSON, "PUT", as_json(comment))
    return ""


def freshdesk(access: Access, note: Note) -> Writing:
    """A private note, which can be changed. Source: "Conversations"."""
    headers = basic(access.token, "X") | _JSON
    case = number(note.case)
    if note.note_id:
        path = f"/api/v2/conversations/{number(note.note_id, 'note')}"
        reply = yield Request(path, headers, "PUT", as_json({"body": note.html}), is_optional=True)
        if reply.body.at("id").is_said:
            return note.note_id
    body = as_json({"body": note.html, "private": True})
    reply = yield Request(f"/api/v2/tickets/{case}/notes", headers, "POST", body)
    return required(reply).at("id").id()


def intercom(access: Access, note: Note) -> Writing:
    """A note of the admin whose token it is. Source: "Conversations", "Tickets", Reply."""
    headers = bearer(access.token) | _JSON | {"Intercom-Version": "2.11"}
    case = word(note.case)
    me = required((yield Request("/me", headers))).at("id").id()
    if not me:
        raise UnreadableError("id: is missing")
    told = {"message_type": "note", "type": "admin", "admin_id": me, "body": note.html}
    body = as_json(told)
    path = f"/conversations/{case}/reply"
    reply = yield Request(path, headers, "POST", body, is_optional=True)
    if not reply.body.is_said:
        yield Request(f"/tickets/{case}/reply", headers, "POST", body)
    return ""


def hubspot(access: Access, note: Note) -> Writing:
    """A note of the ticket, which can be changed. Source: "Notes", "Associations"."""
    headers = bearer(access.token) | _JSON
    case = number(note.case)
    stamp = note.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {"hs_timestamp": stamp, "hs_note_body": note.html}
    if note.note_id:
        path = f"/crm/v3/objects/notes/{number(note.note_id, 'note')}"
        changed = as_json({"properties": told})
        reply = yield Request(path, headers, "PATCH", changed, is_optional=True)
        if reply.body.at("id").is_said:
            return note.note_id
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _NOTE_TO_TICKET}
    body = as_json({"properties": told, "associations": [{"to": {"id": case}, "types": [kind]}]})
    reply = yield Request("/crm/v3/objects/notes", headers, "POST", body)
    return required(reply).at("id").id()


def jira(access: Access, note: Note) -> Writing:
    """An internal comment of the request. Source: Jira Service Management, "Request"."""
    body = as_json({"body": note.text, "public": False})
    path = f"/rest/servicedeskapi/request/{is_key(note.case)}/comment"
    yield Request(path, jira_headers(access) | _JSON, "POST", body)
    return ""


NOTES: Final[Mapping[str, Callable[[Access, Note], Writing]]] = MappingProxyType(
    {
        "zendesk": zendesk,
        "freshdesk": freshdesk,
        "intercom": intercom,
        "hubspot": hubspot,
        "jira": jira,
    }
)
