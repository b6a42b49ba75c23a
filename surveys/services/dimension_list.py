"""Teams and products as a list: found by what they are or were called, with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from surveys.models import Agent, DimensionChange, Resolution
from surveys.services.dimensions import Named, model_of


@dataclass(frozen=True, slots=True)
class Line:
    """A team or product, the other names that lead to it, its resolutions (as reports count cases)
    and, of a team, its agents."""

    row: Named
    former: tuple[str, ...]
    n_cases: int
    n_agents: int


def every(dimension: str) -> QuerySet[Any]:
    """All rows with what leads to them; former names are rows of their own."""
    rows: QuerySet[Any] = model_of(dimension)._default_manager.all()
    return rows.select_related("merged_into").prefetch_related("former")


def find(dimension: str, words: str = "") -> QuerySet[Any]:
    """Those of today, by words in their name or a former one."""
    present = every(dimension).filter(merged_into=None)
    if not words:
        return present
    known = Q(name__icontains=words) | Q(former__name__icontains=words)
    return present.filter(known).distinct()


def former_names(row: Named) -> tuple[str, ...]:
    """Under which other names it arrives, or what it is counted as did."""
    return tuple(sorted(one.name for one in row.former.all()))


def counted(dimension: str, rows: Sequence[Named]) -> list[Line]:
    """The rows of one page with their numbers: counting all of them would read every case."""
    ids = [row.pk for row in rows]
    own = Resolution.objects.filter(**{f"{dimension}__in": ids}).values_list(dimension)
    n_cases = dict(own.annotate(Count("pk")).order_by())
    n_agents: dict[int, int] = {}
    if dimension == "team":
        agents = Agent.objects.filter(team__in=ids, joined_into=None).values_list("team")
        n_agents = dict(agents.annotate(Count("pk")).order_by())
    return [
        Line(row, former_names(row), n_cases.get(row.pk, 0), n_agents.get(row.pk, 0))
        for row in rows
    ]


def changes(dimension: str) -> QuerySet[DimensionChange]:
    """What was renamed and merged, newest first, without what undoing needs."""
    found = DimensionChange.objects.filter(dimension=dimension).defer("was")
    return found.select_related("by", "by_key", "undone_by")
