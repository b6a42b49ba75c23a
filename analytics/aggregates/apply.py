"""Counting what was answered, changed or erased since the last time.

Everything happens in the transaction that consumes the changes: after a crash at any point either
all of it is there or none, and the next run does the same work again.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from analytics.aggregates import blocks, resolutions, write
from analytics.aggregates.cells import difference
from analytics.frames import answers

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Applied:
    """`n` changes were consumed; the aggregates are now at `version` (0 where nothing was done)."""

    n: int
    version: int


def apply_changes(limit: int = BATCH, *, wait: bool = True) -> Applied:
    """Count the oldest `limit` changes in one transaction; only one applier works at a time.

    The delta is the responses as they are now minus as they were counted, so a change consumed
    twice, late or out of order adds nothing. A response that is gone is subtracted.
    """
    with transaction.atomic():
        if not write.lock(wait=wait):
            return Applied(0, 0)
        changes, ids = _consume(limit)
        if not changes:
            return Applied(0, 0)
        recount(ids)
        return Applied(changes, write.bump())


def recount(ids: list[int]) -> None:
    """Bring facts and rollups of these responses to what they are now."""
    now, before = answers.current(ids), answers.counted(ids)
    # By day of resolution: an answer may have become complete without another rating.
    resolutions.note([row[2] for row in (*now.values(), *before.values())])
    changed = [row for key, row in now.items() if before.get(key) != row]
    superseded = [row for key, row in before.items() if now.get(key) != row]
    if not changed and not superseded:
        return
    write.add(difference(answers.as_frame(changed), answers.as_frame(superseded)))
    blocks.add(changed, superseded)
    answers.replace_counted([key for key in before if key not in now], changed)


def apply_all(most: int = 100, limit: int = BATCH, *, wait: bool = True) -> Applied:
    """Apply batch after batch until nothing waits, at most `most` batches."""
    total, version = 0, 0
    for _ in range(most):
        applied = apply_changes(limit, wait=wait)
        if not applied.n:
            break
        total, version = total + applied.n, applied.version
        if applied.n < limit:
            break
    return Applied(total, version)


def _consume(limit: int) -> tuple[int, list[int]]:
    """Delete the oldest changes; how many they were, and of which responses."""
    with connection.cursor() as cursor:
        cursor.execute(
            # A range of ids, which a long backlog makes no slower to find.
            "DELETE FROM surveys_answerchange WHERE id <= (SELECT max(id) FROM"
            " (SELECT id FROM surveys_answerchange ORDER BY id LIMIT %s) AS oldest)"
            " RETURNING response_id",
            [limit],
        )
        found = [row[0] for row in cursor.fetchall()]
    return len(found), sorted(set(found))
