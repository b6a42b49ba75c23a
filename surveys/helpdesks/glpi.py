"""GLPI, from version 11 on.

What it sends: `POST`, JSON, `event` (`new`, `update`, `delete`) and the ticket as it is now in
`item`, in the form of GLPI's own API: no word of what changed.

How it signs: `X-GLPI-signature`, the HMAC-SHA256 of the body followed by `X-GLPI-timestamp` in
hexadecimal digits, keyed with the webhook's secret. The stamp is made when the webhook is put into
GLPI's queue, not when it is sent, so its age says nothing. While the webhook is set up GLPI may ask
with `GET ?crc_token=…`, and expects the HMAC of the token, keyed with the same secret.

What is not in the body: every address. `team` has the requester with id and login; the address is
asked for by GLPI's API.

Statuses are numbers: 1 new, 2 and 3 in process, 4 pending, 5 solved, 6 closed. Every edit of a
solved ticket tells 5 again, and closing it tells 6: known as one change by the time of its
solution.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from surveys.helpdesks import signing
from surveys.helpdesks.base import (
    RESOLVED,
    Agent,
    Answer,
    Call,
    HelpdeskEvent,
    NotAuthenticError,
    Wiring,
)
from surveys.helpdesks.reading import Node, json_of
from surveys.helpdesks.statuses import Statuses, change
from surveys.helpdesks.telling import chosen_otherwise, event, ignored
from surveys.helpdesks.times import moment

KIND: Final = "glpi"
NAME: Final = "GLPI"
TEMPLATE: Final = ""

#: What a status means where the connection does not say otherwise.
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1": "open",
        "2": "open",
        "3": "open",
        "4": "ignored",
        "5": "resolved",
        "6": "resolved",
        "10": "ignored",
    }
)
# Nothing that could be the beginning of a body: the answer must never sign one for a stranger.
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]{1,256}")


def probe(call: Call, wiring: Wiring) -> Answer | None:
    """The answer to a challenge, by the newest secret.

    Raises: NotAuthenticError.
    """
    if call.method != "GET":
        return None
    try:
        query = parse_qsl(urlsplit(call.url).query[:2000], errors="replace")
    except ValueError:
        return None
    token = next((value for name, value in query if name == "crc_token"), "")
    if not token:
        return None
    if not _TOKEN.fullmatch(token):
        raise NotAuthenticError("crc_token is no token")
    return Answer(200, signing.hex_digest(signing.keys(wiring)[0], token.encode()).encode())


def verify(call: Call, wiring: Wiring, now: datetime) -> None:
    """Raises: NotAuthenticError."""
    told = signing.header(call, "X-GLPI-signature")
    stamp = signing.header(call, "X-GLPI-timestamp")
    message = call.body + stamp.encode("utf-8", "surrogatepass")
    right = (signing.hex_digest(key, message) for key in signing.keys(wiring))
    signing.require("X-GLPI-signature", told.casefold(), right)


def read(call: Call, wiring: Wiring) -> Sequence[HelpdeskEvent]:
    """Raises: UnreadableError."""
    body = json_of(call).required_object()
    kind = body.at("event").text()
    if kind != "update":
        return [ignored(f"{kind or 'this event'} is no change of status")]
    item = body.at("item").required_object()
    case = item.at("id").required_id()
    status = item.at("status")
    if not status.is_said:
        return [ignored("tells of nothing that has a status", case=case)]
    label = status.label() or status.id()
    statuses = Statuses(wiring.statuses, STATUSES)
    outcome, why = change(statuses.meaning(status.at("id").id() or status.id(), label), None, label)
    if item.at("is_deleted").flag():
        return [ignored("the ticket was deleted", case=case)]
    solved = moment(item.first("date_solve", "solvedate", "date_close", "closedate"))
    modified = moment(item.at("date_mod"))
    team = item.at("team").items()
    requesters = [t for t in team if _is(t, "requester", "User")]
    requester = requesters[0] if requesters else Node(None, "item.team")
    made = HelpdeskEvent(
        outcome,
        case=case,
        why=why,
        event_id=f"{case} solved {solved.isoformat()}" if outcome == RESOLVED and solved else "",
        at=(solved if outcome == RESOLVED else None) or modified,
        requester_id=requester.at("id").id(),
        email=requester.first("email", "default_email").email(),
        name=_name(requester),
        agents=tuple(
            Agent(t.at("id").id(), _name(t) or t.at("name").text(), t.at("email").email())
            for t in team
            if _is(t, "assigned", "User")
        ),
        group=next((t.at("name").text() for t in team if _is(t, "assigned", "Group")), ""),
        cause=item.at("category").label(),
        channel=item.at("request_type").label(),
        subject=item.at("name").text(),
        severity=item.at("priority").label(),
        opened_at=moment(item.first("date", "date_creation")),
    )
    return [chosen_otherwise(event(made), body, wiring)]


def _is(member: Node, role: str, kind: str) -> bool:
    type_ = member.at("type").text() or member.at("itemtype").text()
    return member.at("role").text().casefold() == role and type_.casefold() == kind.casefold()


def _name(member: Node) -> str:
    """A name of a person; the login, which `name` is, is none."""
    if display := member.at("display_name").text():
        return display
    names = (member.at("firstname").text(), member.at("realname").text())
    return " ".join(name for name in names if name)


def acknowledge(call: Call) -> Answer | None:
    """Our own answer does."""
    return None
