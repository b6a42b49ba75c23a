"""Which mails are due, and who of them may still be written to.

Workers claim due rows of the outbox under a lease. In the claim's transaction the delivery, its
invitation, the resolution and the customer are locked, then everything that could have changed
since scheduling is read anew: so no mail is claimed after a suppression, a reopening, an erasure
or an expiry has committed, none within a cool-down, and none asks about a cause again too soon. A
claim never waits for a lock (``SKIP LOCKED``), so it cannot deadlock; what is locked by someone
else stays queued for the next round.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from surveys.channels.base import BY_NUMBER, USUAL
from surveys.models import Delivery, Invitation
from surveys.questionnaire.asking import Asks
from surveys.services.allowed_hours import ALWAYS, Hours, read_hours
from surveys.services.delivery_cadence import without_causes_asked_lately
from surveys.services.delivery_postponing import at_night, at_our_pace, put_off
from surveys.services.outgoing import noting
from surveys.services.scheduling import (
    ERASED,
    NO_ADDRESS,
    NO_NUMBER,
    REOPENED,
    Held,
    Reason,
    too_soon,
)
from surveys.services.suppressions import suppressed_among

MAX_ATTEMPTS: Final = 8
# Longer than a round may send (`delivery.LONGEST_ROUND`) and one mail may take, together.
LEASE: Final = dt.timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Due:
    """A mail of the outbox with all that decides whether and how it is sent."""

    delivery_id: int
    kind: str
    n_attempts: int
    invitation_id: int
    invitation_status: str
    version_id: int | None
    language: str
    arm: str
    nonce: uuid.UUID
    token_hash: bytes
    expires_at: dt.datetime | None
    customer_id: int | None
    address: str
    name: str
    erased: bool
    subject: str
    reopened: bool
    answered: bool
    cooldown_days: int
    reminder_days: int | None
    close_days: int
    product: str
    brand_id: int | None
    brand_changed_at: dt.datetime | None
    quiet_hours: str | None = None
    weekdays: str | None = None
    timezone: str = ""
    asks: Asks = "both"
    cause_id: int | None = None
    cause_days: int | None = None
    is_paced: bool = False
    channel: str = USUAL
    # The e-mail address of whom is written to elsewhere: what they wished there holds here.
    email_too: str = ""

    @property
    def hours(self) -> Hours:
        """When mail may go out, by the policy as it is now."""
        if self.quiet_hours is None and self.weekdays is None:
            return ALWAYS
        return read_hours(
            msgspec.json.decode(self.quiet_hours or "null"),
            msgspec.json.decode(self.weekdays or "null"),
        )

    @property
    def is_reminder(self) -> bool:
        return self.kind == Delivery.Kind.REMINDER


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why a queued mail is not sent, and what that makes of an unsent invitation."""

    reason: Reason
    invitation_status: str = Invitation.Status.CANCELLED


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker may send now under ``lease``, and how many it withdrew or put off on the
    way."""

    lease: uuid.UUID
    mails: list[Due]
    n_withdrawn: int
    n_put_off: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """Which queued mails of a channel count as due. ``ignore_delay`` also takes invitations ahead
    of their time; a reminder keeps its days, a retry the pause after the mail server's refusal, and
    a mail in the queue of a limit its place."""

    now: dt.datetime
    ignore_delay: bool = False
    channel: str = USUAL

    def condition(self) -> str:
        own = "d.channel = %(channel)s::text AND "
        if self.ignore_delay:
            return (
                own + "(d.due_at <= %(now)s::timestamptz OR"
                " (d.n_attempts = 0 AND d.kind = 'invitation' AND NOT d.is_paced))"
            )
        return own + "d.due_at <= %(now)s::timestamptz"

    def values(self, **more: Any) -> dict[str, Any]:
        """The parameters of the condition, and others."""
        return {"now": self.now, "channel": self.channel, **more}


_ANY: Final = "SELECT 1 FROM surveys_delivery d WHERE d.status = 'queued' AND {due} LIMIT 1"
_COUNT: Final = """
SELECT count(*) FROM (
  SELECT 1 FROM surveys_delivery d WHERE d.status = 'queued' AND {due} LIMIT %(limit)s
) AS due
"""
_CANDIDATES: Final = """
SELECT d.id
  FROM surveys_delivery d JOIN surveys_invitation i ON i.id = d.invitation_id
 WHERE d.status = 'queued' AND {due}
 ORDER BY d.due_at, d.id
 LIMIT %(batch)s
   FOR UPDATE OF d, i SKIP LOCKED
"""
# NO KEY UPDATE of the customer: two workers must not both find that nobody wrote lately.
_SURROUNDINGS: Final = """
SELECT d.id
  FROM surveys_delivery d
  JOIN surveys_invitation i ON i.id = d.invitation_id
  JOIN surveys_resolution r ON r.id = i.resolution_id
  JOIN surveys_customer c ON c.id = i.customer_id
 WHERE d.id = ANY(%(ids)s::bigint[])
   FOR SHARE OF r SKIP LOCKED
   FOR NO KEY UPDATE OF c SKIP LOCKED
"""
_FACTS: Final = """
SELECT d.id, d.kind, d.n_attempts, i.id, i.status, i.version_id, i.language,
       CASE i.asks WHEN 'fix' THEN 'fix_first' WHEN 'cause' THEN 'cause_first' ELSE i.arm END,
       i.nonce, i.token_hash, i.expires_at, c.id,
       coalesce(CASE WHEN d.channel IN ('sms', 'whatsapp') THEN c.phone ELSE c.email END, ''),
       coalesce(c.name, ''),
       coalesce(c.erased_at IS NOT NULL, false), s.subject, r.reopened_at IS NOT NULL,
       EXISTS (SELECT 1 FROM surveys_response a WHERE a.invitation_id = i.id),
       coalesce(p.cooldown_days, 0), p.reminder_days, coalesce(p.close_days, 14),
       coalesce(o.name, ''), b.id, b.changed_at,
       p.quiet_hours::text, p.weekdays::text, coalesce(c.timezone, ''), i.asks,
       r.cause_id, p.cause_days, d.is_paced, d.channel,
       CASE WHEN d.channel IN ('sms', 'whatsapp') THEN coalesce(c.email, '') ELSE '' END
  FROM surveys_delivery d
  JOIN surveys_invitation i ON i.id = d.invitation_id
  JOIN surveys_resolution r ON r.id = i.resolution_id
  JOIN surveys_case s ON s.id = r.case_id
  LEFT JOIN surveys_customer c ON c.id = i.customer_id
  LEFT JOIN surveys_policy p ON p.id = i.policy_id
  LEFT JOIN surveys_brand b ON b.id = p.brand_id
  LEFT JOIN surveys_product o ON o.id = r.product_id
 WHERE d.id = ANY(%(ids)s::bigint[])
 ORDER BY d.due_at, d.id
"""
# One perhaps sent counts as sent: the customer may have it.
_LAST_WRITTEN: Final = """
SELECT i.customer_id, max(coalesce(i.sent_at, i.due_at)), bool_or(i.status = 'sending')
  FROM surveys_invitation i
 WHERE i.customer_id = ANY(%(customers)s::bigint[]) AND i.id <> ALL(%(own)s::bigint[])
   AND (i.sent_at IS NOT NULL OR i.status IN ('sending', 'unknown'))
 GROUP BY i.customer_id
"""
_TAKE: Final = """
WITH taken AS (
  UPDATE surveys_delivery
     SET status = 'sending', lease = %(lease)s::uuid, lease_until = %(until)s::timestamptz,
         in_flight_at = NULL, n_attempts = n_attempts + 1, is_paced = false
   WHERE id = ANY(%(ids)s::bigint[])
  RETURNING invitation_id, kind
)
UPDATE surveys_invitation i
   SET status = 'sending',
       asks = CASE WHEN i.id = ANY(%(fix_alone)s::bigint[]) THEN 'fix' ELSE i.asks END
  FROM taken WHERE i.id = taken.invitation_id AND taken.kind = 'invitation'
"""
_WITHDRAW: Final = """
WITH given AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(words)s::text[], %(codes)s::text[],
                       %(statuses)s::text[]) AS g (id, words, code, status)
), withdrawn AS (
  UPDATE surveys_delivery d
     SET status = CASE WHEN given.status = 'failed' THEN 'failed' ELSE 'cancelled' END,
         last_error = given.words, lease = NULL, lease_until = NULL,
         n_attempts = CASE WHEN given.status = 'failed' THEN d.n_attempts ELSE 0 END
    FROM given WHERE d.id = given.id
  RETURNING d.invitation_id, d.kind, given.words, given.code, given.status
), shown AS (
UPDATE surveys_invitation i SET status = w.status, reason = left(w.words, 300), reason_code = w.code
  FROM withdrawn w
 WHERE i.id = w.invitation_id AND w.kind = 'invitation' AND i.status IN ('scheduled', 'sending')
RETURNING i.id, i.is_sample, i.status
) {told}""".replace("{told}", noting.GIVEN_UP)


def anything_due(scope: Scope) -> bool:
    """Whether a claim could find something; no locks, one index probe."""
    return bool(_column(_ANY.format(due=scope.condition()), scope.values()))


def count_due(scope: Scope, limit: int | None = None) -> int:
    """How many queued mails are due; counting stops at ``limit``."""
    return _column(_COUNT.format(due=scope.condition()), scope.values(limit=limit))[0]


def claim(scope: Scope, batch: int) -> Claim:
    """Take up to ``batch`` due mails under a new lease; withdraw those not to be sent any more."""
    lease = uuid.uuid4()
    with transaction.atomic():
        ids = _column(_CANDIDATES.format(due=scope.condition()), scope.values(batch=batch))
        if not ids:
            return Claim(lease, [], 0)
        free = set(_column(_SURROUNDINGS, {"ids": ids}))
        # Read only now: what was committed before the locks were taken is seen.
        mails = [m for m in facts(ids) if m.delivery_id in free or m.customer_id is None]
        withdrawals = withdrawals_of(mails, scope.now)
        good = [m for m in mails if m.delivery_id not in withdrawals]
        later = {} if scope.ignore_delay else at_night(good, scope.now)
        good = [m for m in good if m.delivery_id not in later]
        good, cooling = _after_cooldown(good, scope.now)
        withdrawals |= cooling
        withdraw(withdrawals)
        good, fix_alone = without_causes_asked_lately(good, scope.now)
        good, paced = at_our_pace(good, scope.now)
        put_off(later, paced)
        if good:
            with connection.cursor() as cursor:
                cursor.execute(
                    _TAKE,
                    {
                        "lease": lease,
                        "until": scope.now + LEASE,
                        "ids": [mail.delivery_id for mail in good],
                        "fix_alone": fix_alone,
                    },
                )
    return Claim(lease, good, len(withdrawals), len(later) + len(paced))


def facts(ids: Collection[int]) -> list[Due]:
    """Everything about these mails as committed now, in the order due."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"ids": list(ids)})
        return [Due(*row) for row in cursor.fetchall()]


def withdrawals_of(mails: Sequence[Due], now: dt.datetime) -> dict[int, Withdrawal]:
    """Which of these mails must not be sent any more, by delivery."""
    suppressed = suppressed_among({mail.address for mail in mails if mail.address})
    wished = suppressed_among({m.email_too for m in mails if m.email_too}, wishes_alone=True)
    found: dict[int, Withdrawal] = {}
    for mail in mails:
        withdrawal = _withdrawal(
            mail, suppressed.get(mail.address) or wished.get(mail.email_too), now
        )
        if withdrawal is not None:
            found[mail.delivery_id] = withdrawal
    return found


def _withdrawal(mail: Due, suppressed: Reason | None, now: dt.datetime) -> Withdrawal | None:
    reason = (
        (ERASED if mail.erased else None)
        or suppressed
        or (_no_address(mail) if not mail.address else None)
        or (REOPENED if mail.reopened else None)
        or (_reminder_reason(mail, now) if mail.is_reminder else _invitation_reason(mail))
    )
    if reason is not None:
        return Withdrawal(reason)
    if mail.n_attempts >= MAX_ATTEMPTS:
        given_up = Reason("not_sent", f"Given up after {mail.n_attempts} attempts")
        return Withdrawal(given_up, Invitation.Status.FAILED)
    return None


def _no_address(mail: Due) -> Reason:
    return NO_NUMBER if mail.channel in BY_NUMBER else NO_ADDRESS


def _invitation_reason(mail: Due) -> Reason | None:
    if mail.invitation_status in {Invitation.Status.SCHEDULED, Invitation.Status.SENDING}:
        return None
    return Reason("not_scheduled", f"The invitation is {mail.invitation_status}")


def _reminder_reason(mail: Due, now: dt.datetime) -> Reason | None:
    if mail.answered:
        return Reason("answered", "Answered before the reminder was due")
    if mail.invitation_status != Invitation.Status.SENT or mail.expires_at is None:
        return Reason("not_open", f"The invitation is {mail.invitation_status}")
    if mail.expires_at <= now:
        return Reason("expired", "The survey closed before the reminder was sent")
    return None


def _after_cooldown(mails: list[Due], now: dt.datetime) -> tuple[list[Due], dict[int, Withdrawal]]:
    """Those whose customer was not written to lately, and those to skip.

    Where another invitation to the same customer is just being sent, this one waits for its end.
    """
    asking = [m for m in mails if not m.is_reminder and m.cooldown_days > 0]
    if not asking:
        return mails, {}
    with connection.cursor() as cursor:
        cursor.execute(
            _LAST_WRITTEN,
            {
                "customers": list({m.customer_id for m in asking}),
                "own": [m.invitation_id for m in asking],
            },
        )
        written = {customer: (last, busy) for customer, last, busy in cursor.fetchall()}
    taken: set[int | None] = set()
    good: list[Due] = []
    skipped: dict[int, Withdrawal] = {}
    for mail in mails:
        if mail.is_reminder or not mail.cooldown_days:
            good.append(mail)
            continue
        last, busy = written.get(mail.customer_id, (None, False))
        if busy or mail.customer_id in taken:
            continue
        reason = too_soon(mail.cooldown_days, now, Held(sent=[last])) if last else None
        if reason is not None:
            skipped[mail.delivery_id] = Withdrawal(reason, Invitation.Status.SKIPPED)
            continue
        taken.add(mail.customer_id)
        good.append(mail)
    return good, skipped


def withdraw(withdrawals: dict[int, Withdrawal]) -> None:
    """Cancel these deliveries, locked by the caller, and their invitations where not yet sent.

    Attempts count anew, should the case's later events schedule the invitation again.
    """
    if not withdrawals:
        return
    given = list(withdrawals.values())
    with connection.cursor() as cursor:
        cursor.execute(
            _WITHDRAW,
            {
                "ids": list(withdrawals),
                "words": [w.reason.words for w in given],
                "codes": [w.reason.code for w in given],
                "statuses": [str(w.invitation_status) for w in given],
            },
        )


def _column(sql: str, parameters: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]
