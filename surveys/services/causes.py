"""The taxonomy of causes changes: one is renamed, merged into another, or mapped as its own.

History follows. Resolutions and answers of a merged cause are those of the other from then on, in
every report, through the same queue as a changed answer; whatever still arrives under the old code
does, too. Who changed what stays in `CauseChange`, with what is needed to undo it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction

from surveys.models import Cause, CauseChange, Resolution, Team, User
from surveys.services import cause_history, cause_rule_list, cause_tree
from surveys.services.authors import Author, signed
from surveys.services.cause_moves import CauseError, locked, move

__all__ = ["CauseError", "Preview", "count", "keep", "merge", "preview", "rename", "undo"]

Kind = CauseChange.Kind


@dataclass(frozen=True)
class Preview:
    """What a merge would move. `n_cases` counts resolutions, as the reports do."""

    source: Cause
    target: Cause
    n_cases: int
    n_answers: int
    aliases: tuple[str, ...]
    takes_owner: bool


@transaction.atomic
def rename(code: str, name: str, by: Author = None) -> CauseChange:
    """Call a cause something else; its code, by which it arrives, stays.

    Raises: CauseError.
    """
    cause = locked(code)[code]
    name = " ".join(name.split())
    if not 1 <= len(name) <= 200 or "\x00" in name:
        raise CauseError("A cause needs a name of 1 to 200 characters.")
    if name == cause.name:
        raise CauseError(f"The cause “{code}” is called “{name}” already.")
    before, cause.name = cause.name, name
    cause.save(update_fields=["name"])
    return CauseChange.objects.create(
        kind=Kind.RENAMED, code=code, before=before, after=name, **signed(by)
    )


@transaction.atomic
def keep(code: str, now: dt.datetime, by: Author = None) -> CauseChange:
    """Take a code that waits unmapped for a cause of its own.

    Raises: CauseError.
    """
    cause = locked(code)[code]
    if cause.merged_into_id is not None:
        raise CauseError(f"The cause “{code}” was merged into another one; undo that first.")
    if cause.mapped_at is not None:
        raise CauseError(f"The cause “{code}” is mapped already.")
    cause.mapped_at = now
    cause.save(update_fields=["mapped_at"])
    return CauseChange.objects.create(
        kind=Kind.MAPPED, code=code, before="", after=cause.name, **signed(by)
    )


def preview(code: str, into: str) -> Preview:
    """What `merge` would move now.

    Raises: CauseError, as `merge` does.
    """
    found = {cause.code: cause for cause in Cause.objects.filter(code__in=(code, into))}
    source, target = _pair(code, into, found)
    return Preview(
        source,
        target,
        count(code),
        _count_answers(source),
        tuple(source.merged.order_by("code").values_list("code", flat=True)),
        not target.owned_by and bool(source.owned_by),
    )


@transaction.atomic
def merge(code: str, into: str, now: dt.datetime, by: Author = None) -> CauseChange:
    """Make one cause, with its history, part of another; an unmapped code is mapped so, too.

    Merging again moves what came in between. The merged cause is no longer offered anywhere; the
    other one takes over its owner where it has none.

    Raises: CauseError.
    """
    found = locked(*{code, into})
    source, target = _pair(code, into, found)
    was = {
        "mapped_at": source.mapped_at.isoformat() if source.mapped_at else None,
        "merged_into": source.merged_into_id,
        "owner": source.owner_id,
        "parent": source.parent_id,
        "owner_team": source.owner_team_id,
        "gave_owner": not target.owned_by and bool(source.owned_by),
        "aliases": list(source.merged.values_list("pk", flat=True)),
    }
    moved = list(Resolution.objects.filter(cause=source).values_list("pk", flat=True))
    n_answers = move(moved, source.pk, target.pk, now)
    source.merged.update(merged_into=target)
    if was["gave_owner"]:
        target.owner_id, target.owner_team_id = source.owner_id, source.owner_team_id
        target.save(update_fields=["owner", "owner_team"])
    source.merged_into, source.mapped_at, source.parent = target, None, None
    source.owner = source.owner_team = None
    source.save(update_fields=["merged_into", "mapped_at", "owner", "owner_team", "parent"])
    return CauseChange.objects.create(
        kind=Kind.MERGED,
        code=code,
        before=source.name,
        after=into,
        n_resolutions=len(moved),
        n_answers=n_answers,
        moved=moved,
        was=was,
        **signed(by),
    )


@transaction.atomic
def undo(change_id: int, now: dt.datetime, by: Author = None) -> CauseChange:
    """Take a change back, with the history it moved. What came in since under the code of a merged
    cause stays where it is: nothing tells it from the other's own.

    Raises: CauseChange.DoesNotExist; CauseError where something later stands in the way.
    """
    change = CauseChange.objects.select_for_update(of=("self",)).get(pk=change_id)
    if change.kind == Kind.UNDONE or CauseChange.objects.filter(undoes=change).exists():
        raise CauseError("That was undone already.")
    n_resolutions = n_answers = 0
    if change.kind == Kind.RENAMED:
        _undo_name(change)
    elif change.kind == Kind.MAPPED:
        _undo_mapping(change)
    elif change.kind == Kind.RULED:
        cause_rule_list.undo_rule(change, now)
    elif change.kind == Kind.ORDERED:
        cause_rule_list.undo_order(change)
    elif change.kind == Kind.PLACED:
        cause_tree.undo_place(change)
    elif change.kind == Kind.WORDED:
        cause_tree.undo_words(change)
    elif change.kind in (Kind.APPLIED, Kind.SPLIT):
        n_resolutions, n_answers = cause_history.undo_moved(change, now)
    else:
        n_resolutions, n_answers = _undo_merge(change, now)
    return CauseChange.objects.create(
        kind=Kind.UNDONE,
        code=change.code,
        before=change.after,
        after=change.before or change.code,
        n_resolutions=n_resolutions,
        n_answers=n_answers,
        undoes=change,
        **signed(by),
    )


def count(code: str) -> int:
    """How many resolutions a merge would move."""
    return Resolution.objects.filter(cause__code=code).count()


def _pair(code: str, into: str, found: dict[str, Cause]) -> tuple[Cause, Cause]:
    if code == into:
        raise CauseError("A cause cannot be merged into itself.")
    for one in (code, into):
        if one not in found:
            raise CauseError(f"There is no cause “{one}”.")
    if found[into].merged_into_id is not None:
        raise CauseError(f"The cause “{into}” was itself merged into another one.")
    became = found[code].merged_into_id
    if became not in (None, found[into].pk):
        raise CauseError(f"The cause “{code}” is part of another one; merge that, or undo it.")
    if found[code].children.exists():
        raise CauseError(f"Other causes are part of “{code}”; move them in the tree first.")
    return found[code], found[into]


def _undo_name(change: CauseChange) -> None:
    cause = locked(change.code)[change.code]
    if cause.name != change.after:
        raise CauseError(f"“{change.code}” was renamed again since; undo that first.")
    cause.name = change.before
    cause.save(update_fields=["name"])


def _undo_mapping(change: CauseChange) -> None:
    cause = locked(change.code)[change.code]
    if cause.merged_into_id is not None or cause.mapped_at is None:
        raise CauseError(f"“{change.code}” was merged since; undo that first.")
    cause.mapped_at = None
    cause.save(update_fields=["mapped_at"])


def _undo_merge(change: CauseChange, now: dt.datetime) -> tuple[int, int]:
    found = locked(change.code, change.after)
    source, target = found[change.code], found[change.after]
    if target.merged_into_id is not None:
        raise CauseError(f"“{change.after}” was merged on since; undo that first.")
    later = CauseChange.objects.filter(kind=Kind.MERGED, code=change.code, pk__gt=change.pk)
    if source.merged_into_id != target.pk or later.filter(undone_by=None).exists():
        raise CauseError(f"“{change.code}” was merged again since; undo that first.")
    if not change.was:
        raise CauseError("What that merge moved was not written down; it cannot be undone.")
    was = change.was
    still = Resolution.objects.filter(pk__in=change.moved, cause=target)
    moved = list(still.values_list("pk", flat=True))
    n_answers = move(moved, target.pk, source.pk, now)
    source.merged_into_id = was["merged_into"]
    source.mapped_at = dt.datetime.fromisoformat(was["mapped_at"]) if was["mapped_at"] else None
    source.owner = User.objects.filter(pk=was["owner"]).first()
    team = Team.objects.filter(pk=was.get("owner_team")).select_related("merged_into").first()
    source.owner_team = team.merged_into or team if team and not source.owner else None
    # Where it stood, unless that went elsewhere or became a part of others itself since.
    above = Cause.objects.filter(pk=was.get("parent"), merged_into=None, parent=None).first()
    source.parent = above
    source.save(update_fields=["merged_into", "mapped_at", "owner", "owner_team", "parent"])
    Cause.objects.filter(pk__in=was["aliases"], merged_into=target).update(merged_into=source)
    given = (source.owner_id, source.owner_team_id)
    if was["gave_owner"] and (target.owner_id, target.owner_team_id) == given:
        target.owner = target.owner_team = None
        target.save(update_fields=["owner", "owner_team"])
    return len(moved), n_answers


def _count_answers(cause: Cause) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM surveys_resolution AS r"
            " JOIN surveys_invitation AS i ON i.resolution_id = r.id"
            " JOIN surveys_response AS p ON p.invitation_id = i.id WHERE r.cause_id = %s",
            [cause.pk],
        )
        [found] = cursor.fetchone()
    return int(found)
