"""Freshdesk, by an automation rule or by an app.

What it sends. An automation rule's "Trigger webhook": `POST`, JSON, under `freshdesk_webhook` what
was ticked or pasted (TEMPLATE); `triggered_event` is the change, in a form that is no JSON
(`{status:{from:2,to:4}}`), and `ticket_status` the label now. An app's `onTicketUpdate`: the ticket
as it was or is in `data.ticket`, and the change in its `changes.status`, `[from, to]`.

How it is proven: Freshdesk signs nothing. The rule sends the secret in the header
`X-Stabledoor-Secret`, or in basic authentication as the password or the API key; an app does the
same.

What is not in the body. Of a rule: what was not chosen, and when it happened. Of an app: the names
of agent and group, only their ids.

Statuses are numbers: 2 open, 3 pending, 4 resolved, 5 closed, 6 waiting on the customer, 7 waiting
on a third party; from 8 on they are one's own and mapped on the connection, by number or label.
What waits neither resolves nor reopens unless it is mapped to "open".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from surveys.helpdesks import signing
from surveys.helpdesks.base import Agent, Answer, Call, HelpdeskEvent, Wiring
from surveys.helpdesks.pasted import Pasted, pasted_json
from surveys.helpdesks.reading import Node, cause_in, plain
from surveys.helpdesks.statuses import Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event, ignored
from surveys.helpdesks.times import moment

KIND: Final = "freshdesk"
NAME: Final = "Freshdesk"

TEMPLATE: Final = """\
{
  "freshdesk_webhook": {
    "triggered_event": "{{triggered_event}}",
    "ticket_id": "{{ticket.id}}",
    "ticket_status": "{{ticket.status}}",
    "ticket_subject": "{{ticket.subject}}",
    "ticket_priority": "{{ticket.priority}}",
    "ticket_source": "{{ticket.source}}",
    "ticket_tags": "{{ticket.tags}}",
    "ticket_product": "{{ticket.product}}",
    "ticket_cause": "{{ticket.cf_cause}}",
    "ticket_agent_name": "{{ticket.agent.name}}",
    "ticket_agent_email": "{{ticket.agent.email}}",
    "ticket_group_name": "{{ticket.group.name}}",
    "requester_email": "{{ticket.requester.email}}",
    "requester_language": "{{ticket.requester.language}}",
    "requester_name": "{{ticket.requester.name}}"
  }
}
"""

#: What a status means where the connection does not say otherwise.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "2": "open",
        "3": "ignored",
        "4": "resolved",
        "5": "resolved",
        "6": "ignored",
        "7": "ignored",
    }
)
# The change within `triggered_event`: numbers or labels, with or without quotation marks.
_STATUS: Final = re.compile(
    r"""["']?status["']?\s*:\s*\{\s*["']?from["']?\s*:\s*["']?([^,"'{}]*)["']?\s*,"""
    r"""\s*["']?to["']?\s*:\s*["']?([^,"'{}]*)["']?\s*\}""",
    re.IGNORECASE,
)
_LONGEST_EVENT: Final = 5000


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """Nothing is asked before the first event."""
    return None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    signing.shared_secret(call, wiring)


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = pasted_json(call).required_object()
    if body.at("data").is_said or body.at("event").text().startswith("on"):
        return [_of_app(body, wiring)]
    return [_of_rule(body, wiring)]


def _of_app(body: Node, wiring: Wiring) -> HelpdeskEvent:
    kind = body.at("event").text()
    if kind and kind != "onTicketUpdate":
        return ignored(f"{kind} is no change of status")
    data = body.at("data").required_object()
    ticket, requester = data.at("ticket").required_object(), data.at("requester")
    case = ticket.at("id").required_id()
    changes = ticket.first("changes.status", "changes.model_changes.status")
    if not changes.is_said:
        changes = data.first("changes.status", "changes.model_changes.status")
    if not isinstance(changes.value, list) or len(changes.value) != 2:
        return ignored("the status did not change", case=case)
    before, after = changes.at(0).label(), changes.at(1).label()
    statuses = Statuses(wiring.statuses, STATUSES)
    outcome, why = change(statuses.meaning(after), statuses.meaning(before), after)
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        at=moment(body.at("timestamp")) or moment(ticket.at("updated_at")),
        requester_id=ticket.at("requester_id").id() or requester.at("id").id(),
        email=requester.at("email").email(),
        name=requester.at("name").text(),
        language=requester.at("language").text(),
        timezone=requester.at("time_zone").text(),
        phone=requester.first("mobile", "phone").text(),
        agents=(Agent(external_id=ticket.at("responder_id").id()),),
        cause=cause_in(ticket.at("custom_fields")),
        subject=ticket.at("subject").text(),
        tags=ticket.at("tags").words(),
        opened_at=moment(ticket.at("created_at")),
    )
    return chosen_otherwise(event(made), body, wiring)


def _of_rule(body: Node, wiring: Wiring) -> HelpdeskEvent:
    told = body.at("freshdesk_webhook")
    found = Pasted(told, body.at("ticket"), body)
    case = found.at("ticketid", "id", "displayid").required_id()
    label = found.at("ticketstatus", "status").label()
    triggered = found.at("triggeredevent").text()[:_LONGEST_EVENT]
    statuses = Statuses(wiring.statuses, STATUSES)
    if found_change := _STATUS.search(triggered):
        before, after = (part.strip() for part in found_change.groups())
        outcome, why = change(statuses.meaning(after, label), statuses.meaning(before), label)
    elif triggered and not statuses.meaning(triggered):
        return ignored("the status did not change", case=case)
    else:
        outcome, why = change(statuses.meaning(label), None, label)
    requester_id, name, email = found.person("requester", "ticketcontact", "contact")
    person = Pasted(found.at("requester", "ticketcontact", "contact"))
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        at=moment(found.at("ticketupdatedat", "updatedat", "ticketresolvedat", "resolvedat")),
        requester_id=requester_id,
        email=email,
        name=name,
        language=(
            found.at("requesterlanguage", "ticketcontactlanguage", "language").text()
            or person.at("language").text()
        ),
        phone=found.at("requesterphone", "ticketcontactphone", "requestermobile").text(),
        agents=(Agent(*found.person("ticketagent", "agent", "responder")),),
        group=found.at("ticketgroupname", "groupname", "ticketgroup", "group").label(),
        cause=found.at("ticketcause", "cause", "rootcause").label() or _cause(told, body),
        product=found.at("ticketproduct", "ticketproductname", "product").label(),
        channel=found.at("ticketsource", "source").label(),
        subject=found.at("ticketsubject", "subject").text(),
        severity=found.at("ticketpriority", "priority").label(),
        tags=found.at("tickettags", "tags").words(),
        opened_at=moment(found.at("ticketcreatedat", "createdat")),
    )
    return chosen_otherwise(event(made), body, wiring)


def _cause(*places: Node) -> str:
    """A field of the ticket that people call its cause (`ticket_cf_root_cause`)."""
    fields = {
        plain(name).removeprefix("ticket").removeprefix("cf"): node.value
        for place in places
        for name, node in place.entries()
    }
    return cause_in(Node(fields, places[0].path))


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
