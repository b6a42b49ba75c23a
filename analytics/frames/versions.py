"""Where a headline's question became another one: what was before cannot be compared with what
came after.

Each question is told apart: what happened to one says nothing about another's figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.frames.selection import Selection
from analytics.frames.sql import rows


@dataclass(frozen=True, slots=True)
class Restart:
    """A published version with which `item` became another question; `kinds` of its changes, each
    once. `day` is the day in UTC on which it was published."""

    item: str
    day: dt.date
    number: int
    slug: str
    name: str
    kinds: tuple[str, ...]


def restarts(selection: Selection, items: Sequence[str]) -> list[Restart]:
    """The versions, by day, that changed what one of the items means; those only by which somebody
    was surveyed, and only of the questionnaires selected. What changed without an item changed
    them all."""
    only, values = "", {"items": list(items)}
    if selection.questionnaire is not None:
        only = " AND q.id = ANY(%(questionnaires)s::bigint[])"
        values["questionnaires"] = list(selection.questionnaire)  # type: ignore[arg-type]
    found = rows(
        "SELECT wanted.item, (v.published_at AT TIME ZONE 'UTC')::date, v.number, q.slug, q.name,"
        " array_agg(DISTINCT c.change->>'kind' ORDER BY c.change->>'kind')"
        " FROM surveys_questionnaireversion AS v"
        " JOIN surveys_questionnaire AS q ON q.id = v.questionnaire_id"
        " CROSS JOIN unnest(%(items)s::text[]) AS wanted (item)"
        " CROSS JOIN LATERAL jsonb_array_elements(v.changes) AS c (change)"
        " WHERE v.published_at IS NOT NULL AND c.change->'comparable' = 'false'::jsonb"
        f" AND c.change->>'item' IN (wanted.item, ''){only}"
        " AND EXISTS (SELECT 1 FROM surveys_invitation AS i WHERE i.version_id = v.id)"
        " GROUP BY wanted.item, v.id, q.id ORDER BY v.published_at, q.slug, v.number",
        values,
    )
    return [
        Restart(name, day, number, slug, called, tuple(kinds))
        for name, day, number, slug, called, kinds in found
    ]
