"""Turns what a helpdesk told into a case as the intake reads it. No database, no clock but `now`.

A webhook comes from a system that nobody here can correct: a detail that cannot be taken, such as
a language that is none, is left out and said, and the case is taken without it. Only what a case
cannot do without refuses it: its id and its time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from surveys.helpdesks.base import IGNORED, RESOLVED, HelpdeskEvent
from surveys.services.intake_reading import MOST_TAGS, convert_case
from surveys.services.intake_shapes import CaseReport, Rejected

NEEDS_ENRICHMENT: Final = "needs_enrichment"
NO_ADDRESS: Final = (
    "the body has no e-mail address of the customer, so nobody can be asked until one is told"
)
_NEEDED: Final = frozenset({"external_id", "status", "resolved_at", "occurred_at", "source", ""})
_NAMES: Final = re.compile(r"[a-z_]+")


class UnusableError(Exception):
    """The event lacks what a case cannot do without; names the field."""


@dataclass(frozen=True, slots=True)
class Read:
    """One event as it is queued. `case` is None where there is nothing to take in.

    `outcome`: resolved, reopened, ignored or needs_enrichment. `reason`: in words; may be empty.
    """

    outcome: str
    external_id: str
    reason: str = ""
    requester_id: str = ""
    event_id: str = ""
    is_timed: bool = True
    case: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)


def read(event: HelpdeskEvent, source: str, now: datetime) -> Read:
    """The event in the intake's form.

    Raises: UnusableError.
    """
    if event.outcome == IGNORED:
        return Read(IGNORED, storable(event.case)[:200], storable(event.why))
    document = _document(event, source, event.at or now)
    notes: list[str] = []
    report = _taken(document, now, notes)
    has_address = bool(report.content.get("customer", {}).get("email"))
    outcome: str = event.outcome
    reasons = [event.why, *notes]
    if event.outcome == RESOLVED and not has_address:
        outcome = NEEDS_ENRICHMENT
        reasons.append(NO_ADDRESS)
    return Read(
        outcome,
        report.external_id,
        storable("; ".join(reason for reason in reasons if reason))[:500],
        storable(event.requester_id)[:200],
        event.event_id,
        event.at is not None,
        document,
        notes,
    )


def checked(document: dict[str, Any], now: datetime) -> tuple[dict[str, Any], list[str]]:
    """A case of the intake's form with what has a fault taken out, and notes of that."""
    notes: list[str] = []
    _taken(document, now, notes)
    return document, notes


def storable(text: str) -> str:
    """Text that PostgreSQL can take, and JSON can tell."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


def key_of(read_: Read, body: bytes, n_between: int) -> bytes:
    """What makes two events one: the helpdesk's own id, else case, transition and time. Without a
    time the same body is the same event, unless the opposite was told `n_between` times since."""
    if read_.event_id:
        parts: tuple[str, ...] = ("id", read_.event_id)
    elif read_.is_timed and read_.case is not None:
        parts = ("at", read_.external_id, read_.case["status"], read_.case["occurred_at"])
    else:
        digest = hashlib.sha256(body).hexdigest()
        parts = ("body", read_.external_id, read_.outcome, digest, str(n_between))
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).digest()


def _document(event: HelpdeskEvent, source: str, at: datetime) -> dict[str, Any]:
    """The case, without what is empty."""
    customer = {
        "email": event.email,
        "name": event.name,
        "external_id": event.requester_id,
        "language": event.language,
        "timezone": event.timezone,
        "phone": event.phone,
    }
    agents = [
        {"external_id": a.external_id, "name": a.name, "email": a.email}
        for a in event.agents
        if a.external_id or a.name or a.email
    ]
    facts: dict[str, Any] = {
        "source": source,
        "external_id": event.case,
        "status": event.outcome,
        "occurred_at": at.isoformat(),
        "resolved_at": at.isoformat() if event.outcome == RESOLVED else "",
        "opened_at": event.opened_at.isoformat() if event.opened_at else "",
        "customer": _filled(customer),
        "agents": [_filled(agent) for agent in agents],
        "team": event.group,
        "product": event.product,
        "cause": event.cause,
        "channel": event.channel,
        "subject": event.subject,
        "severity": event.severity,
        "tags": list(event.tags[:MOST_TAGS]),
        "fields": {path: list(texts) for path, texts in event.fields.items()},
    }
    return _filled(facts)


def _filled(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value}


def _taken(document: dict[str, Any], now: datetime, notes: list[str]) -> CaseReport:
    """The case, checked; details with a fault are taken out of the document and noted."""
    report = convert_case(document, now)
    for _ in range(20):  # each round takes something out
        if isinstance(report, CaseReport):
            return report
        if not _leave_out(document, report, notes):
            break
        report = convert_case(document, now)
    if isinstance(report, CaseReport):
        return report
    raise UnusableError("; ".join(f"{path} {words}".strip() for path, words in report.errors))


def _leave_out(document: dict[str, Any], refused: Rejected, notes: list[str]) -> bool:
    """Take the details with faults out; whether that leaves something to try again."""
    is_changed = False
    for path, words in refused.errors:
        names: Sequence[str] = _NAMES.findall(path)
        if not names or names[0] in _NEEDED:
            return False
        if names[0] == "customer" and len(names) > 1:
            is_changed |= document.get("customer", {}).pop(names[1], None) is not None
        else:
            is_changed |= document.pop(names[0], None) is not None
        notes.append(f"{path} was left out: {words}")
    return is_changed
