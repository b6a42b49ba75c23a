"""What beat and the edges wake. A task calls one service; the database says what there is to do.

Waking any of them too often, twice at once, or after Redis lost everything, is harmless.
"""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from typing import Final

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from surveys.services import (
    delivery_lanes,
    expiry,
    hook_work,
    idempotency,
    openings,
    report_mailbox,
)
from surveys.services.asking import rounds
from surveys.services.outgoing import endpoints, sending
from surveys.services.writing import rounds as writing

logger = logging.getLogger(__name__)

# A long backlog is worked off in slices, so that answers are counted meanwhile. Every slice wakes
# the next one behind whatever else waits; beat's own wake-ups bring in further workers.
SLICE_SECONDS: Final = 2.0
# No new request begins later in a round: a receiver that hangs keeps a process 15 s more at most.
WEBHOOK_SECONDS: Final = 2.0
# A wake-up that nobody took by then is void: beat has sent others.
WAKE_UP_EXPIRES: Final = 5
# After the mail server kept this process waiting, leave it alone for a while, and do other work.
_PAUSE_SECONDS: Final = 20.0
_LONG_WAIT: Final = 5.0
_paused_until = 0.0
_messages_paused_until = 0.0


@shared_task(name="surveys.dispatch_due")
def dispatch_due() -> dict[str, object]:
    """Send what is due, for a moment; returns and logs the counts."""
    global _paused_until  # noqa: PLW0603 -- one pool process has one memory of its mail server
    started = time.monotonic()
    if started < _paused_until:
        return {}
    counts = delivery_lanes.dispatch_backlog(seconds=SLICE_SECONDS)
    took = time.monotonic() - started
    if counts.stopped and took > _LONG_WAIT:
        _paused_until = time.monotonic() + _PAUSE_SECONDS
    elif took >= SLICE_SECONDS and not counts.stopped:
        _wake_another()
    if counts.stopped:
        logger.warning("Dispatch stopped: %s", counts.stopped)
    told = {name: value for name, value in asdict(counts).items() if value}
    if told:
        logger.info("Dispatched in %.1f s: %s", took, told)
    return told


@shared_task(name="surveys.dispatch_messages")
def dispatch_messages() -> dict[str, object]:
    """Send what is due by gateways, for a moment. Apart from the mails: a gateway that hangs keeps
    one process waiting, and none of them."""
    global _messages_paused_until  # noqa: PLW0603 -- as above, of its gateways
    started = time.monotonic()
    if started < _messages_paused_until:
        return {}
    counts = delivery_lanes.dispatch_messages(seconds=SLICE_SECONDS)
    if counts.stopped:
        logger.warning("Dispatch stopped: %s", counts.stopped)
        if time.monotonic() - started > _LONG_WAIT:
            _messages_paused_until = time.monotonic() + _PAUSE_SECONDS
    return {name: value for name, value in asdict(counts).items() if value}


def _wake_another() -> None:
    try:
        dispatch_due.apply_async(expires=WAKE_UP_EXPIRES)
    except OperationalError as error:
        logger.warning("No further dispatch was woken, beat will do it: %s", error)


# Longer than the last requests of a round can take, so it never ends one: only what hangs for good.
@shared_task(name="surveys.send_webhooks", time_limit=110)
def send_webhooks() -> dict[str, int]:
    """Tell endpoints what happened, for a moment."""
    counts = {name: n for name, n in asdict(sending.send_due(WEBHOOK_SECONDS)).items() if n}
    if counts:
        logger.info("Webhooks: %s", counts)
    return counts


def wake_webhooks() -> None:
    """Have them told at once; beat would do it within seconds."""
    send_webhooks.delay_on_commit()  # type: ignore[attr-defined]  # of the Celery app's task class


@shared_task(name="surveys.forget_webhooks")
def forget_webhooks() -> int:
    """Drop events told, or given up, long ago; returns how many."""
    return endpoints.forget_old(timezone.now())


@shared_task(name="surveys.expire_due")
def expire_due() -> int:
    """Close surveys whose time is over."""
    n_closed = expiry.expire_due(timezone.now())
    if n_closed:
        logger.info("Closed %d surveys", n_closed)
    return n_closed


# Ended where a mail server answers one byte at a time: what was not committed is read again.
@shared_task(name="surveys.read_reports", time_limit=150)
def read_reports() -> dict[str, int]:
    """Read what came back, where a mailbox is configured."""
    if not report_mailbox.is_configured():
        return {}
    try:
        done = asdict(report_mailbox.read())
    except report_mailbox.MailboxError as error:
        logger.warning("Reports were not read: %s", error)
        return {}
    if any(done.values()):
        logger.info("Read the mailbox of bounces: %s", done)
    return done


@shared_task(name="surveys.forget_replies")
def forget_replies() -> int:
    """Drop the API's kept answers whose time is over; returns how many."""
    return idempotency.forget_old(timezone.now())


@shared_task(name="surveys.forget_openings")
def forget_openings() -> int:
    """Drop what is known of links opened long ago; returns how many."""
    return openings.forget_old(timezone.now())


@shared_task(name="surveys.take_hook_events")
def take_hook_events() -> dict[str, int]:
    """Take in what webhooks told, for a moment; returns and logs the counts."""
    counts = hook_work.work_off(SLICE_SECONDS)
    told = {name: value for name, value in asdict(counts).items() if value}
    if told:
        logger.info("Took in what webhooks told: %s", told)
    return told


# As for webhooks: only what hangs for good is ended, and asked about again.
@shared_task(name="surveys.ask_helpdesks", time_limit=110)
def ask_helpdesks() -> dict[str, int]:
    """Ask helpdesks for addresses that their webhooks did not tell, for a moment."""
    counts = {name: n for name, n in asdict(rounds.ask_due(WEBHOOK_SECONDS)).items() if n}
    if counts:
        logger.info("Asked helpdesks: %s", counts)
    return counts


@shared_task(name="surveys.write_back", time_limit=110)
def write_back() -> dict[str, int]:
    """Write ratings into helpdesks whose connection was set so, for a moment."""
    counts = {name: n for name, n in asdict(writing.write_due(WEBHOOK_SECONDS)).items() if n}
    if counts:
        logger.info("Notes in helpdesks: %s", counts)
    return counts


@shared_task(name="surveys.tidy_hooks")
def tidy_hooks() -> dict[str, int]:
    """Keep the inspector to its newest lines, and settle what got its address otherwise."""
    hook_work.settle_all_addressed()
    return hook_work.tidy(timezone.now())
