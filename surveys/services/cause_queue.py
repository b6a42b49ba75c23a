"""What arrived under codes that nobody has mapped yet, and which known causes they may mean."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from surveys.models import Cause, CauseChange
from surveys.services import causes
from surveys.services.authors import Author
from surveys.services.cause_moves import CauseError
from surveys.services.cause_similarity import Known, Suggestion, suggest
from surveys.services.intake_sql import rows

#: So many are read and compared at once.
PAGE: Final = 25
MOST_AT_ONCE: Final = 100
_EXAMPLES: Final = 3
_TAGS: Final = 5
_LATELY: Final = 200
_WAITING: Final = """
SELECT k.id, k.code, k.name, r.n, r.first_at, r.last_at
FROM surveys_cause k JOIN (
  SELECT cause_id, count(*) AS n, min(resolved_at) AS first_at, max(resolved_at) AS last_at
  FROM surveys_resolution WHERE cause_id IN
    (SELECT id FROM surveys_cause WHERE mapped_at IS NULL AND merged_into_id IS NULL)
  GROUP BY cause_id) r ON r.cause_id = k.id
ORDER BY r.n DESC, k.code COLLATE "C"
"""
_NEWEST_CASES: Final = """
SELECT k.id, c.id, c.external_id, c.subject, c.tags
FROM unnest(%s::bigint[]) AS k(id), LATERAL (
  SELECT case_id FROM surveys_resolution WHERE cause_id = k.id
  ORDER BY resolved_at DESC LIMIT %s) r
JOIN surveys_case c ON c.id = r.case_id
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A case under a waiting code; `subject` is empty where nobody told one, or it was erased."""

    case_id: int
    external_id: str
    subject: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A code that waits, with its cases (resolutions, as the reports count them)."""

    id: int
    code: str
    name: str
    n_cases: int
    first_at: dt.datetime
    last_at: dt.datetime
    examples: tuple[Example, ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def obvious(self) -> Suggestion | None:
        return next((one for one in self.suggestions if one.is_obvious), None)


@dataclass(frozen=True, slots=True)
class Part:
    """Some of what waits, behind a place in the same order."""

    lines: tuple[Waiting, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of what waits, those with the most cases first."""

    lines: tuple[Waiting, ...]
    n_codes: int
    n_cases: int
    n_without: int


def waiting(page: int = 0) -> Queue:
    """What waits; suggestions are made for the lines of this page."""
    found = rows(_WAITING)
    [(n_without,)] = rows("SELECT count(*) FROM surveys_resolution WHERE cause_id IS NULL")
    return Queue(
        _told(found[page * PAGE : (page + 1) * PAGE]),
        len(found),
        sum(row[3] for row in found),
        n_without,
    )


def waiting_after(place: tuple[int, str] | None, size: int) -> Part:
    """What waits behind a number of cases and a code, or from the beginning."""
    found = rows(_WAITING)
    if place is not None:
        n_cases, code = place
        # By code points, in UTF-8 as in Python: the order of the statement.
        found = [row for row in found if (-row[3], row[1]) > (-n_cases, code)]
    return Part(_told(found[:size]), len(found) > size)


def n_waiting() -> int:
    """How many codes with cases wait."""
    return len(rows(_WAITING))


@transaction.atomic
def take_all(
    pairs: Sequence[tuple[str, str]], now: dt.datetime, by: Author = None
) -> tuple[str, list[CauseChange]]:
    """Merge each code into the cause beside it; all or none, undone together by the first value.

    Raises: CauseError.
    """
    if not pairs:
        raise CauseError("Choose at least one code.")
    if len(pairs) > MOST_AT_ONCE:
        raise CauseError(f"At most {MOST_AT_ONCE} at once.")
    batch, done = secrets.token_hex(8), []
    for code, into in pairs:
        waits = Cause.objects.filter(code=code, mapped_at=None, merged_into=None)
        if not waits.exists():
            raise CauseError(f"“{code}” does not wait any more; somebody mapped it meanwhile.")
        change = causes.merge(code, into, now, by)
        change.was["batch"] = batch
        change.save(update_fields=["was"])
        done.append(change)
    return batch, done


@transaction.atomic
def undo_all(batch: str, now: dt.datetime, by: Author = None) -> int:
    """Take back what was taken at once, but for what was undone since; how many.

    Raises: CauseError.
    """
    found = CauseChange.objects.filter(was__batch=batch, undone_by=None).order_by("-pk")
    undone = [causes.undo(change.pk, now, by) for change in found]
    if not undone:
        raise CauseError("That was undone already.")
    return len(undone)


def _told(shown: Sequence[Sequence[Any]]) -> tuple[Waiting, ...]:
    cases = _cases([row[0] for row in shown])
    mapped = Cause.objects.filter(merged_into=None).exclude(mapped_at=None)
    known = [Known(*row) for row in mapped.values_list("code", "name", "description")]
    return tuple(_line(row, cases.get(row[0], []), known) for row in shown)


def _cases(ids: list[int]) -> dict[int, list[tuple[int, str, str, list[str]]]]:
    found: dict[int, list[tuple[int, str, str, list[str]]]] = {}
    for cause_id, *case in rows(_NEWEST_CASES, ids, _LATELY):
        found.setdefault(cause_id, []).append((case[0], case[1], case[2], case[3]))
    return found


def _line(
    row: Sequence[object], cases: list[tuple[int, str, str, list[str]]], known: list[Known]
) -> Waiting:
    number, code, name, n_cases, first_at, last_at = row
    # Three with different subjects say more than the newest three.
    by_subject = {subject: (case_id, external_id) for case_id, external_id, subject, _ in cases}
    examples = [Example(*where, subject) for subject, where in by_subject.items()][:_EXAMPLES]
    return Waiting(
        number, code, name, n_cases, first_at, last_at,  # type: ignore[arg-type]
        tuple(examples),
        suggest(str(code), str(name), _common_tags(cases), known),
    )  # fmt: skip


def _common_tags(cases: list[tuple[int, str, str, list[str]]]) -> list[str]:
    """Tags that at least half of the cases carry."""
    counts: dict[str, int] = {}
    for *_, tags in cases:
        for tag in set(tags):
            counts[tag] = counts.get(tag, 0) + 1
    often = [tag for tag, n in counts.items() if 2 * n >= len(cases)]
    return sorted(often, key=lambda tag: (-counts[tag], tag))[:_TAGS]
