"""What each helpdesk's API answers about one case, composed after its documentation: the requester
is Ana Ruiz, the agent Olu Ade, the team Mobile."""

from __future__ import annotations

import base64
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from surveys.helpdesks.base import Agent
from surveys.helpdesks.lookups.base import Access, Found
from tests.helpdesk_server import HelpdeskServer


@dataclass(frozen=True)
class Documented:
    """`answers` by method and path; `proof` the header every request has to have; `greeting` how
    `greet` is answered besides."""

    case: str
    access: Access
    proof: dict[str, str]
    answers: dict[str, Any]
    found: Found
    requester_id: str = ""
    greeting: dict[str, Any] = field(default_factory=dict)

    def teach(self, server: HelpdeskServer) -> None:
        server.knows |= deepcopy(self.answers | self.greeting)
        server.proof = dict(self.proof)


def _basic(pair: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


_ZENDESK: Final = Documented(
    case="35436",
    access=Access("zd-token-77", "olu@desk.example"),
    proof=_basic("olu@desk.example/token:zd-token-77"),
    answers={
        "GET /api/v2/tickets/35436.json": {
            "ticket": {"id": 35436, "requester_id": 20978392, "assignee_id": 235323,
                       "group_id": 98738, "custom_fields": [], "status": "solved"},
            "users": [
                {"id": 235323, "name": "Olu Ade", "email": "olu@desk.example", "role": "agent"},
                {"id": 20978392, "name": "Ana Ruiz", "email": "ana@home.example", "phone": None,
                 "locale": "es", "iana_time_zone": "Europe/Madrid", "role": "end-user"},
            ],
            "groups": [{"id": 98738, "name": "Mobile"}],
        }
    },
    greeting={"GET /api/v2/users/me.json": {"user": {"id": 235323, "role": "agent"}}},
    found=Found(
        requester_id="20978392", email="ana@home.example", name="Ana Ruiz", language="es",
        timezone="Europe/Madrid", agent=Agent("235323", "Olu Ade", "olu@desk.example"),
        group="Mobile",
    ),
)  # fmt: skip

_FRESHDESK: Final = Documented(
    case="20",
    access=Access("fd-key-1"),
    proof=_basic("fd-key-1:X"),
    answers={
        "GET /api/v2/tickets/20": {
            "id": 20, "requester_id": 51, "responder_id": 7, "group_id": 3, "status": 4,
            "custom_fields": {"cf_root_cause": "Billing"},
            "requester": {"id": 51, "name": "Ana Ruiz", "email": "ana@home.example",
                          "mobile": None, "phone": None},
        },
        "GET /api/v2/contacts/51": {
            "id": 51, "name": "Ana Ruiz", "email": "ana@home.example", "language": "es",
            "time_zone": "Madrid", "mobile": "+34600100200", "phone": None,
        },
        "GET /api/v2/agents/7": {
            "id": 7, "contact": {"name": "Olu Ade", "email": "olu@desk.example"},
        },
        "GET /api/v2/groups/3": {"id": 3, "name": "Mobile"},
    },
    greeting={"GET /api/v2/agents/me": {"id": 7, "contact": {"name": "Olu Ade"}}},
    found=Found(
        requester_id="51", email="ana@home.example", name="Ana Ruiz", language="es",
        timezone="Madrid", phone="+34600100200",
        agent=Agent("7", "Olu Ade", "olu@desk.example"), group="Mobile", cause="Billing",
    ),
)  # fmt: skip

_INTERCOM: Final = Documented(
    case="2100045",
    access=Access("ic-token"),
    proof={"authorization": "Bearer ic-token"},
    answers={
        "GET /conversations/2100045": {
            "type": "conversation", "id": "2100045", "admin_assignee_id": 814, "state": "closed",
            "team_assignee_id": "55", "custom_attributes": {"Cause": "Billing"},
            "contacts": {"type": "contact.list",
                         "contacts": [{"type": "contact", "id": "6657add46abd0167d9419cd2"}]},
        },
        "GET /contacts/6657add46abd0167d9419cd2": {
            "type": "contact", "id": "6657add46abd0167d9419cd2", "role": "user",
            "email": "ana@home.example", "phone": "+34600100200", "name": "Ana Ruiz",
            "language_override": None, "browser_language": "es",
        },
        "GET /admins/814": {
            "type": "admin", "id": "814", "name": "Olu Ade", "email": "olu@desk.example",
        },
        "GET /teams/55": {"type": "team", "id": "55", "name": "Mobile", "admin_ids": [814]},
    },
    greeting={"GET /me": {"type": "admin", "id": "814", "app": {"name": "Acme"}}},
    found=Found(
        requester_id="6657add46abd0167d9419cd2", email="ana@home.example", name="Ana Ruiz",
        language="es", phone="+34600100200",
        agent=Agent("814", "Olu Ade", "olu@desk.example"), group="Mobile", cause="Billing",
    ),
)  # fmt: skip

_HUBSPOT: Final = Documented(
    case="18410032",
    access=Access("pat-eu1-0001"),
    proof={"authorization": "Bearer pat-eu1-0001"},
    answers={
        "GET /crm/v3/objects/tickets/18410032": {
            "id": "18410032", "archived": False,
            "properties": {"subject": "No signal", "hubspot_owner_id": "41", "cause": "Billing"},
            "associations": {
                "contacts": {"results": [{"id": "601", "type": "ticket_to_contact"}]}
            },
        },
        "GET /crm/v3/objects/contacts/601": {
            "id": "601",
            "properties": {"email": "ana@home.example", "firstname": "Ana", "lastname": "Ruiz",
                           "phone": "+34600100200", "mobilephone": None, "hs_language": "es"},
        },
        "GET /crm/v3/owners/41": {
            "id": "41", "email": "olu@desk.example", "firstName": "Olu", "lastName": "Ade",
            "teams": [{"id": "9", "name": "Night", "primary": False},
                      {"id": "8", "name": "Mobile", "primary": True}],
        },
    },
    greeting={
        "GET /crm/v3/objects/tickets": {"results": []},
        "GET /crm/v3/objects/contacts": {"results": []},
    },
    found=Found(
        requester_id="601", email="ana@home.example", name="Ana Ruiz", language="es",
        phone="+34600100200", agent=Agent("41", "Olu Ade", "olu@desk.example"), group="Mobile",
        cause="Billing",
    ),
)  # fmt: skip

_JIRA: Final = Documented(
    case="SUP-12",
    access=Access("at-1", "olu@desk.example"),
    proof=_basic("olu@desk.example:at-1"),
    answers={
        # The profile hides the address from Jira; the portal's request tells it to agents.
        "GET /rest/api/2/issue/SUP-12": {
            "id": "10002", "key": "SUP-12",
            "fields": {
                "reporter": {"accountId": "qm:1a:2b", "displayName": "Ana Ruiz",
                             "timeZone": "Europe/Madrid"},
                "assignee": {"accountId": "5b10a", "displayName": "Olu Ade",
                             "emailAddress": "olu@desk.example"},
            },
        },
        "GET /rest/servicedeskapi/request/SUP-12": {
            "issueKey": "SUP-12",
            "reporter": {"accountId": "qm:1a:2b", "emailAddress": "ana@home.example",
                         "displayName": "Ana Ruiz"},
        },
    },
    greeting={"GET /rest/api/2/myself": {"accountId": "5b10a", "displayName": "Olu Ade"}},
    found=Found(
        requester_id="qm:1a:2b", email="ana@home.example", name="Ana Ruiz",
        timezone="Europe/Madrid", agent=Agent("5b10a", "Olu Ade", "olu@desk.example"),
    ),
)  # fmt: skip

_GLPI: Final = Documented(
    case="901",
    access=Access("user-token", "app-token"),
    proof={"session-token": "83af7e620c83a50a", "app-token": "app-token"},
    requester_id="17",
    answers={
        "GET /apirest.php/initSession": {"session_token": "83af7e620c83a50a"},
        "GET /apirest.php/killSession": True,
        "GET /apirest.php/User/17": {
            "id": 17, "name": "aruiz", "firstname": "Ana", "realname": "Ruiz",
            "language": "es_ES", "phone": "+34600100200", "mobile": "",
        },
        "GET /apirest.php/User/17/UserEmail": [
            {"id": 1, "users_id": 17, "is_default": 0, "email": "old@home.example"},
            {"id": 2, "users_id": 17, "is_default": 1, "email": "ana@home.example"},
        ],
    },
    found=Found(
        requester_id="17", email="ana@home.example", name="Ana Ruiz", language="es-ES",
        phone="+34600100200",
    ),
)  # fmt: skip

_SALESFORCE: Final = Documented(
    case="5003000000D8cuIAAR",
    access=Access("consumer-secret", "consumer-key"),
    proof={"authorization": "Bearer 00D!AQ.x"},
    answers={
        "POST /services/oauth2/token": {
            "access_token": "00D!AQ.x", "token_type": "Bearer",
            "instance_url": "https://elsewhere.example",
        },
        "GET /services/data/v60.0/query": {
            "totalSize": 1, "done": True,
            "records": [
                {"Id": "5003000000D8cuIAAR", "ContactId": "0033000000abcdE",
                 "ContactEmail": "ana@home.example", "SuppliedEmail": None,
                 "Contact": {"Name": "Ana Ruiz", "Phone": "+34600100200", "MobilePhone": None},
                 "OwnerId": "0053000000xyz12",
                 "Owner": {"Name": "Olu Ade", "Type": "User", "Email": "olu@desk.example"},
                 "Reason": "Billing"}
            ],
        },
    },
    found=Found(
        requester_id="0033000000abcdE", email="ana@home.example", name="Ana Ruiz",
        phone="+34600100200", agent=Agent("0053000000xyz12", "Olu Ade", "olu@desk.example"),
        cause="Billing",
    ),
)  # fmt: skip

DOCUMENTED: Final = {
    "zendesk": _ZENDESK,
    "freshdesk": _FRESHDESK,
    "intercom": _INTERCOM,
    "hubspot": _HUBSPOT,
    "jira": _JIRA,
    "glpi": _GLPI,
    "salesforce": _SALESFORCE,
}
