"""Works off a backlog in several lanes of one process.

A mail mostly waits: for the mail server's answers and for the database's disk. So a long backlog
is shared by a few threads, each with its own session and its own connection; a short one is not
worth theirs. Where the mail server is quick two of them keep the processors busy, and more would
only stand in each other's way; the others join in where it takes its time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from surveys import channels
from surveys.channels.base import USUAL
from surveys.models import Delivery
from surveys.services.delivery import BATCH, Counts, dispatch_all
from surveys.services.delivery_claims import Scope, count_due

# Times the worker processes, this is how many sessions the mail server sees at most.
LANES: Final = 4
# So many begin at once; a server of which a whole claim takes longer than this gets the others.
FIRST_LANES: Final = 2
PATIENCE: Final = 0.25


def dispatch_messages(
    *,
    ignore_delay: bool = False,
    seconds: float | None = None,
    clock: Callable[[], dt.datetime] = timezone.now,
    after_round: Callable[[Counts], None] | None = None,
) -> Counts:
    """Send what is due by the other channels that send from here, each over a session of its own;
    one whose gateway fails does not hold up the next. ``stopped`` names the first that failed."""
    total = Counts()

    def go_on(counts: Counts) -> bool:
        if after_round is not None:
            after_round(counts)
        return True

    for name in channels.sending_besides_mail():
        if count_due(Scope(clock(), ignore_delay, name), 1):
            total += dispatch_all(
                name,
                ignore_delay=ignore_delay,
                seconds=seconds,
                clock=clock,
                after_round=go_on,
            )
    return total


def dispatch_backlog(
    *,
    ignore_delay: bool = False,
    seconds: float | None = None,
    clock: Callable[[], dt.datetime] = timezone.now,
    after_round: Callable[[Counts], None] | None = None,
) -> Counts:
    """Send what is due, in as many lanes as the backlog is worth.

    ``stopped`` says why the mail server could not be used only where no lane could use it: some
    servers refuse a further session while others go on.
    """
    scope = Scope(clock(), ignore_delay)
    n_lanes = min(LANES, 1 + count_due(scope, LANES * BATCH) // BATCH)
    ended, is_quick = Event(), Event()

    def go_on(counts: Counts) -> bool:
        if counts.moved:
            is_quick.set()  # after PATIENCE nobody waits for it any more
        if after_round is not None:
            after_round(counts)
        return not ended.is_set()

    def lane() -> Counts:
        return dispatch_all(
            ignore_delay=ignore_delay, seconds=seconds, clock=clock, after_round=go_on
        )

    if n_lanes == 1:
        return lane()

    def lane_of_its_own(number: int) -> Counts | None:
        if number >= FIRST_LANES and (is_quick.wait(PATIENCE) or ended.is_set()):
            return None
        try:
            return lane()
        finally:
            connection.close()

    with ThreadPoolExecutor(n_lanes) as pool:
        try:
            lanes = list(pool.map(lane_of_its_own, range(n_lanes)))
            return _together([counts for counts in lanes if counts is not None])
        finally:
            ended.set()  # after Ctrl-C, or an error in one lane: the others finish their round


def _together(lanes: list[Counts]) -> Counts:
    total = Counts()
    for counts in lanes:
        total += counts
    if not all(counts.stopped for counts in lanes):
        total.stopped = ""
    return total


def how_many_wait(now: dt.datetime, *, ignore_delay: bool = False) -> int:
    """How many messages a round of each channel would take up now."""
    names = [USUAL, *channels.sending_besides_mail()]
    return sum(count_due(Scope(now, ignore_delay, name)) for name in names)


def still_queued(now: dt.datetime) -> int:
    """How many messages wait to be sent from here, without the reminders whose day has not
    come."""
    names = [USUAL, *channels.sending_besides_mail()]
    queued = Delivery.objects.filter(status=Delivery.Status.QUEUED, channel__in=names)
    return queued.filter(Q(kind=Delivery.Kind.INVITATION) | Q(due_at__lte=now)).count()
