"""Single responses with what their case was at resolution, newest first."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from analytics.frames.selection import Selection
from analytics.frames.sql import rows

Place = tuple[dt.datetime, int]
#: What the answers of a response say: one of `_SHOWN`, or a cell of the matrix such as "f4c5".
Show = str
#: Words are looked for in so many of the newest responses of the asked dates: there is no index of
#: words, and a word that nobody used would otherwise read every comment there ever was.
SEARCHED: Final = 200_000
_SHOWN: Final[dict[str, str]] = {
    "satisfied": "p.f1 >= 4",
    "dissatisfied": "p.f1 <= 2",
    "dismayed": "p.c1 >= 4",
    "masked": "p.f1 >= 4 AND p.c1 >= 4",
    "comments": "(p.fix_comment <> '' OR p.cause_comment <> '')",
    "served_well": "p.f1 >= 4 AND p.c1 <= 3",
    "neither": "p.f1 = 3 AND p.c1 <= 3",
    "neither_dismayed": "p.f1 = 3 AND p.c1 >= 4",
    "failed": "p.f1 <= 2 AND p.c1 <= 3",
    "failed_dismayed": "p.f1 <= 2 AND p.c1 >= 4",
}
_CELL: Final = re.compile("f([1-5])c([1-5])")

FIX_ITEMS: Final = ("f1", "f2", "f3", "s1")
CAUSE_ITEMS: Final = ("c1", "c2", "c3", "c4")
OUTCOME_ITEMS: Final = ("o1", "o2")
ITEMS: Final = (*FIX_ITEMS, *CAUSE_ITEMS, *OUTCOME_ITEMS)

FROM: Final = """
FROM surveys_response AS p
JOIN surveys_invitation AS i ON i.id = p.invitation_id
JOIN surveys_resolution AS r ON r.id = i.resolution_id
LEFT JOIN surveys_questionnaireversion AS v ON v.id = i.version_id
"""
DETAIL: Final = """
JOIN surveys_case AS c ON c.id = r.case_id
LEFT JOIN surveys_customer AS u ON u.id = c.customer_id
LEFT JOIN surveys_questionnaire AS q ON q.id = v.questionnaire_id
LEFT JOIN surveys_team AS t ON t.id = r.team_id
LEFT JOIN surveys_product AS o ON o.id = r.product_id
LEFT JOIN surveys_cause AS w ON w.id = r.cause_id
"""
#: Who handled a case: of the few of a page as two lists,
_HANDLED: Final = """
CROSS JOIN LATERAL (
    SELECT array_agg(a.external_id ORDER BY h.share DESC, a.external_id) AS agent_ids,
           array_agg(COALESCE(NULLIF(a.name, ''), a.external_id)
                     ORDER BY h.share DESC, a.external_id) AS agent_names
    FROM surveys_resolutionagent AS h JOIN surveys_agent AS a ON a.id = h.agent_id
    WHERE h.resolution_id = r.id
) AS by
"""
#: and of as many cases as a table `chosen` has, as two texts.
ALL_HANDLED: Final = """
LEFT JOIN (
    SELECT h.resolution_id,
           string_agg(a.external_id, '; ' ORDER BY h.share DESC, a.external_id) AS agent_ids,
           string_agg(COALESCE(NULLIF(a.name, ''), a.external_id), '; '
                      ORDER BY h.share DESC, a.external_id) AS agent_names
    FROM surveys_resolutionagent AS h JOIN surveys_agent AS a ON a.id = h.agent_id
    WHERE h.resolution_id IN (SELECT resolution_id FROM chosen) GROUP BY h.resolution_id
) AS by ON by.resolution_id = r.id
"""
ORDER: Final = "ORDER BY p.answered_at DESC, p.id DESC"
COLUMNS: Final = (
    "p.id", "p.answered_at", "r.resolved_at", "p.completed_at IS NOT NULL AS completed",
    "c.source", "c.external_id AS case_id", "u.email AS customer_email",
    "u.name AS customer_name", "u.external_id AS customer_id",
    *(f"p.{item}" for item in ITEMS), "p.fix_comment", "p.cause_comment", "p.extra",
    "i.version_id", "v.number AS version", "r.human_handled", "r.n_agents",
    "by.agent_ids", "by.agent_names", "t.name AS team", "o.name AS product",
    "w.code AS cause_code", "COALESCE(NULLIF(w.name, ''), w.code) AS cause_name", "r.channel",
    "p.language", "q.slug AS questionnaire", "i.arm", "p.n_revisions", "p.is_sample",
)  # fmt: skip
_NAMES: Final = tuple(column.split(" AS ")[-1].split(".")[-1] for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for among the responses: words, in what the reader may read, and what the
    answers say."""

    words: str = ""
    show: Show = ""
    in_fix_comments: bool = False
    in_cause_comments: bool = False
    in_identities: bool = False


def page(
    selection: Selection, after: Place | None, limit: int, search: Search | None = None
) -> list[dict[str, Any]]:
    """At most `limit` responses behind a place, newest first.

    Shape: id, answered_at, resolved_at, completed, source, case_id, customer_…, the items in lower
    case, comments, extra (own answers by id), version_id, version, human_handled, n_agents,
    agent_ids, agent_names, team, product, cause_code, cause_name, channel,
    language, questionnaire, arm, n_revisions, is_sample.
    """
    query, values = _chosen("p.id", selection, after, limit, search)
    found = rows(
        # Chosen first and decorated afterwards: the joins for display touch `limit` rows only.
        f"SELECT {', '.join(COLUMNS)} {FROM} {DETAIL} {_HANDLED}"
        f" WHERE p.id = ANY(ARRAY({query})) {ORDER}",
        values,
    )
    return _named(found)


def last_of(
    selection: Selection, after: Place | None, limit: int, search: Search | None = None
) -> Place | None:
    """The place of the last of `limit` responses behind a place; None where there are fewer."""
    if search is None and not (selection.narrowed - {"language"}) and selection.basis == "a":
        # Each response has its invitation and its resolution: nothing of them is asked.
        where, values = between(selection, after, None, None)
        tables = "FROM surveys_response AS p"
    else:
        where, values = between(selection, after, None, search)
        tables = FROM + joins_of(search)
    found = rows(
        f"SELECT p.answered_at, p.id {tables} WHERE {where} {ORDER} OFFSET %(limit)s - 1 LIMIT 1",
        {**values, "limit": limit},
    )
    return found[0] if found else None


def _chosen(
    columns: str, selection: Selection, after: Place | None, limit: int, search: Search | None
) -> tuple[str, dict[str, Any]]:
    """A query for columns of at most `limit` responses behind a place."""
    where, values = between(selection, after, None, search)
    query = f"SELECT {columns} {FROM}{joins_of(search)} WHERE {where} {ORDER} LIMIT %(limit)s"
    return query, {**values, "limit": limit}


def between(
    selection: Selection, after: Place | None, last: Place | None, search: Search | None
) -> tuple[str, dict[str, Any]]:
    """Conditions on the responses behind one place and up to another, for `FROM`, with `joins_of`
    or `DETAIL`."""
    where, values = _conditions(selection)
    if after is not None:
        where += " AND (p.answered_at, p.id) < (%(after_at)s, %(after_id)s)"
        values |= {"after_at": after[0], "after_id": after[1]}
    if last is not None:
        where += " AND (p.answered_at, p.id) >= (%(last_at)s, %(last_id)s)"
        values |= {"last_at": last[0], "last_id": last[1]}
    if search is not None:
        wanted, more = _searched(search, selection)
        where, values = f"{where} AND {wanted}", values | more
    return where, values


def joins_of(search: Search | None) -> str:
    """What looking for words needs beside `FROM`; `DETAIL` has it."""
    if search is None or not search.words:
        return ""
    return (
        " JOIN surveys_case AS c ON c.id = r.case_id"
        " LEFT JOIN surveys_customer AS u ON u.id = c.customer_id"
    )


def is_show(show: str) -> bool:
    """Whether responses can be listed by it."""
    return show in _SHOWN or _CELL.fullmatch(show) is not None


def _says(show: Show) -> str:
    cell = _CELL.fullmatch(show)
    return f"p.f1 = {cell[1]} AND p.c1 = {cell[2]}" if cell else _SHOWN[show]


def _searched(search: Search, selection: Selection) -> tuple[str, dict[str, Any]]:
    """Conditions and their values."""
    parts = [_says(search.show)] if search.show else ["TRUE"]
    if not search.words:
        return parts[0], {}
    columns = ["c.subject", "c.external_id"]
    columns += ["p.fix_comment"] * search.in_fix_comments
    columns += ["p.cause_comment"] * search.in_cause_comments
    columns += ["u.name", "u.email"] * search.in_identities
    parts.append("(" + " OR ".join(f"{name} ILIKE %(words)s" for name in columns) + ")")
    newest: str = "TRUE"
    values: dict[str, Any] = {}
    if selection.basis == "a":
        newest, values = Selection(to=selection.to).moments("answered_at")
    parts.append(
        "p.answered_at >= (SELECT min(answered_at) FROM (SELECT answered_at FROM surveys_response"
        f" WHERE {newest} ORDER BY answered_at DESC, id DESC LIMIT {SEARCHED}) AS newest)"
    )
    escaped = search.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return " AND ".join(parts), {**values, "words": f"%{escaped}%"}


def of(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """These responses by id, with the columns of `page`; one that is missing was erased."""
    found = rows(
        f"SELECT {', '.join(COLUMNS)} {FROM} {DETAIL} {_HANDLED}"
        " WHERE p.id = ANY(%(ids)s::bigint[])",
        {"ids": list(ids)},
    )
    return {row["id"]: row for row in _named(found)}


def _named(found: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    listed = [dict(zip(_NAMES, row, strict=True)) for row in found]
    return [row | {"extra": json.loads(row["extra"])} for row in listed]


def versions(selection: Selection) -> list[int]:
    """Ids of the published versions whose answers a selection may hold."""
    found = rows(
        "SELECT id FROM surveys_questionnaireversion WHERE published_at IS NOT NULL"
        " AND (%(any)s::boolean OR questionnaire_id = ANY(%(questionnaire)s::bigint[]))",
        {
            "any": selection.questionnaire is None,
            "questionnaire": list(selection.questionnaire or ()),
        },
    )
    return [version_id for (version_id,) in found]


def are_at_least(selection: Selection, least: int) -> bool:
    """Whether so many responses match."""
    where, values = _conditions(selection)
    [(n,)] = rows(
        f"SELECT count(*) FROM (SELECT 1 {FROM} WHERE {where} LIMIT %(least)s) AS found",
        {**values, "least": least},
    )
    return int(n) >= least


def _conditions(selection: Selection) -> tuple[str, dict[str, Any]]:
    condition, values = selection.resolutions()
    column = "p.answered_at" if selection.basis == "a" else "r.resolved_at"
    period, more = selection.moments(column)
    parts = [condition, period]
    values |= more
    if selection.language is not None:
        parts.append("p.language = ANY(%(language)s::text[])")
        values["language"] = list(selection.language)
    if selection.questionnaire is not None:
        parts.append("v.questionnaire_id = ANY(%(questionnaire)s::bigint[])")
        values["questionnaire"] = list(selection.questionnaire)
    return " AND ".join(parts), values
