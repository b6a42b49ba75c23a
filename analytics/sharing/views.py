"""Saved views: a report and its filters under a name, one's own or shared with colleagues."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from analytics.kept import SavedView
from analytics.sharing.log import Actor, note
from surveys.models import User

MOST: Final = 100
#: How long a deleted view can be had back.
UNDO: Final = dt.timedelta(days=1)
_ENOUGH: Final = "There are {} views already; delete one first."


class ViewError(ValueError):
    """What is wrong with a name, in words."""


def named(name: str) -> str:
    """A name as it is kept.

    Raises: ViewError.
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not plain:
        raise ViewError("Give the view a name.")
    if len(plain) > 80:
        raise ViewError("A name may have at most 80 characters.")
    return plain


def save(
    owner: User, name: str, path: str, query: str, *, is_shared: bool, by: Actor | None = None
) -> SavedView:
    """Keep a report under a name that the owner has not used yet; `by` is who does it for them.

    `path` and `query` must be those of a report that the owner can open.
    Raises: ViewError.
    """
    plain = named(name)
    if SavedView.objects.filter(owner=owner, deleted_at__isnull=True).count() >= MOST:
        raise ViewError(_ENOUGH.format(MOST))
    try:
        with transaction.atomic():
            view = SavedView.objects.create(
                owner=owner, name=plain, path=path, query=query, is_shared=is_shared
            )
            note(
                by or owner,
                "shared a view" if is_shared else "saved a view",
                f"{plain}: {path}?{query}",
            )
    except IntegrityError as error:
        raise ViewError(f"You have a view “{plain}” already; choose another name.") from error
    return view


def change(view: SavedView, *, name: str, is_shared: bool, by: Actor | None = None) -> None:
    """Rename a view, share it or keep it to oneself.

    Raises: ViewError.
    """
    before, was_shared = view.name, view.is_shared
    view.name, view.is_shared = named(name), is_shared
    if (before, was_shared) == (view.name, is_shared):
        return
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "is_shared"])
            if before != view.name:
                note(by or view.owner, "renamed a view", f"{before} → {view.name}")
            if was_shared != is_shared:
                done = "shared a view" if is_shared else "stopped sharing a view"
                note(by or view.owner, done, f"{view.name}: {view.path}?{view.query}")
    except IntegrityError as error:
        raise ViewError(f"You have a view “{view.name}” already; choose another name.") from error


def delete(view: SavedView, now: dt.datetime | None = None, by: Actor | None = None) -> None:
    """Take a view away; for a day it can be had back."""
    with transaction.atomic():
        moment = now or timezone.now()
        if SavedView.objects.filter(pk=view.pk, deleted_at=None).update(deleted_at=moment):
            note(by or view.owner, "deleted a view", view.name)


def restore(view: SavedView, by: Actor | None = None) -> None:
    """Undo a deletion; under a new name where the old one was given again meanwhile.

    Raises: ViewError.
    """
    if view.deleted_at is None:
        return
    taken = {name.casefold() for name in _of(view.owner).values_list("name", flat=True)}
    if len(taken) >= MOST:
        raise ViewError(_ENOUGH.format(MOST))
    view.name = next(
        name
        for name in (view.name, *(f"{view.name[:74]} ({k})" for k in range(2, MOST + 3)))
        if name.casefold() not in taken
    )
    view.deleted_at = None
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "deleted_at"])
            note(by or view.owner, "brought a view back", view.name)
    except IntegrityError as error:
        raise ViewError(f"“{view.name}” was given to another view just now; try again.") from error


def own(user: User, pk: int, *, deleted: bool = False) -> SavedView | None:
    """One of the reader's own views; `deleted`: one that was deleted and can be had back."""
    return restorable().filter(pk=pk, owner=user, deleted_at__isnull=not deleted).first()


def restorable() -> QuerySet[SavedView]:
    """All views that are there or can be had back."""
    deleted = Q(deleted_at__gt=timezone.now() - UNDO)
    return SavedView.objects.select_related("owner").filter(Q(deleted_at=None) | deleted)


def candidates(user: User) -> list[SavedView]:
    """The reader's own views and all shared ones, by name; who may open them is the caller's to
    say, for the roles of a report are known to its page."""
    seen = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True, owner__is_active=True))
    return list(seen.filter(deleted_at__isnull=True).select_related("owner").order_by("name", "id"))


def _of(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(owner=user, deleted_at__isnull=True)
