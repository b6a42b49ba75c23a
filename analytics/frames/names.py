"""What people call an agent or a cause."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from analytics.frames.moment import once
from analytics.frames.sql import long_frame, rows

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
        known.update(dict.fromkeys(missing))
        known.update(_all_causes() if len(missing) > _MANY else _causes(missing))
    return {key: name for key in wanted if (name := known[key]) is not None}


def _causes(ids: list[int]) -> dict[int, Name]:
    found = rows(f"{_CODE_AND_NAME} WHERE id = ANY(%(ids)s::bigint[])", {"ids": ids})
    return {key: (code, name) for key, code, name in found}


def _all_causes() -> dict[int, Name]:
    found = long_frame(("id", "code", "name"), _CODE_AND_NAME)
    columns = (found[name].tolist() for name in ("id", "code", "name"))
    return {key: (code, name) for key, code, name in zip(*columns, strict=True)}


_CODE_AND_NAME: Final = (
    "SELECT id, code, COALESCE(NULLIF(name, ''), code) AS name FROM surveys_cause"
)
#: So many are read sooner with all the others than they are asked for one by one.
_MANY: Final = 5_000
#: Tells the causes and products before a change from those after it, and from those while their
#: answers still move: the newest changes, and whether they do.
TAXONOMY: Final = (
    "SELECT concat(c.id, '.', d.id, CASE WHEN EXISTS (SELECT 1 FROM surveys_answerchange"
    " WHERE created_at <= GREATEST(c.at, d.at)) THEN '-moving' END)"
    " FROM (SELECT max(id) AS id, max(made_at) AS at FROM surveys_causechange) AS c,"
    " (SELECT max(id) AS id, max(made_at) AS at FROM surveys_dimensionchange) AS d"
)
