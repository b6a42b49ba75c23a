"""Salesforce, by an outbound message or by change events.

What it sends. An outbound message of a flow: `POST`, SOAP, up to 100 notifications, each a Case
with the fields that were chosen for the message: its state now, not what changed. It wants to hear
`<Ack>true</Ack>` and else sends again for a day. A change event (`CaseChangeEvent`), as a relay or
a script posts it: JSON, the fields that changed beside a `ChangeEventHeader`, for one or more
cases.

How it is proven: Salesforce signs nothing and can set no header. The secret stands in the address,
as `?secret=…`, and the `OrganizationId` of the message has to be the connection's
(`options["organization_id"]`, of 15 or 18 characters) where one is set. Change events may send the
secret in the header `X-Stabledoor-Secret`. The `SessionId` of a message is never read.

What is not in the body. Of a message: what was not chosen; choose Id, CaseNumber, Status, IsClosed,
ClosedDate, ContactEmail, SuppliedEmail, Reason, OwnerId. Of a change event: the customer's address,
for it tells only what changed. Names of owners are never there, only their ids.

Status labels are one's own: `IsClosed` says whether a case is resolved, else `ClosedDate`, else the
status as the connection maps it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from surveys.helpdesks import signing
from surveys.helpdesks.base import (
    IGNORED,
    RESOLVED,
    Agent,
    Answer,
    Call,
    HelpdeskEvent,
    NotAuthenticError,
    UnreadableError,
    Wiring,
)
from surveys.helpdesks.reading import Node, cause_in, json_of
from surveys.helpdesks.soap import is_xml, notifications
from surveys.helpdesks.statuses import OPEN, Meaning, Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, ignored, once_each
from surveys.helpdesks.times import moment

KIND: Final = "salesforce"
NAME: Final = "Salesforce"
TEMPLATE: Final = ""

#: What a status means where neither IsClosed nor ClosedDate is told, nor the connection says it.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "new": "open",
        "working": "open",
        "escalated": "open",
        "on hold": "ignored",
        "closed": "resolved",
        "merged": "ignored",
    }
)
#: The key of `Wiring.options`: whose messages are taken.
ORGANISATION: Final = "organization_id"
_HEADER: Final = "ChangeEventHeader"
_ACK: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
    b"</notificationsResponse></soapenv:Body></soapenv:Envelope>"
)


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """Nothing is asked before the first event."""
    return None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    signing.shared_secret(call, wiring, in_address=True)
    ours = wiring.options.get(ORGANISATION, "").strip()
    if not ours or not is_xml(call):
        return
    try:
        told = notifications(call).organisation
    except UnreadableError:
        return  # reading it says what is wrong
    # Two forms of one id: the last three of 18 characters only tell the case of the others.
    if not signing.same(told[:15], ours[:15]):
        raise NotAuthenticError("OrganizationId is not the connection's")


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    if is_xml(call):
        told = notifications(call).cases
        if not told:
            raise UnreadableError("Envelope.Body.notifications: has no Notification of a Case")
        return once_each(_of_case(event_id, case, wiring) for event_id, case in told)
    body = json_of(call)
    events = body.items() if isinstance(body.value, list) else [body]
    if not events:
        raise UnreadableError("body: is an empty list")
    return once_each(made for item in events for made in _of_change(item, wiring))


def _of_case(event_id: str, case: Node, wiring: Wiring) -> HelpdeskEvent:
    if case.at("#type").text() not in ("Case", ""):
        return ignored(f"{case.at('#type').text()} is no Case", event_id=event_id)
    made = _event(case, case.at("Id").required_id(), wiring)
    return chosen_otherwise(replace(made, event_id=event_id), case, wiring)


def _meaning(case: Node, wiring: Wiring) -> Meaning | None:
    statuses, status = Statuses(wiring.statuses, STATUSES), case.at("Status").label()
    if own := statuses.own(status):
        return own
    is_closed = case.at("IsClosed").flag()
    if is_closed is not None:
        return RESOLVED if is_closed else OPEN
    if case.at("ClosedDate").is_said:
        return RESOLVED
    return statuses.meaning(status)


def _event(case: Node, case_id: str, wiring: Wiring) -> HelpdeskEvent:
    outcome, why = change(_meaning(case, wiring), None, case.at("Status").label())
    times = ["LastModifiedDate", "SystemModstamp"]
    if outcome == RESOLVED:
        times.insert(0, "ClosedDate")
    owner = case.at("OwnerId").id()
    address = case.at("ContactEmail").email() or case.at("SuppliedEmail").email()
    return HelpdeskEvent(
        outcome,
        case=case_id,
        why=why,
        at=next((m for name in times if (m := moment(case.at(name)))), None),
        number=case.at("CaseNumber").text(),
        requester_id=case.at("ContactId").id(),
        email=address,
        name=case.first("Contact.Name", "SuppliedName").text(),
        language=case.first("Language", "Language__c").text(),
        phone=case.first("ContactPhone", "ContactMobile", "SuppliedPhone").text(),
        # Cases may belong to a queue, whose ids begin otherwise.
        agents=(Agent(external_id=owner, name=case.at("Owner", "Name").text()),)
        if not owner.startswith("00G")
        else (),
        cause=case.at("Reason").label() or cause_in(case),
        channel=case.at("Origin").label(),
        subject=case.at("Subject").text(),
        severity=case.at("Priority").label(),
        opened_at=moment(case.at("CreatedDate")),
    )


def _of_change(item: Node, wiring: Wiring) -> Iterator[HelpdeskEvent]:
    """One change, told at once of all the cases in which it happened."""
    item.required_object()
    places = (
        item,
        *(item.at(*p.split(".")) for p in ("payload", "data.payload", "detail.payload")),
    )
    payload = next((p for p in places if p.at(_HEADER).is_said), None)
    if payload is None:
        raise UnreadableError(f"{_HEADER}: is missing")
    header = payload.at(_HEADER).required_object()
    entity = header.at("entityName").text()
    ids = header.at("recordIds").items()
    if entity != "Case":
        yield ignored(f"{entity or 'this'} is no Case")
        return
    if not ids:
        raise UnreadableError(f"{header.path}.recordIds: is missing")
    kind = header.at("changeType").text()
    for node in ids:
        case_id = node.required_id()
        if kind not in ("UPDATE", ""):
            yield ignored(f"{kind} is no change of status", case=case_id)
            continue
        made = _event_of_change(payload, header, case_id, wiring)
        key = header.at("transactionKey").id()
        number = header.at("sequenceNumber").id()
        event_id = f"{key}:{number}:{case_id}" if key else ""
        yield chosen_otherwise(replace(made, event_id=event_id), item, wiring)


def _event_of_change(payload: Node, header: Node, case_id: str, wiring: Wiring) -> HelpdeskEvent:
    touched = {
        name.text()
        for list_ in ("changedFields", "nulledFields")
        for name in header.at(list_).items()
    }
    nulled = {name.text() for name in header.at("nulledFields").items()}
    told = {name for name in ("Status", "IsClosed", "ClosedDate") if payload.at(name).is_said}
    if not told and not touched & {"Status", "IsClosed", "ClosedDate"}:
        return HelpdeskEvent(IGNORED, case=case_id, why="the status did not change")
    made = _event(payload, case_id, wiring)
    if "ClosedDate" in nulled and payload.at("IsClosed").flag() is None:
        own = Statuses(wiring.statuses, {}).own(payload.at("Status").label())
        outcome, why = change(own or OPEN, None, payload.at("Status").label())
        made = replace(made, outcome=outcome, why=why)
    return replace(made, at=made.at or moment(header.at("commitTimestamp")))


def acknowledge(call: Call) -> Answer | None:
    """What a message that is stored has to hear, or it is sent again."""
    return Answer(200, _ACK, "text/xml; charset=utf-8") if is_xml(call) else None
