"""Causes as a tree of a few levels, described, and named in the languages of customers.

A place in the tree moves no case: each cause is counted by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from django.db import transaction

from surveys.models import Cause, CauseChange
from surveys.questionnaire.texts import languages
from surveys.services.authors import Author, signed
from surveys.services.cause_moves import CauseError, locked
from surveys.services.intake_sql import rows

#: Levels of the tree, its roots being the first.
MOST_LEVELS: Final = 3
LONGEST_DESCRIPTION: Final = 2_000
_TREE: Final = 7_205_763  # also held by the trigger that refuses circles


@transaction.atomic
def place(code: str, parent: str, by: Author = None) -> CauseChange:
    """Make a cause part of a broader one, or with an empty `parent` a root.

    Raises: CauseError.
    """
    rows("SELECT pg_advisory_xact_lock(%s)", _TREE)
    found = locked(*{code, *([parent] if parent else [])})
    cause, above = found[code], found.get(parent)
    if cause.parent_id == (above.pk if above else None):
        raise CauseError("It stands there already.")
    _check(cause, above)
    was = cause.parent
    cause.parent = above
    cause.save(update_fields=["parent"])
    return CauseChange.objects.create(
        kind=CauseChange.Kind.PLACED,
        code=code,
        before=str(was or ""),
        after=str(above or ""),
        was={"parent": was.pk if was else None},
        **signed(by),
    )


@transaction.atomic
def describe(
    code: str, description: str, names: Mapping[str, str], by: Author = None
) -> CauseChange:
    """Say what a cause is, and what customers read by language; an empty name takes the usual one.

    Raises: CauseError.
    """
    cause = locked(code)[code]
    description = description.replace("\r\n", "\n").strip()
    kept = {tag: " ".join(name.split()) for tag, name in names.items() if name.strip()}
    if len(description) > LONGEST_DESCRIPTION or "\x00" in description:
        raise CauseError(f"A description has at most {LONGEST_DESCRIPTION:,} characters.")
    for tag, name in kept.items():
        if tag not in languages():
            raise CauseError(f"Surveys do not speak the language “{tag}”.")
        if len(name) > 200 or "\x00" in name:
            raise CauseError("A name has at most 200 characters.")
    was = {"description": cause.description, "names": cause.names}
    if was == {"description": description, "names": kept}:
        raise CauseError("Nothing was changed.")
    cause.description, cause.names = description, kept
    cause.save(update_fields=["description", "names"])
    return CauseChange.objects.create(
        kind=CauseChange.Kind.WORDED, code=code, before="", after=cause.name, was=was, **signed(by)
    )


def undo_place(change: CauseChange) -> None:
    """Put a cause back where it stood.

    Raises: CauseError where something later stands in the way.
    """
    rows("SELECT pg_advisory_xact_lock(%s)", _TREE)
    cause = locked(change.code)[change.code]
    _refuse_later(change)
    above = Cause.objects.filter(pk=change.was["parent"]).first()
    _check(cause, above)
    cause.parent = above
    cause.save(update_fields=["parent"])


def undo_words(change: CauseChange) -> None:
    """Take back what a cause was said to be.

    Raises: CauseError where it was described again since.
    """
    cause = locked(change.code)[change.code]
    _refuse_later(change)
    cause.description, cause.names = change.was["description"], change.was["names"]
    cause.save(update_fields=["description", "names"])


def in_order(words: str = "") -> list[tuple[int, int]]:
    """The ids of the causes as the lines of a tree, each with its level, 0 for roots: what waits
    unmapped first, parts below what they are part of, then what was merged away. With `words` those
    whose name or code has them, and what they are part of."""
    asked = ("pk", "parent_id", "name", "code", "mapped_at", "merged_into_id")
    nodes = {row[0]: _Node(*row) for row in Cause.objects.values_list(*asked)}
    wanted = words.casefold()
    kept = {
        pk
        for pk, node in nodes.items()
        if wanted in node.name.casefold() + "\n" + node.code.casefold()
    }
    for pk in list(kept):
        above = nodes[pk].parent_id
        while above in nodes and above not in kept:
            kept.add(above)
            above = nodes[above].parent_id
    below: dict[int | None, list[_Node]] = {}
    for pk in kept:
        below.setdefault(nodes[pk].parent_id, []).append(nodes[pk])
    return list(_lines(below, None, 0))


class _Node(NamedTuple):
    pk: int
    parent_id: int | None
    name: str
    code: str
    mapped_at: dt.datetime | None
    merged_into_id: int | None

    @property
    def place(self) -> tuple[int, str, str]:
        group = 2 if self.merged_into_id else 1 if self.mapped_at else 0
        return group, (self.name or self.code).casefold(), self.code


def _lines(
    below: Mapping[int | None, list[_Node]], above: int | None, level: int
) -> Iterator[tuple[int, int]]:
    for node in sorted(below.get(above, ()), key=lambda node: node.place):
        yield node.pk, level
        yield from _lines(below, node.pk, level + 1)


def possible_parents(cause: Cause) -> list[Cause]:
    """What a cause may be made part of, by name."""
    height = _height(cause)
    found = Cause.objects.filter(merged_into=None).exclude(mapped_at=None).exclude(pk=cause.pk)
    return [
        one
        for one in found.select_related("parent__parent")
        if len(up := _above(one)) + height < MOST_LEVELS and cause.pk not in up
    ]


def _check(cause: Cause, above: Cause | None) -> None:
    if cause.merged_into_id is not None:
        raise CauseError(f"“{cause.code}” is part of another cause for good; undo that first.")
    if above is None:
        return
    if above.mapped_at is None or above.merged_into_id is not None:
        raise CauseError(f"“{above.code}” is no cause of its own.")
    chain = _above(above)
    if cause.pk in chain:
        raise CauseError("A cause cannot be part of what is part of it.")
    if len(chain) + _height(cause) >= MOST_LEVELS:
        raise CauseError(f"The tree has at most {MOST_LEVELS} levels.")


def _above(cause: Cause) -> list[int]:
    """The ids from a cause up to its root."""
    found, one = [cause.pk], cause.parent
    while one is not None and one.pk not in found:
        found.append(one.pk)
        one = one.parent
    return found


def _height(cause: Cause) -> int:
    """How many levels stand below a cause."""
    height, ids = 0, [cause.pk]
    while height < MOST_LEVELS:
        ids = list(Cause.objects.filter(parent__in=ids).values_list("pk", flat=True))
        if not ids:
            break
        height += 1
    return height


def _refuse_later(change: CauseChange) -> None:
    later = CauseChange.objects.filter(
        kind=change.kind, code=change.code, pk__gt=change.pk, undone_by=None
    )
    if later.exists():
        raise CauseError(f"“{change.code}” was changed so again since; undo that first.")
