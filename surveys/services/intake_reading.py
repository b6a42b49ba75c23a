"""Reads and checks what is told of a case: bytes in, a CaseReport or the faults of it out.

A fault names its field and says what would be right. Checking one case never looks at another, so
a bad one in a batch rejects itself alone. No database, and no clock but the `now` given.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from surveys.services.addresses import email_of
from surveys.services.events import OPEN, RESOLVED, STATUSES
from surveys.services.intake_shapes import AgentIn, CaseIn, CaseReport, CustomerIn, Rejected
from surveys.services.intake_words import language_of, timezone_of
from surveys.services.phones import NOT_A_NUMBER, phone_of
from surveys.services.storable import is_storable

DEFAULT_SOURCE: Final = "api"
MOST_AGENTS: Final = 50
MOST_TAGS: Final = 100
MOST_FIELDS: Final = 100
MOST_TEXTS: Final = 20
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(days=1)

_NOT_AN_ADDRESS: Final = "is not an e-mail address"


@dataclass(slots=True)
class _Faults:
    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, path: str, message: str) -> None:
        self.found.append((path, message))


def read_case(raw: bytes | msgspec.Raw, now: datetime) -> CaseReport | Rejected:
    """Decode and check one case."""
    try:
        return check(_DECODER.decode(raw), now)
    except msgspec.ValidationError as error:
        return Rejected(_known_id(raw), [_fault_of(error)])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return Rejected(None, [("", "cannot be read as JSON")])


def convert_case(document: Any, now: datetime) -> CaseReport | Rejected:
    """Check one case already parsed by a reader that lets broken characters pass."""
    named = document.get("external_id") if isinstance(document, dict) else None
    external_id = named if isinstance(named, str) and is_storable(named) else None
    broken = [(path, _BROKEN) for path, text in _texts(document) if not is_storable(text)]
    if broken:
        return Rejected(external_id, broken)
    try:
        return check(msgspec.convert(document, CaseIn), now)
    except msgspec.ValidationError as error:
        return Rejected(external_id, [_fault_of(error)])


def check(case: CaseIn, now: datetime) -> CaseReport | Rejected:
    """All that types cannot say. Every fault is found, not only the first."""
    faults = _Faults()
    content: dict[str, Any] = {}
    source = _text(faults, "source", case.source, 100) or DEFAULT_SOURCE
    if "/" in source:
        faults.add("source", "must not contain a slash")
    external_id = _text(faults, "external_id", case.external_id, 200)
    if not external_id and not faults.found:
        faults.add("external_id", "must not be blank")
    if case.status not in STATUSES:
        faults.add("status", f"is none of {', '.join(STATUSES)}")
    moments = _moments(faults, case, now, content)
    _customer(faults, case.customer, content)
    _agents(faults, case.agents, content)
    for name, value, limit in (
        ("team", case.team, 200),
        ("product", case.product, 200),
        ("cause", case.cause, 200),
        ("channel", case.channel, 50),
        ("subject", case.subject, 500),
        ("severity", case.severity, 50),
    ):
        if value is not None and (text := _text(faults, name, value, limit)):
            content[name] = text
    if case.tags is not None:
        _tags(faults, case.tags, content)
    if case.fields:
        _fields(faults, case.fields, content)
    if faults.found:
        return Rejected(external_id or None, faults.found)
    occurred_at, is_timed = moments
    return CaseReport(source, external_id, case.status, occurred_at, is_timed, content)


_BROKEN: Final = "contains a character that is not valid Unicode text (NUL or a lone surrogate)"
_DECODER: Final = msgspec.json.Decoder(CaseIn)


def _known_id(raw: bytes | msgspec.Raw) -> str | None:
    """The external_id of a case with a fault elsewhere, so that the sender finds it again."""
    try:
        external_id = msgspec.json.decode(raw, type=dict[str, Any]).get("external_id")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return external_id[:200] if isinstance(external_id, str) else None


def _fault_of(error: msgspec.ValidationError) -> tuple[str, str]:
    """msgspec's "message - at `$.path`" as field and message."""
    message, _, place = str(error).partition(" - at `")
    path = place.rstrip("`").removeprefix("$").lstrip(".")
    quoted = re.search(r"`([^`]*)`", message)
    if "unknown field" in message and quoted:
        return f"{path}.{quoted[1]}".lstrip("."), "is not a field that is known here"
    if "missing required field" in message and quoted:
        return f"{path}.{quoted[1]}".lstrip("."), "is required"
    if "RFC3339" in message:
        message = f"is not a time; {_EXAMPLE}"
    return path, message


_EXAMPLE: Final = "write it as 2026-11-20T14:30:00Z or 2026-11-20T15:30:00+01:00"


def _texts(document: Any) -> Sequence[tuple[str, str]]:
    """Every text in a parsed document with its path, in the order written. Without recursion:
    what the parser took may be nested deeper than Python lets functions call themselves."""
    found: list[tuple[str, str]] = []
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            found.append((path, value))
        elif isinstance(value, dict):
            found += [(path, name) for name in value]
            # A path is told to the sender, so it must not hold what it complains of.
            named = [(name.encode(errors="replace").decode(), v) for name, v in value.items()]
            waiting += reversed([(f"{path}.{name}".lstrip("."), v) for name, v in named])
        elif isinstance(value, list):
            waiting += reversed([(f"{path}[{index}]", v) for index, v in enumerate(value)])
    return found


def _text(faults: _Faults, path: str, value: str | int | None, limit: int) -> str:
    """One line of text, trimmed; control characters become blanks."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if not text.isprintable():
        if not is_storable(text):
            faults.add(path, _BROKEN)
            return ""
        text = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    text = text.strip()
    if len(text) > limit:
        faults.add(path, f"is longer than {limit} characters")
        return ""
    return text


def _moments(
    faults: _Faults, case: CaseIn, now: datetime, content: dict[str, Any]
) -> tuple[datetime, bool]:
    """Writes resolved_at and opened_at; returns when the event occurred and whether that was told.

    A resolved or reopened event without its own time happened at `resolved_at`, an open one at
    `opened_at`; else the time of receipt stands in.
    """
    resolved_at = _moment(faults, "resolved_at", case.resolved_at, now)
    opened_at = _moment(faults, "opened_at", case.opened_at, now)
    occurred_at = _moment(faults, "occurred_at", case.occurred_at, now)
    if case.status == RESOLVED and case.resolved_at is None:
        faults.add("resolved_at", "is required where the status is resolved")
    if resolved_at is not None and case.status == RESOLVED:
        content["resolved_at"] = resolved_at.isoformat()
    if opened_at is not None:
        content["opened_at"] = opened_at.isoformat()
    stated = occurred_at or (opened_at if case.status == OPEN else resolved_at)
    return stated or now, stated is not None


def _moment(faults: _Faults, path: str, value: datetime | None, now: datetime) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        faults.add(path, f"has no time zone; {_EXAMPLE}")
    elif not 1999 <= value.year <= 9000 or value < EARLIEST:
        faults.add(path, "lies before the year 2000" if value.year < 2001 else _far(now))
    elif value > now + _AHEAD:
        faults.add(path, _far(now))
    else:
        return value if value.tzinfo is UTC else value.astimezone(UTC)
    return None


def _far(now: datetime) -> str:
    return f"lies more than a day in the future; it is {now:%Y-%m-%d %H:%M} UTC now"


def _customer(faults: _Faults, customer: CustomerIn | None, content: dict[str, Any]) -> None:
    if customer is None:
        return
    stated: dict[str, Any] = {}
    if customer.email and (text := _text(faults, "customer.email", customer.email, 254)):
        address = email_of(text)
        if address is None:
            faults.add("customer.email", _NOT_AN_ADDRESS)
        stated["email"] = address
    if text := _text(faults, "customer.name", customer.name, 200):
        stated["name"] = text
    if text := _text(faults, "customer.external_id", customer.external_id, 200):
        stated["external_id"] = text
    if customer.language and (text := _text(faults, "customer.language", customer.language, 100)):
        stated["language"] = language_of(text)
        if stated["language"] is None:
            faults.add(
                "customer.language", 'is no language that is known; write it as "de" or "pt-BR"'
            )
    if customer.timezone and (text := _text(faults, "customer.timezone", customer.timezone, 64)):
        stated["timezone"] = timezone_of(text)
        if stated["timezone"] is None:
            faults.add("customer.timezone", 'is no time zone; write it as "Europe/Berlin"')
    _phone(faults, customer.phone, stated)
    if stated:
        content["customer"] = stated


def _phone(faults: _Faults, value: str | None, stated: dict[str, Any]) -> None:
    if value and (text := _text(faults, "customer.phone", value, 40)):
        stated["phone"] = phone_of(text)
        if stated["phone"] is None:
            faults.add("customer.phone", NOT_A_NUMBER)


def _agents(faults: _Faults, agents: list[AgentIn] | None, content: dict[str, Any]) -> None:
    """An agent without an id is known by address, else by name; one named twice is merged."""
    if not agents:
        return
    if len(agents) > MOST_AGENTS:
        faults.add("agents", f"are more than {MOST_AGENTS}")
        return
    merged: dict[str, dict[str, Any]] = {}
    for index, agent in enumerate(agents):
        path = f"agents[{index}]"
        stated = _agent(faults, path, agent)
        if stated is None:
            continue
        known = merged.setdefault(stated["external_id"], stated)
        if known is not stated:
            known["share"] += stated.pop("share")
            known.update(stated)
    given = [agent.share is not None for agent in agents]
    if any(given) and not all(given):
        faults.add("agents", "have shares and have none; give every agent a share, or none")
    elif faults.found:
        return
    else:
        _share_out(faults, list(merged.values()), equal=not any(given))
        content["agents"] = list(merged.values())


def _agent(faults: _Faults, path: str, agent: AgentIn) -> dict[str, Any] | None:
    stated: dict[str, Any] = {}
    name = _text(faults, f"{path}.name", agent.name, 200)
    email = _text(faults, f"{path}.email", agent.email, 254)
    if email:
        address = email_of(email)
        if address is None:
            faults.add(f"{path}.email", _NOT_AN_ADDRESS)
        stated["email"] = email = address or ""
    if name:
        stated["name"] = name
    external_id = _text(faults, f"{path}.external_id", agent.external_id, 200) or email or name
    share = 1.0 if agent.share is None else agent.share
    if not (math.isfinite(share) and 0 < share <= 1.01):
        faults.add(f"{path}.share", "is not between 0 (not included) and 1")
    if not external_id:
        faults.add(f"{path}.external_id", "is required")
        return None
    return stated | {"external_id": external_id, "share": share}


def _share_out(faults: _Faults, agents: list[dict[str, Any]], *, equal: bool) -> None:
    total = len(agents) if equal else math.fsum(agent["share"] for agent in agents)
    if not 0.99 <= total <= 1.01 and not equal:
        faults.add("agents", f"have shares that sum to {total:.4g}; they must sum to 1")
    for agent in agents:
        agent["share"] = (1.0 if equal else agent["share"]) / total


def _tags(faults: _Faults, tags: list[str], content: dict[str, Any]) -> None:
    if len(tags) > MOST_TAGS:
        faults.add("tags", f"are more than {MOST_TAGS}")
        return
    texts = [_text(faults, f"tags[{index}]", tag, 100) for index, tag in enumerate(tags)]
    content["tags"] = list(dict.fromkeys(text for text in texts if text))


def _fields(
    faults: _Faults,
    fields: Mapping[str, str | float | bool | list[str] | None],
    content: dict[str, Any],
) -> None:
    """Other fields of the helpdesk by their path, each with its texts."""
    if len(fields) > MOST_FIELDS:
        faults.add("fields", f"are more than {MOST_FIELDS}")
        return
    found: dict[str, list[str]] = {}
    for name, value in fields.items():
        path = _text(faults, "fields", name, 200)
        if isinstance(value, float) and not math.isfinite(value):
            faults.add("fields", "has a number that is not finite")
            return
        told = value if isinstance(value, list) else [] if value is None else [_plainly(value)]
        if len(told) > MOST_TEXTS:
            faults.add("fields", f"has more than {MOST_TEXTS} texts in one field")
            return
        texts = [_text(faults, "fields", text, 200) for text in told]
        if path:
            found[path] = list(dict.fromkeys(text for text in texts if text))
    content["fields"] = found


def _plainly(value: str | float | bool) -> str:
    """As a helpdesk's body is read: whole numbers without a point, and true or false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
