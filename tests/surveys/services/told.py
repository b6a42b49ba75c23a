"""Cases as clients tell them, for the tests of intake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from surveys.services import intake
from surveys.services.intake_reading import convert_case
from surveys.services.intake_shapes import CaseReport, Rejected

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def at(hours: float) -> str:
    """A time so many hours before NOW."""
    return (NOW - timedelta(hours=hours)).isoformat()


def case(**fields: Any) -> dict[str, Any]:
    """A resolved case of a customer with an address; `fields` override."""
    told: dict[str, Any] = {
        "source": "desk",
        "external_id": "1",
        "status": "resolved",
        "resolved_at": at(5),
        "customer": {"email": "ada@example.com", "name": "Ada", "language": "de"},
        "agents": [{"external_id": "a1", "name": "Grace"}],
        "team": "Mobile",
        "product": "Prepaid",
        "cause": "plan-change",
        "channel": "phone",
        "subject": "No signal",
        "severity": "2",
        "tags": ["vip"],
    }
    return {name: value for name, value in (told | fields).items() if value is not None}


def read(*cases: dict[str, Any], now: datetime = NOW) -> list[CaseReport | Rejected]:
    """What the API would make of them."""
    return [convert_case(one, now) for one in cases]


def take(*cases: dict[str, Any], now: datetime = NOW, **options: Any) -> list[intake.Outcome]:
    """Take them in as one batch."""
    return intake.take(read(*cases, now=now), now=now, **options)


# Every table that intake writes, without ids, tokens, lots and times of receipt.
_DUMP = {
    "customers": "SELECT key, email, external_id, external_id_at, name, name_at, language,"
    " language_at, timezone, timezone_at, phone, phone_at FROM surveys_customer",
    "agents": "SELECT a.external_id, a.name, a.name_at, a.email, a.email_at, t.name, a.team_at"
    " FROM surveys_agent a LEFT JOIN surveys_team t ON t.id = a.team_id",
    "teams": "SELECT name FROM surveys_team",
    "products": "SELECT name FROM surveys_product",
    "causes": "SELECT code, name, mapped_at FROM surveys_cause",
    "cases": "SELECT c.source, c.external_id, c.status, u.key, c.subject, c.severity, c.tags,"
    " c.opened_at, c.last_event_at FROM surveys_case c"
    " LEFT JOIN surveys_customer u ON u.id = c.customer_id",
    "events": "SELECT c.source, c.external_id, e.status, e.occurred_at, e.content::text"
    " FROM surveys_caseevent e JOIN surveys_case c ON c.id = e.case_id",
    "resolutions": "SELECT c.source, c.external_id, r.resolved_at, r.reopened_at, t.name, p.name,"
    " k.code, r.channel, r.severity, r.n_agents, r.human_handled,"
    " (SELECT array_agg((a.external_id, h.share)::text ORDER BY a.external_id)"
    "  FROM surveys_resolutionagent h JOIN surveys_agent a ON a.id = h.agent_id"
    "  WHERE h.resolution_id = r.id)"
    " FROM surveys_resolution r JOIN surveys_case c ON c.id = r.case_id"
    " LEFT JOIN surveys_team t ON t.id = r.team_id"
    " LEFT JOIN surveys_product p ON p.id = r.product_id"
    " LEFT JOIN surveys_cause k ON k.id = r.cause_id",
    "invitations": "SELECT c.source, c.external_id, r.resolved_at, u.key, i.policy_id,"
    " i.version_id, i.status, i.reason, i.reason_code, i.due_at, i.language, i.asks,"
    " (SELECT array_agg((d.kind, d.status, d.due_at)::text) FROM surveys_delivery d"
    "  WHERE d.invitation_id = i.id)"
    " FROM surveys_invitation i JOIN surveys_resolution r ON r.id = i.resolution_id"
    " JOIN surveys_case c ON c.id = r.case_id LEFT JOIN surveys_customer u ON u.id = i.customer_id",
}


def dump() -> dict[str, list[str]]:
    """Everything that intake wrote, in an order of its own."""
    found = {}
    with connection.cursor() as cursor:
        for name, query in _DUMP.items():
            cursor.execute(query)
            found[name] = sorted(repr(row) for row in cursor.fetchall())
    return found
