"""The taxonomy of causes changes: one is renamed, or merged into another.

History follows. Resolutions and answers of a merged cause are those of the other from then on, in
every report, through the same queue as a changed answer; whatever still arrives under the old code
does, too. Who changed what stays in `CauseChange`.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from surveys.models import Cause, CauseChange, Resolution, User


class CauseError(ValueError):
    """A change of the taxonomy that makes no sense; the message is a sentence."""


@transaction.atomic
def rename(code: str, name: str, by: User | None = None) -> CauseChange:
    """Call a cause something else; its code, by which it arrives, stays.

    Raises: CauseError.
    """
    cause = _locked(code)[code]
    name = " ".join(name.split())
    if not 1 <= len(name) <= 200:
        raise CauseError("A cause needs a name of 1 to 200 characters.")
    before, cause.name = cause.name, name
    cause.save(update_fields=["name"])
    return CauseChange.objects.create(
        kind=CauseChange.Kind.RENAMED, code=code, before=before, after=name, by=by
    )


@transaction.atomic
def merge(code: str, into: str, now: dt.datetime, by: User | None = None) -> CauseChange:
    """Make one cause, with its history, part of another; an unmapped code is mapped so, too.

    Merging again moves what came in between. The merged cause is no longer offered anywhere; the
    other one takes over its owner where it has none.

    Raises: CauseError.
    """
    if code == into:
        raise CauseError("A cause cannot be merged into itself.")
    found = _locked(code, into)
    source, target = found[code], found[into]
    if target.merged_into_id is not None:
        raise CauseError(f"The cause “{into}” was itself merged into another one.")
    moved = _move(source, target, now)
    Cause.objects.filter(merged_into=source).update(merged_into=target)
    if target.owner_id is None and source.owner_id is not None:
        target.owner_id = source.owner_id
        target.save(update_fields=["owner"])
    source.merged_into, source.mapped_at, source.owner = target, None, None
    source.save(update_fields=["merged_into", "mapped_at", "owner"])
    return CauseChange.objects.create(
        kind=CauseChange.Kind.MERGED,
        code=code,
        before=source.name,
        after=into,
        n_resolutions=moved,
        by=by,
    )


def count(code: str) -> int:
    """How many resolutions a merge would move."""
    return Resolution.objects.filter(cause__code=code).count()


def _move(source: Cause, target: Cause, now: dt.datetime) -> int:
    """Resolutions to the other cause, and a note for the aggregation of each of their answers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_answerchange (response_id, created_at)"
            " SELECT p.id, %s FROM surveys_resolution AS r"
            " JOIN surveys_invitation AS i ON i.resolution_id = r.id"
            " JOIN surveys_response AS p ON p.invitation_id = i.id WHERE r.cause_id = %s",
            [now, source.pk],
        )
    return Resolution.objects.filter(cause=source).update(cause=target)


def _locked(*codes: str) -> dict[str, Cause]:
    """The causes, locked in the order of their ids."""
    rows = Cause.objects.select_for_update(of=("self",)).filter(code__in=codes).order_by("pk")
    found = {cause.code: cause for cause in rows}
    for code in codes:
        if code not in found:
            raise CauseError(f"There is no cause “{code}”.")
    return found
