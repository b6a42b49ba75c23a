"""What every change of the taxonomy is made of: causes held, and resolutions moved between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import connection

from surveys.models import Cause, Resolution


class CauseError(ValueError):
    """A change of the taxonomy that makes no sense; the message is a sentence."""


def locked(*codes: str) -> dict[str, Cause]:
    """The causes, locked in the order of their ids.

    Raises: CauseError.
    """
    rows = Cause.objects.select_for_update(of=("self",)).filter(code__in=codes).order_by("pk")
    found = {cause.code: cause for cause in rows}
    for code in codes:
        if code not in found:
            raise CauseError(f"There is no cause “{code}”.")
    return found


def move(moved: Sequence[int], source: int | None, target: int | None, now: dt.datetime) -> int:
    """These resolutions from one cause, or none, to the other; how many answers went along."""
    Resolution.objects.filter(pk__in=moved, cause=source).update(cause=target)
    return count_again(moved, now)


def count_again(resolutions: Sequence[int], now: dt.datetime) -> int:
    """A note for the aggregation of each answer of these resolutions; how many these are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_answerchange (response_id, created_at)"
            " SELECT p.id, %s FROM surveys_invitation AS i"
            " JOIN surveys_response AS p ON p.invitation_id = i.id"
            " WHERE i.resolution_id = ANY(%s::bigint[])",
            [now, list(resolutions)],
        )
        return int(cursor.rowcount)


def move_all(by_source: Mapping[int | None, Sequence[int]], target: int, now: dt.datetime) -> int:
    """Resolutions of several causes to one; how many answers went along."""
    return sum(move(ids, source, target, now) for source, ids in by_source.items())


def move_back(
    by_source: Mapping[int | None, Sequence[int]], target: int, now: dt.datetime
) -> tuple[int, int]:
    """The same undone, for those that nobody moved on since; how many resolutions and answers."""
    n_resolutions = n_answers = 0
    known = set(
        Cause.objects.filter(pk__in=[pk for pk in by_source if pk]).values_list("pk", flat=True)
    )
    for source, ids in by_source.items():
        if source is not None and source not in known:
            continue  # removed with the sample data
        still = Resolution.objects.filter(pk__in=ids, cause=target)
        own = list(still.values_list("pk", flat=True))
        n_answers += move(own, target, source, now)
        n_resolutions += len(own)
    return n_resolutions, n_answers


def count_answers(resolutions: Sequence[int]) -> int:
    """How many answers there are of these resolutions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM surveys_invitation AS i"
            " JOIN surveys_response AS p ON p.invitation_id = i.id"
            " WHERE i.resolution_id = ANY(%s::bigint[])",
            [list(resolutions)],
        )
        [found] = cursor.fetchone()
    return int(found)
