"""Teams and products: renamed or merged, with all that they were, and that undone.

A former name stays as a row of its own that leads to what it became, so that what helpdesks, old
links and policies still call by it belongs there. Resolutions are moved, as in a merge of causes:
no report then has to know of former names, and each sum is that of both by the same queue as a
changed answer.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import models, transaction

from surveys.models import (
    Agent,
    Cause,
    DimensionChange,
    Product,
    Resolution,
    Team,
    User,
)
from surveys.services.authors import Author, can_undo, signed
from surveys.services.cause_moves import count_again, count_answers

Kind = DimensionChange.Kind
Named = Team | Product

_MODELS: Final[Mapping[str, type[Team] | type[Product]]] = {"team": Team, "product": Product}
#: What else belongs to one of them and goes along, by the name of its column.
_BELONGS: Final[Mapping[str, tuple[tuple[type[models.Model], str], ...]]] = {
    "team": ((Agent, "team"), (User, "team"), (Cause, "owner_team")),
    "product": (),
}


class DimensionError(ValueError):
    """A change of names that makes no sense; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would move. `n_cases` counts resolutions, as the reports do; `n_agents`,
    `n_logins` and `n_causes` (that it owns) are those of a team."""

    source: Named
    target: Named
    n_cases: int
    n_answers: int
    former: tuple[str, ...]
    n_agents: int = 0
    n_logins: int = 0
    n_causes: int = 0


def model_of(dimension: str) -> type[Team] | type[Product]:
    """The table of "team" or "product"."""
    return _MODELS[dimension]


@transaction.atomic
def rename(dimension: str, name: str, new: str, by: Author = None) -> DimensionChange:
    """Call a team or product something else; what still arrives under the name before is its own.

    Raises: DimensionError.
    """
    new = " ".join(new.split())
    if not 1 <= len(new) <= 200 or "\x00" in new:
        raise DimensionError(f"A {dimension} needs a name of 1 to 200 characters.")
    found = _locked(dimension, name, new)
    row = _present(dimension, name, found)
    if new == name:
        raise DimensionError(f"The {dimension} “{name}” is called so already.")
    taken = found.get(new)
    if taken is not None and taken.merged_into_id is None:
        raise DimensionError(f"There is a {dimension} “{new}” already; merge the two instead.")
    if taken is not None and taken.merged_into_id != row.pk:
        raise DimensionError(f"“{new}” is a former name of “{taken.merged_into}”.")
    if taken is None:
        _call(row, new)
        fields = {"name": name, "merged_into": row, "is_sample": row.is_sample}
        former = _MODELS[dimension].objects.create(**fields)
    else:
        former = taken
        _swap(row, former)
    return DimensionChange.objects.create(
        dimension=dimension,
        kind=Kind.RENAMED,
        name=name,
        into=new,
        was={"row": row.pk, "former": former.pk, "made": taken is None},
        **signed(by),
    )


def preview(dimension: str, name: str, into: str) -> Preview:
    """What `merge` would do now.

    Raises: DimensionError, as `merge` does.
    """
    rows = _MODELS[dimension].objects.filter(name__in=(name, into)).select_related("merged_into")
    source, target = _pair(dimension, name, into, {row.name: row for row in rows})
    own = Resolution.objects.filter(**{dimension: source}).values_list("pk", flat=True)
    n_belonging = {model: _own(model, column, source).count() for model, column in _of(dimension)}
    return Preview(
        source,
        target,
        len(own),
        count_answers(list(own)),
        tuple(source.former.order_by("name").values_list("name", flat=True)),
        n_belonging.get(Agent, 0),
        n_belonging.get(User, 0),
        n_belonging.get(Cause, 0),
    )


@transaction.atomic
def merge(
    dimension: str, name: str, into: str, now: dt.datetime, by: Author = None
) -> DimensionChange:
    """Make one team or product, with its history, part of another; its names lead there.

    A team's agents go along, and who leads it leads the other one from then on. Merging again
    moves what came in between.

    Raises: DimensionError.
    """
    source, target = _pair(dimension, name, into, _locked(dimension, name, into))
    own = Resolution.objects.filter(**{dimension: source})
    moved = list(own.values_list("pk", flat=True))
    Resolution.objects.filter(pk__in=moved).update(**{dimension: target})
    belonging = {}
    for model, column in _of(dimension):
        held = _own(model, column, source)
        belonging[_key(model, column)] = list(held.values_list("pk", flat=True))
        held.update(**{column: target})
    was = {
        "source": source.pk,
        "target": target.pk,
        "merged_into": source.merged_into_id,
        "moved": moved,
        "former": list(source.former.values_list("pk", flat=True)),
        "belonging": belonging,
    }
    _MODELS[dimension].objects.filter(merged_into=source.pk).update(merged_into=target)
    source.merged_into_id = target.pk
    source.save(update_fields=["merged_into"])
    return DimensionChange.objects.create(
        dimension=dimension,
        kind=Kind.MERGED,
        name=name,
        into=into,
        n_resolutions=len(moved),
        n_answers=count_again(moved, now),
        was=was,
        **signed(by),
    )


@transaction.atomic
def undo(change_id: int, now: dt.datetime, by: Author = None) -> DimensionChange:
    """Take a change back, with the history it moved; what came in since stays where it is.

    Raises: DimensionChange.DoesNotExist; DimensionError where something later stands in the way.
    """
    change = DimensionChange.objects.select_for_update(of=("self",)).get(pk=change_id)
    if not can_undo(change):
        raise DimensionError("That was undone already.")
    undone = _undo_rename if change.kind == Kind.RENAMED else _undo_merge
    moved = undone(change)
    return DimensionChange.objects.create(
        dimension=change.dimension,
        kind=Kind.UNDONE,
        name=change.name,
        into=change.into,
        n_resolutions=len(moved),
        n_answers=count_again(moved, now),
        undoes=change,
        **signed(by),
    )


def follow(row: Named) -> Named:
    """What a row became, if it was renamed or merged."""
    return row.merged_into or row


def _undo_rename(change: DimensionChange) -> list[int]:
    model, was = _MODELS[change.dimension], change.was
    held = model.objects.select_for_update().filter(pk__in=(was["row"], was["former"]))
    found = {row.pk: row for row in held.order_by("pk")}
    row, former = found.get(was["row"]), found.get(was["former"])
    if row is None or former is None or (row.name, former.name) != (change.into, change.name):
        raise DimensionError(f"“{change.into}” was renamed again since; undo that first.")
    if former.merged_into_id not in (row.pk, row.merged_into_id):
        raise DimensionError(f"“{change.name}” was merged since; undo that first.")
    if not was["made"]:
        _swap(row, former)
        return []
    # An intake that looked the name up before it was renamed may have written to the former row.
    Resolution.objects.filter(**{change.dimension: former}).update(**{change.dimension: row})
    for other, column in _of(change.dimension):
        _own(other, column, former).update(**{column: row})
    former.delete()
    _call(row, change.name)
    return []


def _undo_merge(change: DimensionChange) -> list[int]:
    model, was = _MODELS[change.dimension], change.was
    held = model.objects.select_for_update().filter(pk__in=(was["source"], was["target"]))
    found = {row.pk: row for row in held.order_by("pk")}
    source, target = found.get(was["source"]), found.get(was["target"])
    if source is None or source.name != change.name:
        raise DimensionError(f"“{change.name}” is called otherwise since; undo that first.")
    later = DimensionChange.objects.filter(
        kind=Kind.MERGED, was__source=source.pk, pk__gt=change.pk, undone_by=None
    )
    if target is None or source.merged_into_id != target.pk or later.exists():
        raise DimensionError(f"“{change.into}” was merged on since; undo that first.")
    still = Resolution.objects.filter(pk__in=was["moved"], **{change.dimension: target})
    moved = list(still.values_list("pk", flat=True))
    Resolution.objects.filter(pk__in=moved).update(**{change.dimension: source})
    for other, column in _of(change.dimension):
        went = was["belonging"].get(_key(other, column), ())
        _own(other, column, target).filter(pk__in=went).update(**{column: source})
    before = model.objects.filter(pk=was["merged_into"]).first()
    source.merged_into_id = before.pk if before else None
    source.save(update_fields=["merged_into"])
    model.objects.filter(pk__in=was["former"], merged_into=target.pk).update(merged_into=source)
    return moved


def _pair(dimension: str, name: str, into: str, found: Mapping[str, Named]) -> tuple[Named, Named]:
    if name == into:
        raise DimensionError(f"A {dimension} cannot be merged into itself.")
    target = _present(dimension, into, found)
    source = found.get(name)
    if source is not None and source.merged_into_id == target.pk:
        return source, target
    return _present(dimension, name, found), target


def _present(dimension: str, name: str, found: Mapping[str, Named]) -> Named:
    row = found.get(name)
    if row is None:
        raise DimensionError(f"There is no {dimension} “{name}”.")
    if row.merged_into is not None:
        raise DimensionError(f"“{name}” is another name of “{row.merged_into}” already.")
    return row


def _locked(dimension: str, *names: str) -> dict[str, Named]:
    """The rows of these names, locked in the order of their keys."""
    held = _MODELS[dimension].objects.select_for_update(of=("self",)).filter(name__in=names)
    return {row.name: row for row in held.select_related("merged_into").order_by("pk")}


def _call(row: Named, name: str) -> None:
    row.name = name
    row.save(update_fields=["name"])


def _swap(row: Named, former: Named) -> None:
    own, other = row.name, former.name
    _call(former, uuid.uuid4().hex)  # names are unique at every moment
    _call(row, other)
    _call(former, own)


def _of(dimension: str) -> tuple[tuple[type[models.Model], str], ...]:
    return _BELONGS[dimension]


def _own(model: type[models.Model], column: str, row: Named) -> models.QuerySet[Any]:
    return model._default_manager.filter(**{column: row})


def _key(model: type[models.Model], column: str) -> str:
    return f"{model.__name__.lower()}.{column}"
