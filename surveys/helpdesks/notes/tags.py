"""How tags are put on a case in each helpdesk beside those of others, and our former ones taken
off: conversations as in `lookups`. Pure: no network, no Django.

Each conversation may be held again from its beginning: what stands there already stays as it is.
HubSpot's tickets have no tags that its API documents.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
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
class Tags:
    """What is to stand on a case, and which of ours are not to stand there any more."""

    case: str
    present: tuple[str, ...]
    absent: tuple[str, ...] = ()


Tagging = Generator[Request, Reply, None]
_JSON: Final = {"Content-Type": "application/json"}
_ABOUT: Final = "the tags"


def zendesk(access: Access, tags: Tags) -> Tagging:
    """Source: "Tags", Add Tags, Remove Tags; Update Ticket would replace all others."""
    path = f"/api/v2/tickets/{number(tags.case)}/tags.json"
    headers = zendesk_headers(access) | _JSON
    for method, named in (("PUT", tags.present), ("DELETE", tags.absent)):
        if named:
            yield Request(path, headers, method, as_json({"tags": named}), about=_ABOUT)


def freshdesk(access: Access, tags: Tags) -> Tagging:
    """Read, changed and written as a whole, for the API adds none to others. Source: "Tickets",
    Update a Ticket."""
    headers, path = basic(access.token, "X"), f"/api/v2/tickets/{number(tags.case)}"
    told = required((yield Request(path, headers, about=_ABOUT))).at("tags")
    if not isinstance(told.value, list):
        raise UnreadableError("tags: is no list")
    standing = [str(one) for one in told.value]
    wished = [one for one in standing if one not in tags.absent]
    wished += [one for one in tags.present if one not in wished]
    if wished != standing:
        yield Request(path, headers | _JSON, "PUT", as_json({"tags": wished}), about=_ABOUT)


def intercom(access: Access, tags: Tags) -> Tagging:
    """By the ids of tags, which are made where there are none of that name. Source: "Tags", "Add
    tag to a conversation", "Add tag to a ticket", and the same for removing."""
    headers = bearer(access.token) | _JSON | {"Intercom-Version": "2.11"}
    case = word(tags.case)
    me = required((yield Request("/me", headers))).at("id").id()
    found = yield Request(f"/conversations/{case}", headers, is_optional=True)
    place = f"/conversations/{case}/tags" if found.body.is_said else f"/tickets/{case}/tags"
    for name in (*tags.present, *tags.absent):
        named = as_json({"name": name})
        tag = required((yield Request("/tags", headers, "POST", named, about=_ABOUT)))
        tag_id = word(tag.at("id").id(), "tag")
        if name in tags.present:
            body = as_json({"id": tag_id, "admin_id": me})
            yield Request(place, headers, "POST", body, about=_ABOUT)
        else:  # refused where it is not on the case, as after an earlier try
            body = as_json({"admin_id": me})
            yield Request(f"{place}/{tag_id}", headers, "DELETE", body, is_optional=True)


def jira(access: Access, tags: Tags) -> Tagging:
    """Labels, added and removed in one request. Source: "Issues", Edit issue; "Updating an issue",
    the verbs add and remove."""
    verbs = [{"add": one} for one in tags.present] + [{"remove": one} for one in tags.absent]
    body = as_json({"update": {"labels": verbs}})
    path = f"/rest/api/2/issue/{is_key(tags.case)}"
    yield Request(path, jira_headers(access) | _JSON, "PUT", body, about=_ABOUT)


TAGS: Final[Mapping[str, Callable[[Access, Tags], Tagging]]] = MappingProxyType(
    {"zendesk": zendesk, "freshdesk": freshdesk, "intercom": intercom, "jira": jira}
)
