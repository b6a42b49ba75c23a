"""Filters and scope as SQL: which answers, cases or invitations a report is about."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.core.cache import cache

from analytics.filters import FilterError, Filters
from analytics.frames.sql import rows
from surveys.questionnaire.texts import languages
from surveys.services.access import Scope

#: Of each dimension with a table: the table and the column that the URL names it by.
_KEYS: Final = {
    "team": ("surveys_team", "name"),
    "agent": ("surveys_agent", "external_id"),
    "product": ("surveys_product", "name"),
    "cause": ("surveys_cause", "code"),
    "questionnaire": ("surveys_questionnaire", "slug"),
}
#: The column that says what a row became.
_BECAME: Final = {
    "team": "merged_into_id",
    "agent": "joined_into_id",
    "product": "merged_into_id",
    "cause": "merged_into_id",
}
#: Dimensions that are words of the cases and surveys themselves, and where they stand. A survey's
#: language is the answer's, or the invitation's while nobody answered.
_WORDS: Final = {
    "channel": ("surveys_resolution",),
    "language": ("surveys_response", "surveys_invitation"),
}
#: A word that was used once stays known: only what nobody uses is looked for in every row.
_KNOWN_SECONDS: Final = 86_400
Ids = tuple[int, ...] | None
Conditions = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for and may be seen, by primary keys. None: no limit; empty: nothing at all."""

    basis: str = "a"
    from_: dt.date | None = None
    to: dt.date | None = None
    team: Ids = None
    agent: Ids = None
    product: Ids = None
    cause: Ids = None
    questionnaire: Ids = None
    channel: tuple[str, ...] | None = None
    language: tuple[str, ...] | None = None

    @classmethod
    def of(cls, filters: Filters, scope: Scope) -> Selection:
        """Filters as keys, cut down to the scope.

        Raises: FilterError for a value that names nothing.
        """
        ids = {name: _resolve(name, filters.of(name)) for name in _KEYS}
        for name in _WORDS:
            _refuse_missing(name, filters.of(name), _used(name, filters.of(name)))
        ids["team"] = _both(ids["team"], scope.team_ids)
        ids["agent"] = _both(ids["agent"], scope.agent_ids)
        below = tuple(branches(filters.branch)) if filters.branch else None
        ids["cause"] = _both(_both(ids["cause"], below), scope.cause_ids)
        return cls(
            basis="a" if filters.by == "answered" else "r",
            from_=filters.from_,
            to=filters.to,
            channel=filters.channel or None,
            language=filters.language or None,
            **ids,
        )

    def without(self, *dimensions: str) -> Selection:
        """The same with these dimensions unlimited."""
        unlimited: dict[str, Any] = dict.fromkeys(dimensions)
        return replace(self, **unlimited)

    @property
    def narrowed(self) -> frozenset[str]:
        """The dimensions with a limit."""
        names = (*_KEYS, "channel", "language")
        return frozenset(name for name in names if getattr(self, name) is not None)

    def days(self, column: str = "day") -> Conditions:
        """Conditions on a date column."""
        parts, values = ["TRUE"], {}
        if self.from_:
            parts.append(f"{column} >= %(from_)s")
            values["from_"] = self.from_
        if self.to:
            parts.append(f"{column} <= %(to)s")
            values["to"] = self.to
        return " AND ".join(parts), values

    def moments(self, column: str) -> Conditions:
        """Conditions on a timestamp column, for whole UTC days, that an index can serve."""
        parts, values = ["TRUE"], {}
        if self.from_:
            parts.append(f"{column} >= %(since)s")
            values["since"] = _midnight(self.from_)
        if self.to:
            parts.append(f"{column} < %(until)s")
            values["until"] = _midnight(self.to + dt.timedelta(days=1))
        return " AND ".join(parts), values

    def rollup(self, scope: str) -> Conditions:
        """Conditions on a rollup of one scope ("all", or a dimension narrowed or not)."""
        condition, values = self.days()
        values |= {"basis": self.basis, "scope": scope}
        condition = f"basis = %(basis)s AND scope = %(scope)s AND {condition}"
        if scope != "all" and getattr(self, scope) is not None:
            condition += " AND scope_id = ANY(%(scope_ids)s::bigint[])"
            values["scope_ids"] = list(getattr(self, scope))
        return condition, values

    def facts(self) -> Conditions:
        """Conditions on `analytics_countedresponse`."""
        condition, values = self.days(self.day_column)
        parts = [condition]
        for name in ("team", "product", "cause", "questionnaire"):
            parts += self._any(name, f"{name}_id = ANY(%({name})s::bigint[])", values)
        parts += self._any("agent", "agent_ids && %(agent)s::bigint[]", values)
        for name in ("channel", "language"):
            parts += self._any(name, f"{name} = ANY(%({name})s::text[])", values)
        return " AND ".join(parts), values

    def resolutions(self, alias: str = "r") -> Conditions:
        """Conditions on `surveys_resolution`, but for dates, language and questionnaire."""
        values: dict[str, Any] = {}
        parts = ["TRUE"]
        for name in ("team", "product", "cause"):
            parts += self._any(name, f"{alias}.{name}_id = ANY(%({name})s::bigint[])", values)
        parts += self._any("channel", f"{alias}.channel = ANY(%(channel)s::text[])", values)
        handled = (
            "EXISTS (SELECT 1 FROM surveys_resolutionagent AS h"
            f" WHERE h.resolution_id = {alias}.id AND h.share >= 0.5"
            " AND h.agent_id = ANY(%(agent)s::bigint[]))"
        )
        parts += self._any("agent", handled, values)
        return " AND ".join(parts), values

    @property
    def day_column(self) -> str:
        """The date of a counted response that the asked dates are about."""
        return "answered_on" if self.basis == "a" else "resolved_on"

    def _any(self, name: str, condition: str, values: dict[str, Any]) -> list[str]:
        wanted = getattr(self, name)
        if wanted is None:
            return []
        values[name] = list(wanted)
        return [condition]


def _both(asked: Ids, allowed: Ids) -> Ids:
    if asked is None or allowed is None:
        return allowed if asked is None else asked
    return tuple(sorted(set(asked) & set(allowed)))


def _resolve(dimension: str, values: tuple[str, ...]) -> Ids:
    if not values:
        return None
    table, column = _KEYS[dimension]
    # An old link with a merged cause, a former name of a team or product, or another id of an
    # agent asks for what it became.
    became = _BECAME.get(dimension, "id")
    key = f"COALESCE({became}, id)"
    found: dict[str, int] = dict(
        rows(
            f"SELECT {column}, {key} FROM {table} WHERE {column} = ANY(%(values)s::text[])",
            {"values": list(values)},
        )
    )
    _refuse_missing(dimension, values, found)
    return tuple(sorted(set(found.values())))


def branches(codes: tuple[str, ...]) -> dict[int, str]:
    """The causes of these branches, by id their code: each cause named and all that is below it.

    Raises: FilterError for a code that names no cause.
    """
    named = {"codes": list(codes)}
    roots: dict[str, int] = dict(
        rows(
            "SELECT code, COALESCE(merged_into_id, id) FROM surveys_cause"
            " WHERE code = ANY(%(codes)s::text[])",
            named,
        )
    )
    _refuse_missing("branch", codes, roots)
    # UNION and not UNION ALL: it ends even where a circle came past the guard of the tree.
    found: dict[int, str] = dict(
        rows(
            "WITH RECURSIVE below AS ("
            " SELECT id, code FROM surveys_cause WHERE id = ANY(%(roots)s::bigint[]) UNION"
            " SELECT c.id, c.code FROM surveys_cause AS c JOIN below AS b ON c.parent_id = b.id)"
            " SELECT id, code FROM below ORDER BY id",
            {"roots": sorted(set(roots.values()))},
        )
    )
    return found


def _used(dimension: str, values: tuple[str, ...]) -> set[str]:
    """Those of the values that a case or survey has."""
    offered = set(languages()) if dimension == "language" else set()
    return {value for value in values if value in offered or _is_used(dimension, value)}


def _is_used(dimension: str, value: str) -> bool:
    digest = hashlib.sha256(value.encode()).hexdigest()
    key = f"analytics:used:{dimension}:{digest}"
    if cache.get(key):
        return True
    for table in _WORDS[dimension]:
        statement = f"SELECT 1 FROM {table} WHERE {dimension} = %(value)s LIMIT 1"
        if rows(statement, {"value": value}):
            cache.set(key, 1, _KNOWN_SECONDS)
            return True
    return False


def _refuse_missing(dimension: str, values: Iterable[str], found: Iterable[str]) -> None:
    known = set(found)
    for value in values:
        if value not in known:
            raise FilterError(dimension, f"There is no {dimension} “{value}”.")


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, tzinfo=dt.UTC)
