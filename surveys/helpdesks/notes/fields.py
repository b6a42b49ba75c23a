"""How numbers are written into fields of a case in each helpdesk: conversations as in `lookups`.
Fields that are not named keep what stands in them. Pure: no network, no Django."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from surveys.helpdesks.lookups.base import (
    Access,
    Reply,
    Request,
    as_json,
    basic,
    bearer,
    number,
    word,
)
from surveys.helpdesks.lookups.jira import headers as jira_headers
from surveys.helpdesks.lookups.jira import is_key
from surveys.helpdesks.lookups.zendesk import headers as zendesk_headers


@dataclass(frozen=True, slots=True)
class Fields:
    """What is to stand in which field of a case, by the field's id; None for nothing."""

    case: str
    values: Mapping[str, int | None]


Setting = Generator[Request, Reply, None]
_JSON: Final = {"Content-Type": "application/json"}
_ABOUT: Final = "the fields"


def zendesk(access: Access, fields: Fields) -> Setting:
    """Source: "Tickets", Update Ticket, "Setting custom field values"."""
    told = [{"id": int(name), "value": value} for name, value in fields.values.items()]
    path = f"/api/v2/tickets/{number(fields.case)}.json"
    body = as_json({"ticket": {"custom_fields": told}})
    yield Request(path, zendesk_headers(access) | _JSON, "PUT", body, about=_ABOUT)


def freshdesk(access: Access, fields: Fields) -> Setting:
    """Source: "Tickets", Update a Ticket, `custom_fields`."""
    body = as_json({"custom_fields": fields.values})
    path = f"/api/v2/tickets/{number(fields.case)}"
    yield Request(path, basic(access.token, "X") | _JSON, "PUT", body, about=_ABOUT)


def intercom(access: Access, fields: Fields) -> Setting:
    """Source: "Update a conversation", `custom_attributes`; "Update a ticket",
    `ticket_attributes`."""
    headers = bearer(access.token) | _JSON | {"Intercom-Version": "2.11"}
    case = word(fields.case)
    found = yield Request(f"/conversations/{case}", headers, is_optional=True)
    if found.body.is_said:
        path, name = f"/conversations/{case}", "custom_attributes"
    else:
        path, name = f"/tickets/{case}", "ticket_attributes"
    yield Request(path, headers, "PUT", as_json({name: fields.values}), about=_ABOUT)


def hubspot(access: Access, fields: Fields) -> Setting:
    """Properties; an empty text clears one. Source: "Tickets", Update."""
    told = {name: "" if value is None else str(value) for name, value in fields.values.items()}
    path = f"/crm/v3/objects/tickets/{number(fields.case)}"
    body = as_json({"properties": told})
    yield Request(path, bearer(access.token) | _JSON, "PATCH", body, about=_ABOUT)


def jira(access: Access, fields: Fields) -> Setting:
    """Source: "Issues", Edit issue, `fields`."""
    path = f"/rest/api/2/issue/{is_key(fields.case)}"
    body = as_json({"fields": fields.values})
    yield Request(path, jira_headers(access) | _JSON, "PUT", body, about=_ABOUT)


FIELDS: Final[Mapping[str, Callable[[Access, Fields], Setting]]] = MappingProxyType(
    {
        "zendesk": zendesk,
        "freshdesk": freshdesk,
        "intercom": intercom,
        "hubspot": hubspot,
        "jira": jira,
    }
)
_NAMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "zendesk": (r"[0-9]{1,20}", "a number, such as 1234567890"),
        "freshdesk": (r"cf_[a-z0-9_]{1,90}", "a name such as cf_rating_of_the_fix"),
        "intercom": (r"[^\x00-\x1f\x7f]{1,100}", "the attribute’s name, such as Rating of the fix"),
        "hubspot": (r"[a-z][a-z0-9_]{0,99}", "an internal name, such as rating_of_the_fix"),
        "jira": (r"customfield_[0-9]{1,10}", "an id such as customfield_10050"),
    }
)


def is_name(kind: str, name: str) -> bool:
    """Whether a field may be called so there."""
    return re.fullmatch(_NAMES[kind][0], name) is not None


def looks_like(kind: str) -> str:
    """What the ids of fields look like there, in words."""
    return _NAMES[kind][1]
