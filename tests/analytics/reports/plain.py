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
    if filters.agent and without != "agent":
        parts.append(
            "EXISTS (SELECT 1 FROM named WHERE named.resolution_id = raw.resolution"
            " AND named.external_id = ANY(%(agent)s::text[]))"
        )
        values["agent"] = list(filters.agent)
    with connection.cursor() as cursor:
        cursor.execute(_RAW.format(where=" AND ".join(parts)) + select, values)
        return list(cursor.fetchall())
