"""Puts an event together from what was read: cut to what can be kept, with the fields that a
connection reads from elsewhere, and once for each change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from surveys.helpdesks.base import IGNORED, Agent, HelpdeskEvent, UnreadableError, Wiring
from surveys.helpdesks.reading import LONGEST_ID, Node, chosen, follow
from surveys.helpdesks.times import moment, zone_name

_LONGEST: Final = {
    "why": 300, "name": 200, "language": 100, "phone": 40, "group": 200, "cause": 200,
    "product": 200, "channel": 50, "subject": 500, "severity": 50, "number": 100, "event_id": 200,
    "email": 254,
}  # fmt: skip
_MOST_TAGS: Final = 100
_LONGEST_TAG: Final = 100
_MOST_AGENTS: Final = 20
_MOST_TEXTS: Final = 20
_LONGEST_TEXT: Final = 200

#: What a connection may read from a place of its own: its name to the field of the event.
FIELDS: Final = {
    "external_id": "case", "case": "case", "number": "number", "event_id": "event_id",
    "customer.external_id": "requester_id", "customer.email": "email", "customer.name": "name",
    "customer.language": "language", "customer.timezone": "timezone", "customer.phone": "phone",
    "email": "email", "name": "name", "language": "language", "timezone": "timezone",
    "phone": "phone", "team": "group", "group": "group", "cause": "cause", "product": "product",
    "channel": "channel", "subject": "subject", "severity": "severity", "tags": "tags",
    "resolved_at": "at", "occurred_at": "at", "opened_at": "opened_at",
}  # fmt: skip
_IDS: Final = frozenset({"case", "event_id", "requester_id"})


def ignored(why: str, **told: Any) -> HelpdeskEvent:
    """What is nothing to us."""
    return event(HelpdeskEvent(IGNORED, why=why, **told))


def event(told: HelpdeskEvent) -> HelpdeskEvent:
    """The event, with nothing longer than it can be kept."""
    cut: dict[str, Any] = {}
    for name, limit in _LONGEST.items():
        text = getattr(told, name)
        if len(text) > limit:
            cut[name] = "" if name in ("email", "language") else text[:limit].rstrip()
    tags = tuple(tag[:_LONGEST_TAG] for tag in told.tags[:_MOST_TAGS])
    agents = tuple(_agent(agent) for agent in told.agents[:_MOST_AGENTS])
    agents = tuple(agent for agent in dict.fromkeys(agents) if agent != Agent())
    return replace(told, **cut, tags=tags, agents=agents, timezone=zone_name(told.timezone))


def _agent(agent: Agent) -> Agent:
    email = agent.email if len(agent.email) <= 254 else ""
    return Agent(agent.external_id[:LONGEST_ID], agent.name[:200], email)


def chosen_otherwise(told: HelpdeskEvent, document: Node, wiring: Wiring) -> HelpdeskEvent:
    """The event with what the connection says stands elsewhere in the body; a place where nothing
    stands changes nothing, but for the cause, which then is not told."""
    found: dict[str, Any] = {}
    agent = Agent() if not told.agents else told.agents[0]
    for name, node in chosen(document, wiring.fields).items():
        if not node.is_said:
            continue
        if name.startswith(("agent.", "agents[0].")):
            part = name.rpartition(".")[2]
            if part in ("external_id", "name", "email"):
                agent = replace(agent, **{part: node.email() if part == "email" else node.label()})
                found["agents"] = (agent, *told.agents[1:])
        elif name in FIELDS and (value := _value(FIELDS[name], node)):
            found[FIELDS[name]] = value
    if wiring.cause_path:
        found["cause"] = chosen(document, {"cause": wiring.cause_path})["cause"].label()
    if wiring.watched:
        found["fields"] = {path: texts_at(document, path) for path in wiring.watched}
    return event(replace(told, **found))


def texts_at(document: Node, path: str) -> tuple[str, ...]:
    """The texts that stand at a path, cut to what is kept: one, or those of a list. What cannot be
    read as text says nothing: nobody refuses a case for it."""
    node = follow(document, path)
    found = []
    for part in node.items()[:_MOST_TEXTS] if isinstance(node.value, list) else [node]:
        try:
            text = part.label()
        except UnreadableError:
            continue
        flag = part.flag() if isinstance(part.value, bool) else None
        found.append(text if flag is None else "true" if flag else "false")
    return tuple(dict.fromkeys(text[:_LONGEST_TEXT].rstrip() for text in found if text))


def _value(field: str, node: Node) -> str | tuple[str, ...] | datetime | None:
    if field in ("at", "opened_at"):
        return moment(node)
    if field == "tags":
        return node.words()
    if field == "email":
        return node.email()
    return node.id() if field in _IDS else node.label()


def once_each(events: Iterable[HelpdeskEvent]) -> Sequence[HelpdeskEvent]:
    """One event for each change of each case, of a batch in which one change is told by several
    items; what is ignored only where nothing else is told of its case."""
    last: dict[str, HelpdeskEvent] = {}
    kept: list[HelpdeskEvent] = []
    others: dict[str, HelpdeskEvent] = {}
    for told in events:
        if told.outcome == IGNORED:
            others.setdefault(told.case, told)
        elif told.case not in last or last[told.case].outcome != told.outcome:
            kept.append(told)
            last[told.case] = told
    return kept + [told for case, told in others.items() if case not in last]
