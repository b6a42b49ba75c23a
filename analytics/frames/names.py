"""What people call an agent or a cause."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from analytics.frames.moment import once
from analytics.frames.sql import rows

Name = tuple[str, str]


def agents(ids: Iterable[int]) -> dict[int, Name]:
    """External id and name of each agent; the external id stands in for a missing name."""
    found = rows(
        "SELECT id, external_id, COALESCE(NULLIF(name, ''), external_id)"
        " FROM surveys_agent WHERE id = ANY(%(ids)s::bigint[])",
        {"ids": list(ids)},
    )
    return {key: (external_id, name) for key, external_id, name in found}


def causes(ids: Iterable[int]) -> dict[int, Name]:
    """Code and name of each cause; in one moment each is read once."""
    wanted = set(ids)
    known: dict[int, Name | None] = once("causes", dict)
    missing = sorted(wanted - known.keys())
    if missing:
        found = rows(
            "SELECT id, code, COALESCE(NULLIF(name, ''), code)"
            " FROM surveys_cause WHERE id = ANY(%(ids)s::bigint[])",
            {"ids": missing},
        )
        known.update(dict.fromkeys(missing))
        known.update({key: (code, name) for key, code, name in found})
    return {key: name for key in wanted if (name := known[key]) is not None}


#: Tells the causes before a change from those after it, and from those while their answers still
#: move: the newest change, and whether they do.
TAXONOMY: Final = (
    "SELECT COALESCE(max(id), 0)::text || CASE WHEN EXISTS (SELECT 1 FROM surveys_answerchange"
    " WHERE created_at <= (SELECT max(made_at) FROM surveys_causechange)) THEN '-moving' ELSE ''"
    " END FROM surveys_causechange"
)
