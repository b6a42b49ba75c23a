"""Bodies as each helpdesk documents them, composed for these tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

ZENDESK_EVENT: Final[dict[str, Any]] = {
    "account_id": 90001,
    "id": "01JD-event-1",
    "subject": "zen:ticket:8812",
    "time": "2026-11-22T17:40:05.123456789Z",
    "type": "zen:event-type:ticket.status_changed",
    "zendesk_event_version": "2022-11-06",
    "event": {"previous": "PENDING", "current": "SOLVED"},
    "detail": {
        "id": "8812",
        "actor_id": "501",
        "assignee_id": "502",
        "requester_id": "503",
        "custom_status": "7001",
        "group_id": "60",
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-22T17:40:05Z",
        "priority": "HIGH",
        "status": "SOLVED",
        "subject": "Scanner jams",
        "tags": ["scanner", "hardware"],
        "via": {"channel": "email"},
    },
}
ZENDESK_TRIGGER: Final[dict[str, Any]] = {
    "event": "case.resolved",
    "ticket": {
        "id": "8813",
        "status": "Gelöst",
        "subject": "Toner",
        "via": "Web Form",
        "tags": "toner printer",
        "cause": "Toner leaks",
        "created_at": "2026-11-20T10:00:00+0100",
        "updated_at": "2026-11-22T18:20:00+0100",
        "group": {"name": "Devices"},
        "brand": "Print Plus",
        "assignee": {"id": "77", "name": "Ola Berg", "email": "ola@helpers.example"},
        "requester": {
            "id": "78",
            "name": "Mia Krüger",
            "email": "mia@example.com",
            "language": "German",
            "time_zone": "Berlin",
        },
    },
}
FRESHDESK_RULE: Final[dict[str, Any]] = {
    "freshdesk_webhook": {
        "triggered_event": "{status:{from:3,to:4}}",
        "ticket_id": 9001,
        "ticket_status": "Resolved",
        "ticket_subject": "Router drops",
        "ticket_tags": "router, wifi",
        "ticket_agent_name": "Noor",
        "ticket_agent_email": "noor@helpers.example",
        "ticket_group_name": "Network",
        "ticket_cf_root_cause": "Firmware",
        "ticket_contact_name": "Bo Lind",
        "ticket_contact_email": "bo@example.com",
        "ticket_contact_language": "sv",
    }
}
FRESHDESK_APP: Final[dict[str, Any]] = {
    "event": "onTicketUpdate",
    "timestamp": 1795370400123,
    "domain": "ours.freshdesk.example",
    "data": {
        "actor": {"type": "agent", "name": "Noor", "email": "noor@helpers.example"},
        "ticket": {
            "id": 9002,
            "status": 4,
            "requester_id": 31,
            "responder_id": 32,
            "subject": "No signal",
            "tags": ["wifi"],
            "custom_fields": {"cf_cause": "Antenna"},
            "created_at": "2026-11-21T08:00:00Z",
            "changes": {"status": [6, 5]},
        },
        "requester": {"id": 31, "name": "Bo Lind", "email": "bo@example.com", "language": "sv"},
    },
}
INTERCOM: Final[dict[str, Any]] = {
    "type": "notification_event",
    "id": "notif_1",
    "topic": "conversation.admin.closed",
    "created_at": 1795370410,
    "data": {
        "type": "notification_event_data",
        "item": {
            "type": "conversation",
            "id": "660011",
            "created_at": 1795360000,
            "updated_at": 1795370400,
            "title": "Where is my parcel?",
            "source": {
                "type": "email",
                "author": {"type": "lead", "id": "c1", "name": "Ida", "email": "ida@example.com"},
            },
            "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "c1"}]},
            "admin_assignee_id": 41,
            "team_assignee_id": 5,
            "open": False,
            "state": "closed",
            "tags": {"type": "tag.list", "tags": [{"id": "1", "name": "parcel"}]},
            "statistics": {"last_close_at": 1795370400},
            "custom_attributes": {"Cause": "Carrier late"},
            "conversation_parts": {
                "conversation_parts": [
                    {
                        "part_type": "close",
                        "created_at": 1795370400,
                        "author": {
                            "type": "admin",
                            "id": "41",
                            "name": "Per",
                            "email": "per@helpers.example",
                        },
                    }
                ]
            },
        },
    },
}
INTERCOM_TICKET: Final[dict[str, Any]] = {
    "type": "notification_event",
    "id": "notif_2",
    "topic": "ticket.state.updated",
    "created_at": 1795370500,
    "data": {
        "item": {
            "type": "ticket",
            "id": "7711",
            "ticket_id": "15",
            "ticket_state": {"id": "9", "category": "resolved", "internal_label": "Fertig"},
            "contacts": {"contacts": [{"type": "contact", "id": "c2", "external_id": None}]},
            "admin_assignee_id": 0,
            "ticket_attributes": {"_default_title_": "Broken seat", "Root cause": "Bolt"},
            "updated_at": 1795370499,
        }
    },
}
JIRA: Final[dict[str, Any]] = {
    "timestamp": 1795370400000,
    "webhookEvent": "jira:issue_updated",
    "user": {"accountId": "agent-1", "emailAddress": "agent@helpers.example"},
    "issue": {
        "id": "20001",
        "key": "HELP-7",
        "fields": {
            "summary": "VPN",
            "created": "2026-11-20T10:00:00.000-0800",
            "updated": "2026-11-22T10:00:00.000-0800",
            "resolutiondate": "2026-11-22T10:00:00.000-0800",
            "labels": ["vpn", "remote"],
            "priority": {"name": "High"},
            "status": {"id": "10", "name": "Erledigt", "statusCategory": {"key": "done"}},
            "resolution": {"name": "Fertig"},
            "reporter": {
                "accountId": "cust-1",
                "displayName": "Lin Wu",
                "emailAddress": "lin@example.com",
                "timeZone": "Asia/Shanghai",
            },
            "assignee": {"accountId": "agent-1", "displayName": "Jo", "emailAddress": ""},
            "customfield_10050": {"value": "Certificate"},
        },
    },
    "changelog": {
        "id": "555",
        "items": [
            {"field": "resolution", "from": None, "to": "1", "toString": "Fertig"},
            {
                "field": "status",
                "from": "3",
                "fromString": "Bei uns",
                "to": "10",
                "toString": "Erledigt",
            },
        ],
    },
}
JIRA_PASTED: Final[dict[str, Any]] = {
    "event": "case.resolved",
    "key": "HELP-8",
    "status": "Done",
    "resolved_at": "2026-11-22T09:30:00.0+0000",
    "labels": "mail, phone",
    "reporter": {"accountId": "cust-2", "email": "sam@example.com", "name": "Sam"},
    "assignee": "Jo",
    "request_type": "Get help",
}
HUBSPOT: Final[list[dict[str, Any]]] = [
    {
        "eventId": 1,
        "subscriptionType": "object.propertyChange",
        "objectTypeId": "0-5",
        "portalId": 88,
        "objectId": 3001,
        "propertyName": "hs_pipeline_stage",
        "propertyValue": "4",
        "occurredAt": 1795370400000,
    },
    {
        "eventId": 2,
        "subscriptionType": "ticket.propertyChange",
        "objectId": 3002,
        "propertyName": "hs_pipeline_stage",
        "propertyValue": "3",
        "occurredAt": 1795370401000,
    },
    {
        "eventId": 3,
        "subscriptionType": "contact.propertyChange",
        "objectId": 3003,
        "propertyName": "email",
        "propertyValue": "x",
        "occurredAt": 1795370402000,
    },
]
SALESFORCE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound">
<OrganizationId>00Dxx0000001gERUAY</OrganizationId><ActionId>04k</ActionId>
<SessionId xsi:nil="true"/>
<Notification><Id>04lxx1</Id><sObject xsi:type="sf:Case" xmlns:sf="urn:sobject.example">
<sf:Id>500xx1</sf:Id><sf:CaseNumber>00002001</sf:CaseNumber><sf:IsClosed>true</sf:IsClosed>
<sf:ClosedDate>2026-11-22T17:00:00.000Z</sf:ClosedDate><sf:Status>Zu</sf:Status>
<sf:ContactId>003xx1</sf:ContactId><sf:SuppliedEmail>eva@example.com</sf:SuppliedEmail>
<sf:OwnerId>005xx1</sf:OwnerId><sf:Reason>Manual &amp; labels</sf:Reason>
<sf:Origin>Web</sf:Origin><sf:Priority>High</sf:Priority></sObject></Notification>
<Notification><Id>04lxx2</Id><sObject xsi:type="sf:Case" xmlns:sf="urn:sobject.example">
<sf:Id>500xx2</sf:Id><sf:IsClosed>false</sf:IsClosed><sf:Status>Neu</sf:Status>
<sf:ContactEmail xsi:nil="true"/><sf:OwnerId>00Gxx1</sf:OwnerId></sObject></Notification>
</notifications></e:Body></e:Envelope>"""
SALESFORCE_CHANGE: Final[dict[str, Any]] = {
    "channel": "/data/CaseChangeEvent",
    "data": {
        "event": {"replayId": 9},
        "payload": {
            "ChangeEventHeader": {
                "entityName": "Case",
                "recordIds": ["500xx3", "500xx4"],
                "changeType": "UPDATE",
                "changedFields": ["Status", "ClosedDate"],
                "nulledFields": [],
                "commitTimestamp": 1795370400000,
                "transactionKey": "000-1",
                "sequenceNumber": 1,
                "commitUser": "005xx9",
            },
            "Status": "Closed",
            "ClosedDate": "2026-11-22T18:00:00.000Z",
        },
    },
}
CHATWOOT: Final[dict[str, Any]] = {
    "event": "conversation_status_changed",
    "id": 51,
    "status": "resolved",
    "channel": "Channel::Email",
    "labels": ["invoice"],
    "priority": None,
    "created_at": 1795360000,
    "updated_at": 1795370400.75,
    "additional_attributes": {"mail_subject": "Invoice 9", "browser_language": "fr"},
    "custom_attributes": {"Root Cause": "Wrong VAT"},
    "meta": {
        "sender": {
            "id": 5,
            "type": "contact",
            "name": "Léa",
            "email": "lea@example.com",
            "phone_number": "+33100",
        },
        "assignee": {"id": 6, "name": "Max", "email": "max@helpers.example", "type": "user"},
        "team": {"id": 7, "name": "accounts"},
    },
    "changed_attributes": [
        {"updated_at": {"previous_value": 1, "current_value": 2}},
        {"status": {"previous_value": "snoozed", "current_value": "resolved"}},
    ],
}
ZAMMAD: Final[dict[str, Any]] = {
    "ticket": {
        "id": 71,
        "number": "55071",
        "title": "Login",
        "state": {"id": 4, "name": "closed"},
        "state_id": 4,
        "priority": {"name": "3 high"},
        "group": {"id": 2, "name": "Accounts"},
        "owner": {"id": 9, "firstname": "Tom", "lastname": "Ek", "email": "tom@helpers.example"},
        "customer": {"id": 8, "firstname": "Ann", "lastname": "-", "email": "ann@example.com"},
        "create_article_type": "web",
        "created_at": "2026-11-20T12:00:00.000Z",
        "updated_at": "2026-11-22T17:30:01.000Z",
        "close_at": "2026-11-21T10:00:00.000Z",
        "last_close_at": "2026-11-22T17:30:00.500Z",
        "root_cause": "Password rules",
    },
    "article": {"from": "Tom Ek <tom@helpers.example>", "sender": "Agent"},
}
GLPI: Final[dict[str, Any]] = {
    "event": "update",
    "item": {
        "id": 301,
        "name": "Screen flickers",
        "status": {"id": 5, "name": "Résolu"},
        "category": {"id": 2, "name": "Screens"},
        "is_deleted": False,
        "date_creation": "2026-11-20T08:00:00+01:00",
        "date_mod": "2026-11-22T18:10:00+01:00",
        "date_solve": "2026-11-22T18:00:00+01:00",
        "date_close": None,
        "team": [
            {"id": 11, "name": "mlegrand", "type": "User", "role": "requester"},
            {"id": 12, "name": "tech2", "type": "User", "role": "assigned"},
            {"id": 13, "name": "Devices", "type": "Group", "role": "assigned"},
            {"id": 14, "name": "boss", "type": "User", "role": "observer"},
        ],
    },
}
FREESCOUT: Final[dict[str, Any]] = {
    "id": 91,
    "number": 1091,
    "type": "email",
    "status": "closed",
    "state": "published",
    "subject": "Order",
    "mailboxId": 3,
    "createdAt": "2026-11-20T08:00:00Z",
    "updatedAt": "2026-11-22T17:00:00Z",
    "closedAt": "2026-11-22T16:59:59Z",
    "createdBy": {"id": 4, "type": "user", "email": "kai@helpers.example"},
    "closedByUser": {"id": 4, "type": "user", "email": "kai@helpers.example"},
    "assignee": {"id": 4, "firstName": "Kai", "lastName": "Ro", "email": "kai@helpers.example"},
    "customer": {"id": 60, "firstName": "Zoe", "lastName": "", "email": "zoe@example.com"},
    "customFields": [
        {"id": 1, "name": "Region", "value": "1", "text": "North"},
        {"id": 2, "name": "Root cause", "value": "7", "text": "Stock"},
    ],
    "_embedded": {"tags": [{"id": 1, "name": "order"}], "threads": []},
}
GENERIC: Final[dict[str, Any]] = {
    "external_id": "g-1",
    "status": "resolved",
    "resolved_at": "2026-11-22T17:00:00Z",
    "customer": {"email": "gus@example.com", "name": "Gus", "language": "en"},
    "agents": [{"name": "Uma", "email": "uma@helpers.example"}],
    "team": "Desk",
    "tags": ["a", "b"],
}
GENERIC_BATCH: Final[list[dict[str, Any]]] = [GENERIC, {**GENERIC, "external_id": 2}]

_Told = list[tuple[str | dict[str, Any] | list[dict[str, Any]], dict[str, str]]]
_TOLD: Final[dict[str, _Told]] = {
    "zendesk": [(ZENDESK_EVENT, {}), (ZENDESK_TRIGGER, {})],
    "freshdesk": [(FRESHDESK_RULE, {}), (FRESHDESK_APP, {})],
    "intercom": [(INTERCOM, {}), (INTERCOM_TICKET, {})],
    "jira": [(JIRA, {}), (JIRA_PASTED, {})],
    "hubspot": [(HUBSPOT, {})],
    "salesforce": [(SALESFORCE, {}), (SALESFORCE_CHANGE, {})],
    "chatwoot": [(CHATWOOT, {})],
    "zammad": [(ZAMMAD, {})],
    "glpi": [(GLPI, {})],
    "freescout": [(FREESCOUT, {"x-freescout-event": "convo.status"})],
    "generic": [(GENERIC, {}), (GENERIC_BATCH, {})],
}
#: kind → bodies, each with the headers that say more than the body.
BODIES: Final[Mapping[str, list[tuple[bytes, dict[str, str]]]]] = {
    kind: [
        (body.encode() if isinstance(body, str) else json.dumps(body).encode(), headers)
        for body, headers in told
    ]
    for kind, told in _TOLD.items()
}
