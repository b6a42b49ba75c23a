"""Ratings of one question, from tools before Stabledoor: read one by one, and removed by import.

An import is what one run of `import_responses --from` stored or changed last, known by its tool and
its moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet

from surveys.models import UnseparatedRating
from surveys.services.history_tools import TOOLS

MOST_IMPORTS: Final = 100
BATCH: Final = 5_000


class NothingImportedError(Exception):
    """There is nothing of that tool, or of that import; in words."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One import: how many ratings it holds, how many with a comment, and when they were given."""

    tool: str
    imported_at: datetime
    scales: tuple[str, ...]
    n: int
    n_comments: int
    first: datetime
    last: datetime

    @property
    def name(self) -> str:
        """The tool as people call it."""
        return TOOLS[self.tool].name if self.tool in TOOLS else self.tool


@dataclass(frozen=True, slots=True)
class Place:
    """After which rating a page begins."""

    answered_at: datetime
    number: int


def can_be_moment(at: datetime) -> bool:
    """Whether an import can have that moment, and the database look for it."""
    return at.tzinfo is not None and 1900 < at.year < 9000


def imports(tool: str = "", at: datetime | None = None) -> list[Imported]:
    """The newest imports, of a tool or of one moment where that is asked for."""
    found = (
        _of(tool, at)
        .values("tool", "imported_at", "scale")
        .annotate(
            n=Count("pk"), said=Count("pk", filter=~Q(comment="")),
            first=Min("answered_at"), last=Max("answered_at"),
        )
        .order_by("-imported_at", "tool", "scale")
    )  # fmt: skip
    grouped: dict[tuple[str, datetime], list[dict[str, Any]]] = {}
    for row in found:
        grouped.setdefault((row["tool"], row["imported_at"]), []).append(dict(row))
    return [
        Imported(
            name,
            moment,
            tuple(row["scale"] for row in rows),
            sum(row["n"] for row in rows),
            sum(row["said"] for row in rows),
            min(row["first"] for row in rows),
            max(row["last"] for row in rows),
        )
        for (name, moment), rows in list(grouped.items())[:MOST_IMPORTS]
    ]


def ratings(
    *, tool: str = "", with_comment: bool = True, after: Place | None = None, limit: int = 50
) -> tuple[Sequence[UnseparatedRating], Place | None]:
    """A page of ratings, newest first, and where the next begins; None after the last."""
    found = every(tool=tool, with_comment=with_comment).order_by("-answered_at", "-pk")
    if after is not None:
        at = after.answered_at
        found = found.filter(answered_at__lte=at).exclude(answered_at=at, pk__gte=after.number)
    page = list(found[: limit + 1])
    if len(page) <= limit:
        return page, None
    last = page[limit - 1]
    return page[:limit], Place(last.answered_at, last.pk)


def every(*, tool: str = "", with_comment: bool = True) -> QuerySet[UnseparatedRating]:
    """Ratings with their cases: of all tools or one, with a comment or all."""
    found = _of(tool, None).select_related("case")
    return found.exclude(comment="") if with_comment else found


def remove(tool: str, at: datetime | None = None, *, dry: bool = False) -> int:
    """Delete what a tool's imports stored, or one import of it; how many ratings. Batches are
    committed one by one: a removal that was killed is simply begun again.

    Raises: NothingImportedError.
    """
    found = _of(tool, at)
    if not found.exists():
        known = ", ".join(
            f"{one.tool} of {one.imported_at.isoformat()}" for one in imports(tool)[:5]
        )
        has = f"; there is {known}" if known else "; nothing of it is stored"
        raise NothingImportedError(f"no such import of {tool}{has}")
    if dry:
        return found.count()
    n = 0
    while batch := list(found.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            n += UnseparatedRating.objects.filter(pk__in=batch).delete()[0]
    return n


def _of(tool: str, at: datetime | None) -> QuerySet[UnseparatedRating]:
    found = UnseparatedRating.objects.all()
    if tool:
        found = found.filter(tool=tool)
    return found if at is None else found.filter(imported_at=at)
