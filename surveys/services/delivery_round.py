"""The sending of one claim: what takes off together, and what became of each mail.

`in_flight_at` is committed before the server may see the content, and looked at once more then; no
transaction is open while the network is waited for.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import time
import uuid
from dataclasses import asdict, dataclass
from typing import Final

from django.db import DatabaseError, transaction

from surveys.channels.base import (
    Message,
    NotAccepted,
    OutcomeUnknown,
    Refused,
    Session,
    Unreachable,
)
from surveys.mail.message import MessageError
from surveys.models import Delivery, Invitation
from surveys.services import delivery_outcomes as outcomes
from surveys.services.delivery_claims import Due, facts, withdraw, withdrawals_of
from surveys.services.delivery_composing import compose

logger = logging.getLogger(__name__)

# So many mails at most take off together, and none later than this after the last look at whether
# it may: a server that takes its time gets them one by one.
TOGETHER: Final = 32
BATCH: Final = 3 * TOGETHER
SOON: Final = 0.1
# With the 30 s that one mail may take this stays well within a claim's lease.
LONGEST_ROUND: Final = 60.0


@dataclass
class Counts:
    """What a round did. ``skipped``: withdrawn, for the customer must not be written to any more.
    ``put_off``: not at this hour, or not at this pace. ``retried``: queued again after a pause.
    ``stopped``: why the round ended early, if it did."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0
    put_off: int = 0
    retried: int = 0
    released: int = 0
    returned: int = 0
    stopped: str = ""

    def __iadd__(self, other: Counts) -> Counts:
        for name, value in asdict(other).items():
            if isinstance(value, int):
                setattr(self, name, getattr(self, name) + value)
        self.stopped = self.stopped or other.stopped
        return self

    @property
    def moved(self) -> bool:
        """Whether anything got nearer to its end; if not, another round now would not either."""
        ended = self.sent or self.failed or self.unknown or self.skipped
        return bool(ended or self.put_off or self.retried)


@dataclass
class Pace:
    """How many mails take off together; it goes with the session, from round to round."""

    together: int = 1

    def next(self, *, in_time: bool) -> int:
        """Twice as many as before, if those left in time; else half as many."""
        self.together = 2 * self.together if in_time else self.together // 2
        self.together = min(max(self.together, 1), TOGETHER)
        return self.together


@dataclass(frozen=True)
class Ends:
    """When a round began, by the caller's clock and by the machine's, and how long it may send."""

    now: dt.datetime
    started: float
    seconds: float

    @property
    def is_over(self) -> bool:
        return time.monotonic() - self.started > self.seconds

    @property
    def moment(self) -> dt.datetime:
        """The time now on the clock that the caller gave."""
        return self.now + dt.timedelta(seconds=time.monotonic() - self.started)


class Round:
    """The sending of one claim."""

    def __init__(
        self, session: Session, lease: uuid.UUID, counts: Counts, pace: Pace, ends: Ends
    ) -> None:
        self._session = session
        self._lease = lease
        self._counts = counts
        self._pace = pace
        self._ends = ends
        self._accepted: list[outcomes.Accepted] = []
        self._ready: dict[int, Message] = {}  # in flight and not begun
        self._looked_at = -math.inf
        self._breaks = 0  # of the session, since a mail was last accepted

    def run(self, mails: list[Due]) -> None:
        """Send them in turn; what cannot be begun is given back."""
        left = list(reversed(mails))
        words = ""
        try:
            while left and not words:
                if not self._is_ready(left[-1]):
                    together = self._set_pace()
                    if together > 1:
                        self._get_ready(left, together)
                        continue
                due = left.pop()
                words = self._one(due, left[-1] if left else None)
                # At least one is tried, however late: else none ever.
                if self._ends.is_over:
                    break
        finally:
            # However this ends, also by Ctrl-C: what is known is noted, what is left is free.
            self._settle()
            self._give_back(left, words)
        self._counts.stopped = words

    def _is_ready(self, due: Due) -> bool:
        is_fresh = time.monotonic() - self._looked_at <= SOON
        return is_fresh and due.delivery_id in self._ready

    def _set_pace(self) -> int:
        if self._looked_at == -math.inf:
            return self._pace.together  # nothing has left yet in this round
        in_time = not self._ready and time.monotonic() - self._looked_at < SOON / 2
        self._ready = {}
        return self._pace.next(in_time=in_time)

    def _get_ready(self, left: list[Due], together: int) -> None:
        """Put the next mails in flight, and take out of those left what may not leave after all."""
        mails: list[Due] = []
        for due in reversed(left[-together:]):
            mail = self._composed(due)
            if mail is None:
                left.remove(due)
                continue
            self._ready[due.delivery_id] = mail
            mails.append(due)
        taken = self._put_in_flight(mails) if mails else set()
        for due in mails:
            if due.delivery_id not in taken:
                left.remove(due)
                del self._ready[due.delivery_id]
                self._stand_down(due)

    def _one(self, due: Due, following: Due | None) -> str:
        """Send one mail; words where it would be no use to go on."""
        ready = self._ready.pop(due.delivery_id, None)
        mail = ready or self._composed(due)
        if mail is None:
            return ""
        try:
            if ready is None:
                # By itself: what the server refuses before the mail was never in flight.
                self._session.offer(mail)
                if not self._put_in_flight([due]):
                    self._session.withdraw()
                    self._stand_down(due)
                    return ""
                self._session.hand_over(mail)
            else:
                self._session.deliver(mail, self._ready_one(following))
        except NotAccepted as error:
            return self._not_sent(due, error)
        self._accepted.append(outcomes.Accepted(due, self._moment()))
        self._breaks = 0
        return ""

    def _ready_one(self, due: Due | None) -> Message | None:
        return self._ready.get(due.delivery_id) if due is not None else None

    def _composed(self, due: Due) -> Message | None:
        """The mail, or None where it cannot be built: then this one has failed, and only this."""
        try:
            return compose(due, self._moment())
        except MessageError as error:
            self._fail(due, f"The mail cannot be built: {error}")
        except DatabaseError:
            raise
        except Exception as error:
            # A mistake of ours, or data nobody thought of: shown and logged, but it must not
            # hold up everyone behind it.
            logger.exception("Delivery %s cannot be built", due.delivery_id)
            self._fail(due, f"The mail cannot be built: {type(error).__name__}: {error}")
        return None

    def _not_sent(self, due: Due, error: NotAccepted) -> str:
        """Note what became of a mail that was not accepted; words where to go on is no use."""
        if isinstance(error, Unreachable):
            self._give_back([due], str(error))
            return str(error)
        if isinstance(error, Refused):
            self._refused(due, error)
            # A refused sender is our own mistake, and every other mail would share its fate.
            if error.is_about_us:
                return str(error)
            if not error.ends_session:
                return ""
        elif isinstance(error, OutcomeUnknown):
            self._unknown(due, error)
        else:
            self._retry(due, str(error))
        # One mail may break a session. If it hangs, or breaks again at once, it is the server.
        self._breaks += 1
        hangs = isinstance(error.__cause__, TimeoutError)
        return str(error) if hangs or self._breaks > 1 else ""

    def _unknown(self, due: Due, error: OutcomeUnknown) -> None:
        self._settle()
        outcomes.mark_unknown(self._lease, due, f"{error}; it may have arrived", self._moment())
        self._counts.unknown += 1
        logger.warning("Delivery %s is unknown: %s", due.delivery_id, error)

    def _put_in_flight(self, mails: list[Due]) -> set[int]:
        accepted, self._accepted = self._accepted, []
        marked, taken = outcomes.put_in_flight(self._lease, mails, self._moment(), accepted)
        self._looked_at = time.monotonic()
        self._count_sent(accepted, marked)
        return taken

    def _settle(self) -> None:
        """Mark the mails accepted."""
        accepted, self._accepted = self._accepted, []
        self._count_sent(accepted, outcomes.mark_sent(self._lease, accepted))

    def _count_sent(self, accepted: list[outcomes.Accepted], marked: set[int]) -> None:
        for one in accepted:
            if one.mail.delivery_id in marked:
                self._counts.sent += 1
                continue
            self._counts.unknown += 1
            logger.warning("Delivery %s was accepted after its lease ended", one.mail.delivery_id)

    def _refused(self, due: Due, error: Refused) -> None:
        if error.permanent:
            self._fail(due, str(error), outcomes.why_suppressed(error))
        else:
            self._retry(due, str(error))

    def _fail(self, due: Due, words: str, suppress_as: str = "") -> None:
        self._settle()
        outcomes.fail(self._lease, due, words, suppress_as=suppress_as)
        self._counts.failed += 1

    def _retry(self, due: Due, words: str) -> None:
        self._settle()
        if outcomes.retry_later(self._lease, due, words, self._moment()):
            self._counts.retried += 1
        else:
            self._counts.failed += 1

    def _stand_down(self, due: Due) -> None:
        """A mail that may not leave after all: say why, if it is still ours to say."""
        with transaction.atomic():
            if locked(due.delivery_id, lease=self._lease) is None:
                return
            withdrawals = withdrawals_of(facts([due.delivery_id]), self._moment())
            withdraw(withdrawals)
        if withdrawals:
            self._counts.skipped += 1
        else:
            self._give_back([due], "")

    def _give_back(self, mails: list[Due], words: str) -> None:
        outcomes.release(self._lease, mails, words)
        self._counts.released += len(mails)

    def _moment(self) -> dt.datetime:
        return self._ends.moment


def locked(delivery_id: int, **conditions: object) -> Delivery | None:
    """The delivery under lock, its invitation locked before it as everyone does."""
    mails = Delivery.objects.filter(pk=delivery_id, **conditions)
    invitations = Invitation.objects.filter(deliveries__in=mails)
    invitation = invitations.select_for_update(of=("self",)).first()
    delivery = mails.select_for_update().first()
    if delivery is not None and invitation is not None:
        delivery.invitation = invitation
    return delivery
