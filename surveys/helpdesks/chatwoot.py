"""Chatwoot.

What it sends: `POST`, JSON. `conversation_status_changed` has the conversation and, in
`changed_attributes`, the change; `conversation_updated` and messages tell the same a second time
and are left alone.

How it signs: `X-Chatwoot-Signature: sha256=` and the HMAC-SHA256 of `{timestamp}.{body}` in
hexadecimal digits, keyed with the webhook's secret; `X-Chatwoot-Timestamp` (seconds, made at
sending) has to lie within 5 minutes. `X-Chatwoot-Delivery` is the id of the event.

What is not in the body: the address of a visitor who gave none.

Statuses: open, resolved, pending and snoozed; the last two neither resolve nor reopen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from surveys.helpdesks import signing
from surveys.helpdesks.base import Agent, Answer, Call, HelpdeskEvent, Wiring
from surveys.helpdesks.reading import Node, cause_in, json_of
from surveys.helpdesks.statuses import Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event, ignored
from surveys.helpdesks.times import moment

KIND: Final = "chatwoot"
NAME: Final = "Chatwoot"
TEMPLATE: Final = ""

#: What a status means where the connection does not say otherwise.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "open": "open",
        "resolved": "resolved",
        "pending": "ignored",
        "snoozed": "ignored",
        "0": "open",
        "1": "resolved",
        "2": "ignored",
        "3": "ignored",
    }
)


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """Nothing is asked before the first event."""
    return None


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    algorithm, _, digits = signing.header(call, "X-Chatwoot-Signature").partition("=")
    stamp = signing.header(call, "X-Chatwoot-Timestamp")
    message = f"{stamp}.".encode("utf-8", "surrogatepass") + call.body
    right = (signing.hex_digest(key, message) for key in signing.keys(wiring))
    claims = [digits.strip().casefold()] if algorithm.strip().casefold() == "sha256" else []
    signing.require("X-Chatwoot-Signature", claims, right)
    signing.fresh("X-Chatwoot-Timestamp", stamp, now)


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = json_of(call).required_object()
    kind = body.at("event").text()
    event_id = call.headers.get("x-chatwoot-delivery", "").strip()
    if kind != "conversation_status_changed":
        return [ignored(f"{kind or 'this'} is no change of status", event_id=event_id)]
    case = body.at("id").required_id()
    statuses = Statuses(wiring.statuses, STATUSES)
    before, after = _change(body)
    outcome, why = change(statuses.meaning(after), statuses.meaning(before), after)
    meta = body.at("meta")
    sender, assignee = meta.at("sender"), meta.at("assignee")
    if sender.at("type").text() not in ("contact", ""):
        sender = Node(None, sender.path)
    about = body.at("additional_attributes")
    at = moment(body.at("updated_at")) or moment(body.first("last_activity_at", "timestamp"))
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        event_id=event_id,
        # Whole seconds: older versions tell no more.
        at=at.replace(microsecond=0) if at else None,
        requester_id=sender.at("id").id(),
        email=sender.at("email").email(),
        name=sender.at("name").text(),
        language=about.first("conversation_language", "browser_language").text(),
        phone=sender.at("phone_number").text(),
        agents=(
            Agent(assignee.at("id").id(), assignee.at("name").text(), assignee.at("email").email()),
        ),
        group=meta.at("team", "name").text(),
        cause=cause_in(body.at("custom_attributes")),
        channel=body.at("channel").text().removeprefix("Channel::"),
        subject=about.at("mail_subject").text(),
        severity=body.at("priority").text(),
        tags=body.at("labels").words(),
        opened_at=moment(body.at("created_at")),
    )
    return [chosen_otherwise(event(made), body, wiring)]


def _change(body: Node) -> tuple[str, str]:
    """The status before and now; only the state where no change is told."""
    changed = body.at("changed_attributes")
    for entry in [*changed.items(), changed]:
        told = entry.at("status")
        if told.at("current_value").is_said:
            return told.at("previous_value").id(), told.at("current_value").id()
    return "", body.at("status").required_id()


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
