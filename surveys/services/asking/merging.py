"""Puts what an API told into a case that waits: only where the webhook said nothing."""

from __future__ import annotations

from typing import Any, Final

from surveys.helpdesks.lookups.base import Found
from surveys.helpdesks.times import zone_name

_OF_CUSTOMER: Final = ("email", "name", "language", "phone")


def merged(case: dict[str, Any], found: Found) -> dict[str, Any]:
    """The case with what was found; the helpdesk's newest word on who asked wins."""
    customer = dict(case.get("customer", {}))
    if found.requester_id:
        customer["external_id"] = found.requester_id
    for name in _OF_CUSTOMER:
        if not customer.get(name) and (value := getattr(found, name)):
            customer[name] = value
    if not customer.get("timezone") and (zone := zone_name(found.timezone)):
        customer["timezone"] = zone
    facts: dict[str, Any] = {
        **case,
        "customer": customer,
        "agents": _agents(case.get("agents", []), found),
        "team": case.get("team") or found.group,
        "cause": case.get("cause") or found.cause,
    }
    return {name: value for name, value in facts.items() if value}


def _agents(told: list[dict[str, str]], found: Found) -> list[dict[str, str]]:
    """Who handled it, by name where the API knows one; the webhook's word on who it was stands."""
    agent = {
        "external_id": found.agent.external_id,
        "name": found.agent.name,
        "email": found.agent.email,
    }
    agent = {name: value for name, value in agent.items() if value}
    if not told:
        return [agent] if agent else []
    same = agent.get("external_id")
    return [{**agent, **one} if same and one.get("external_id") == same else one for one in told]
