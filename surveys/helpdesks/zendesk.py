"""Zendesk, by events or by a trigger.

What it sends. A webhook subscribed to events: `POST`, JSON; `zen:event-type:ticket.status_changed`
with `event.previous` and `event.current` (NEW, OPEN, PENDING, HOLD, SOLVED, CLOSED) and a snapshot
of the ticket in `detail`; a change of a status of one's own comes as `ticket.custom_status_changed`
with ids, which the connection maps. A webhook notified by a trigger: whatever body was pasted into
the trigger, see TEMPLATE. Zendesk fills placeholders in without always escaping them.

How it signs: `X-Zendesk-Webhook-Signature`, the Base64 of the HMAC-SHA256 of the stamp in
`X-Zendesk-Webhook-Signature-Timestamp` followed by the body, keyed with the webhook's signing
secret. The stamp is made at sending, so it has to lie within 5 minutes. A test sent before the
webhook is saved is signed with a key that is no secret, and refused.

What is not in the body. Of an event: everything about people but their ids, the language, the
cause. The tags are there. Of a trigger: what was not pasted.

SOLVED to CLOSED comes days later by itself and is nothing new. A ticket merged into another is
closed with the tag `closed_by_merge`: nobody is asked about it. PENDING and HOLD after SOLVED
reopen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    Outcome,
    Wiring,
)
from surveys.helpdesks.pasted import Pasted, pasted_json
from surveys.helpdesks.reading import Node, cause_in
from surveys.helpdesks.statuses import Meaning, Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event, ignored
from surveys.helpdesks.times import moment

KIND: Final = "zendesk"
NAME: Final = "Zendesk"

TEMPLATE: Final = """\
{
  "event": "case.resolved",
  "ticket": {
    "id": "{{ticket.id}}",
    "status": "{{ticket.status}}",
    "subject": "{{ticket.title}}",
    "via": "{{ticket.via}}",
    "tags": "{{ticket.tags}}",
    "cause": "{{ticket.ticket_field_option_title_1234567890}}",
    "created_at": "{{ticket.created_at_with_timestamp}}",
    "updated_at": "{{ticket.updated_at_with_timestamp}}",
    "group": "{{ticket.group.name}}",
    "brand": "{{ticket.brand.name}}",
    "assignee": {
      "id": "{{ticket.assignee.id}}",
      "name": "{{ticket.assignee.name}}",
      "email": "{{ticket.assignee.email}}"
    },
    "requester": {
      "id": "{{ticket.requester.id}}",
      "email": "{{ticket.requester.email}}",
      "language": "{{ticket.requester.language}}",
      "time_zone": "{{ticket.requester.time_zone}}",
      "name": "{{ticket.requester.name}}"
    }
  }
}
"""

#: What a status means where the connection does not say otherwise.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "new": "open",
        "open": "open",
        "pending": "open",
        "hold": "open",
        "on-hold": "open",
        "solved": "resolved",
        "closed": "resolved",
        "deleted": "ignored",
    }
)
_MERGED: Final = "closed_by_merge"
_EVENT: Final = "zen:event-type:"


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """Nothing is asked before the first event."""
    return None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    told = signing.header(call, "X-Zendesk-Webhook-Signature")
    stamp = signing.header(call, "X-Zendesk-Webhook-Signature-Timestamp")
    message = stamp.encode("utf-8", "surrogatepass") + call.body
    right = (signing.base64_digest(key, message) for key in signing.keys(wiring))
    signing.require("X-Zendesk-Webhook-Signature", told, right)
    signing.fresh("X-Zendesk-Webhook-Signature-Timestamp", stamp, now)


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = pasted_json(call).required_object()
    kind = body.at("type").text()
    if kind.startswith(_EVENT) or body.at("zendesk_event_version").is_said:
        return [_of_event(body, kind.removeprefix(_EVENT), wiring)]
    return [_of_trigger(body, call, wiring)]


def _of_event(body: Node, kind: str, wiring: Wiring) -> HelpdeskEvent:
    detail, told = body.at("detail"), body.at("event")
    event_id = body.at("id").id()
    if kind not in ("ticket.status_changed", "ticket.custom_status_changed"):
        return ignored(f"{kind or 'this event'} is no change of status", event_id=event_id)
    case = detail.required_object().at("id").required_id()
    after, before = told.required_object().at("current"), told.at("previous")
    tags = detail.at("tags").words()
    statuses = Statuses(wiring.statuses, STATUSES)
    outcome, why = change(
        _meaning_now(after, detail, statuses, kind), statuses.meaning(before.id()), after.text()
    )
    if outcome == RESOLVED and _MERGED in tags:
        outcome, why = IGNORED, "merged into another ticket"
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        event_id=event_id,
        at=moment(detail.at("updated_at")) or moment(body.at("time")),
        requester_id=detail.at("requester_id").id(),
        agents=(Agent(external_id=detail.at("assignee_id").id()),),
        channel=detail.at("via", "channel").text(),
        subject=detail.at("subject").text(),
        severity=detail.at("priority").text().lower(),
        tags=tags,
        opened_at=moment(detail.at("created_at")),
    )
    return chosen_otherwise(event(made), body, wiring)


def _meaning_now(after: Node, detail: Node, statuses: Statuses, kind: str) -> Meaning | None:
    """A status of one's own that the connection maps says more than the one it belongs to, as long
    as the snapshot is of the same moment."""
    label = after.id()
    if kind == "ticket.custom_status_changed":
        return statuses.own(label)
    if detail.at("status").text().casefold() == label.casefold() and (
        own := statuses.own(detail.at("custom_status").id())
    ):
        return own
    return statuses.meaning(label)


def _of_trigger(body: Node, call: Call, wiring: Wiring) -> HelpdeskEvent:
    ticket = body.at("ticket")
    found = Pasted(ticket, body)
    case = found.at("ticketid", "id").required_id()
    outcome, why = _told_by_trigger(found, Statuses(wiring.statuses, STATUSES))
    tags = found.at("tags", "tickettags").words()
    if outcome == RESOLVED and _MERGED in tags:
        outcome, why = IGNORED, "merged into another ticket"
    requester_id, name, email = found.person("requester", "customer")
    requester = Pasted(found.at("requester", "customer"), found.at("ticket"))
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        event_id=call.headers.get("x-zendesk-webhook-invocation-id", "").strip(),
        at=moment(found.at("resolvedat", "solvedat", "updatedat")),
        requester_id=requester_id,
        email=email,
        name=name,
        language=(
            requester.at("language", "locale").text()
            or found.at("requesterlanguage", "language", "locale").text()
        ),
        timezone=requester.at("timezone").text() or found.at("requestertimezone").text(),
        phone=requester.at("phone").text() or found.at("requesterphone").text(),
        agents=(Agent(*found.person("assignee", "agent")),),
        group=found.at("group", "groupname", "team").label(),
        cause=found.at("cause", "rootcause").label() or cause_in(ticket) or cause_in(body),
        product=found.at("product", "brand", "brandname").label(),
        channel=found.at("via", "channel").label(),
        subject=found.at("subject", "title").text(),
        severity=found.at("priority", "severity").label(),
        tags=tags,
        opened_at=moment(found.at("createdat")),
    )
    return chosen_otherwise(event(made), body, wiring)


def _told_by_trigger(found: Pasted, statuses: Statuses) -> tuple[Outcome, str]:
    """A trigger tells the state after the change; the status says more than the name that the
    pasted body gives the event."""
    label = found.at("status", "ticketstatus").label()
    own = statuses.own(label)
    meaning = own or statuses.meaning(label)
    if meaning is None:
        named = found.at("event").text().casefold().rpartition(".")[2]
        meaning = statuses.meaning(named)
    if own is None and label.casefold() == "closed":
        return IGNORED, "closed follows upon solved, which was told before"
    return change(meaning, None, label)


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
