"""Reports counted again in plain SQL from the raw answers: no code in common with the product."""

from __future__ import annotations

from typing import Any

from django.db import connection

from analytics.filters import Filters

_RAW = """
WITH raw AS (
    SELECT p.f1, p.f2, p.c1, p.c2, p.c3, p.o1, i.arm, p.language, r.channel, r.n_agents,
           r.id AS resolution, t.name AS team, o.name AS product, c.code AS cause,
           q.slug AS questionnaire,
           (p.answered_at AT TIME ZONE 'UTC')::date AS answered,
           (r.resolved_at AT TIME ZONE 'UTC')::date AS resolved
    FROM surveys_response p
    JOIN surveys_invitation i ON i.id = p.invitation_id
    JOIN surveys_resolution r ON r.id = i.resolution_id
    LEFT JOIN surveys_team t ON t.id = r.team_id
    LEFT JOIN surveys_product o ON o.id = r.product_id
    LEFT JOIN surveys_cause c ON c.id = r.cause_id
    LEFT JOIN surveys_questionnaireversion v ON v.id = i.version_id
    LEFT JOIN surveys_questionnaire q ON q.id = v.questionnaire_id
), named AS (
    SELECT h.resolution_id, a.external_id FROM surveys_resolutionagent h
    JOIN surveys_agent a ON a.id = h.agent_id WHERE h.share >= 0.5
), asked AS (SELECT * FROM raw WHERE {where})
"""
_PLAIN = ("team", "product", "cause", "channel", "language", "questionnaire")


_BELOW = """
SELECT code FROM (
    WITH RECURSIVE below AS (
        SELECT id, code FROM surveys_cause WHERE code = ANY(%(branch)s::text[]) UNION ALL
        SELECT c.id, c.code FROM surveys_cause c JOIN below b ON b.id = c.parent_id)
    SELECT code FROM below) AS found
"""


def below(filters: Filters) -> set[str]:
    """The codes of the branches asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"branch": list(filters.branch)})
        return {code for (code,) in cursor.fetchall()}


def recount(select: str, filters: Filters, *, without: str = "") -> list[tuple[Any, ...]]:
    """Rows of a SELECT over `asked` (and `named`), the answers that the filters let through."""
    parts = ["TRUE"]
    values: dict[str, Any] = {}
    day = filters.by
    if filters.from_:
        parts.append(f"{day} >= %(from)s")
        values["from"] = filters.from_
    if filters.to:
        parts.append(f"{day} <= %(to)s")
        values["to"] = filters.to
    for name in _PLAIN:
        if filters.of(name) and name != without:
            parts.append(f"{name} IN (SELECT unnest(%({name})s::text[]))")
            values[name] = list(filters.of(name))
    if filters.branch and without != "cause":
        parts.append(f"cause IN ({_BELOW})")
        values["branch"] = list(filters.branch)
    if filters.agent and without != "agent":
        parts.append(
            "EXISTS (SELECT 1 FROM named WHERE named.resolution_id = raw.resolution"
            " AND named.external_id = ANY(%(agent)s::text[]))"
        )
        values["agent"] = list(filters.agent)
    with connection.cursor() as cursor:
        cursor.execute(_RAW.format(where=" AND ".join(parts)) + select, values)
        return list(cursor.fetchall())


_CASES = """
WITH found AS (
    SELECT r.id, r.channel, i.status, i.bounced_at, i.language, t.name AS team, o.name AS product,
           c.code AS cause, q.slug AS questionnaire, p.completed_at IS NOT NULL AS completed,
           (r.resolved_at AT TIME ZONE 'UTC')::date AS resolved,
           (COALESCE(i.sent_at, i.due_at) AT TIME ZONE 'UTC')::date AS answered,
           ARRAY(SELECT a.external_id FROM surveys_resolutionagent h
                 JOIN surveys_agent a ON a.id = h.agent_id
                 WHERE h.resolution_id = r.id AND h.share >= 0.5) AS agents
    FROM surveys_resolution r
    LEFT JOIN surveys_invitation i ON i.resolution_id = r.id
    LEFT JOIN surveys_response p ON p.invitation_id = i.id
    LEFT JOIN surveys_team t ON t.id = r.team_id
    LEFT JOIN surveys_product o ON o.id = r.product_id
    LEFT JOIN surveys_cause c ON c.id = r.cause_id
    LEFT JOIN surveys_questionnaireversion v ON v.id = i.version_id
    LEFT JOIN surveys_questionnaire q ON q.id = v.questionnaire_id
)
SELECT * FROM found
"""


def _cases(filters: Filters, day: str) -> list[dict[str, Any]]:
    """Resolutions with their invitation, filtered in Python; dates are about the column `day`."""
    with connection.cursor() as cursor:
        cursor.execute(_CASES)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if filters.from_:
        rows = [row for row in rows if row[day] and row[day] >= filters.from_]
    if filters.to:
        rows = [row for row in rows if row[day] and row[day] <= filters.to]
    if filters.agent:
        rows = [row for row in rows if set(row["agents"]) & set(filters.agent)]
    if filters.branch:
        codes = below(filters)
        rows = [row for row in rows if row["cause"] in codes]
    for name in _PLAIN:
        if filters.of(name):
            rows = [row for row in rows if row[name] in filters.of(name)]
    return rows


def resolutions(filters: Filters) -> dict[str, int]:
    """Resolved cases per cause, by the day of resolution."""
    found: dict[str, int] = {}
    for row in _cases(filters, "resolved"):
        if row["cause"] is not None:
            found[row["cause"]] = found.get(row["cause"], 0) + 1
    return found


def invitations(filters: Filters) -> tuple[int, int, int]:
    """Invited, delivered and completed."""
    rows = [
        row
        for row in _cases(filters, filters.by)
        if row["status"] in ("sent", "unknown", "failed", "expired")
    ]
    reached = [row for row in rows if row["status"] != "failed" and row["bounced_at"] is None]
    return len(rows), len(reached), sum(row["completed"] for row in rows)
