"""What wakes the counting. What is to be counted stands in the database: a lost or repeated task
loses and doubles nothing."""

from __future__ import annotations

import logging
import uuid

from celery import shared_task

from analytics import aggregates

logger = logging.getLogger(__name__)


@shared_task(name="analytics.aggregate")
def aggregate() -> int:
    """Count what was answered since the last time. Beat wakes it every two seconds; where another
    worker is at it already there is nothing to do here."""
    applied = aggregates.apply_all(wait=False)
    if applied.n:
        logger.info("counted %d changes, version %d", applied.n, applied.version)
    return applied.n


@shared_task(name="analytics.rebuild_range")
def rebuild_range(*, run: str) -> bool:
    """Count one range of days of a rebuild again; which one, the database says."""
    return aggregates.take(uuid.UUID(run))
