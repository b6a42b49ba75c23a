"""What wakes the counting. What is to be counted stands in the database: a lost or repeated task
loses and doubles nothing."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from dataclasses import asdict
from typing import Final

from celery import shared_task
from django.utils import timezone

from analytics import aggregates
from analytics.reports import windows
from analytics.reports.cached import version_now
from analytics.sharing.digests import sending
from analytics.signals import raise_signals as raise_all

logger = logging.getLogger(__name__)
#: Seconds that others get the processor for after each part of a round, so that it is not one long
#: burst for the answers that come meanwhile.
REST: Final = 0.02
#: Of the time, for the standard windows that nobody watches.
SHARE: Final = 0.02


@shared_task(name="analytics.aggregate")
def aggregate() -> int:
    """Count what was answered since the last time, and work out the standard windows anew. Beat
    wakes it every two seconds; where another worker is at it already there is nothing to do."""
    before = version_now()
    applied = aggregates.apply_all(wait=False)
    if applied.n:
        logger.info("counted %d changes, version %d", applied.n, applied.version)
        time.sleep(REST)
    if aggregates.pack_days(wait=False):
        time.sleep(REST)
    today = timezone.now().astimezone(dt.UTC).date()
    windows.keep(today, before, rest=REST, share=SHARE)
    return applied.n


@shared_task(name="analytics.rebuild_range")
def rebuild_range(*, run: str) -> bool:
    """Count one range of days of a rebuild again; which one, the database says."""
    return aggregates.take(uuid.UUID(run))


@shared_task(name="analytics.send_digests")
def send_digests() -> dict[str, object]:
    """Send the digests that are due, for a moment; beat wakes it every minute."""
    counts = sending.send_due(seconds=sending.SLICE_SECONDS)
    if counts.stopped:
        logger.warning("Digests stopped: %s", counts.stopped)
    told = {name: value for name, value in asdict(counts).items() if value}
    if told:
        logger.info("Digests: %s", told)
    return told


@shared_task(name="analytics.raise_signals")
def raise_signals() -> dict[str, int]:
    """Record and tell the alarms of weeks that are over; beat wakes it every quarter of an hour, so
    that late answers raise and withdraw as well."""
    counts = {name: n for name, n in asdict(raise_all(timezone.now())).items() if n}
    if counts:
        logger.info("Signals: %s", counts)
    return counts
