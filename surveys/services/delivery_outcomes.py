"""What became of a claimed mail, each in one statement that commits by itself.

Every statement holds only while the worker's lease does: a worker that was taken over changes
nothing. Only a row being sent has a lease, so the status is not asked for as well: that would
tempt the planner to the index of leases, which is full of what was sent a moment ago. Invitations
are locked before deliveries everywhere, so these never deadlock with a reopening or a suppression.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from surveys.channels.base import BY_NUMBER, Refused
from surveys.models import Suppression
from surveys.services.allowed_hours import next_allowed
from surveys.services.delivery_claims import MAX_ATTEMPTS, Due
from surveys.services.intake_sql import arrays
from surveys.services.outgoing import noting
from surveys.services.suppressions import Told, suppress
from surveys.services.tokens import email_hash

FIRST_PAUSE: Final = dt.timedelta(minutes=1)
LONGEST_PAUSE: Final = dt.timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mail the server took, not yet marked as sent."""

    mail: Due
    sent_at: dt.datetime


# Where the invitation came back, its reminder may arrive: until that comes back as well, the survey
# counts as delivered.
# The mails accepted are marked as sent and the next ones put in flight with one commit: a busy
# round would else wait for a commit with every mail. Each part is conditional by itself; `taken`
# waits for `done` by counting it.
_MARK_SENT: Final = """
accepted AS (
  SELECT * FROM unnest(%(deliveries)s::bigint[], %(sent_at)s::timestamptz[],
                       %(expires_at)s::timestamptz[], %(remind_at)s::timestamptz[])
    AS a (delivery, sent_at, expires_at, remind_at)
), invited AS MATERIALIZED (
  SELECT id FROM surveys_invitation WHERE id = ANY(%(invitations)s::bigint[])
   ORDER BY id FOR UPDATE
), done AS (
  UPDATE surveys_delivery d
     SET status = 'sent', sent_at = a.sent_at, lease = NULL, lease_until = NULL, last_error = ''
    FROM accepted a
   WHERE d.id = a.delivery AND d.lease = %(lease)s::uuid
     AND (SELECT count(*) FROM invited) >= 0
  RETURNING d.id, d.invitation_id, d.kind, d.channel, a.sent_at, a.expires_at, a.remind_at
), opened AS (
  UPDATE surveys_invitation i
     SET sent_at = done.sent_at, expires_at = done.expires_at,
         status = CASE WHEN i.status = 'sending' THEN 'sent' ELSE i.status END,
         reason = CASE WHEN i.status = 'sending' THEN '' ELSE i.reason END,
         reason_code = CASE WHEN i.status = 'sending' THEN '' ELSE i.reason_code END
    FROM done WHERE i.id = done.invitation_id AND done.kind = 'invitation'
  RETURNING i.id, i.status, i.is_sample, i.sent_at, done.channel, done.remind_at
), reached AS (
  UPDATE surveys_invitation i SET bounced_at = NULL
    FROM done WHERE i.id = done.invitation_id AND done.kind = 'reminder'
     AND i.bounced_at IS NOT NULL
), reminder AS (
  INSERT INTO surveys_delivery (invitation_id, kind, channel, status, due_at, n_attempts,
                                last_error)
  SELECT id, 'reminder', channel, 'queued', remind_at, 0, ''
    FROM opened WHERE status = 'sent' AND remind_at IS NOT NULL
  ON CONFLICT (invitation_id, kind) DO NOTHING
), told AS (
  {told}
)""".replace("{told}", noting.SENT)
# The last look before mails leave: whatever was committed until now still stops them.
_PUT_IN_FLIGHT: Final = """
taken AS (
  UPDATE surveys_delivery n SET in_flight_at = %(moment)s::timestamptz
    FROM unnest(%(next)s::bigint[], %(email_hashes)s::text[]{with_email})
         AS g (id, email_hash{too}),
         surveys_invitation i JOIN surveys_resolution r ON r.id = i.resolution_id
   WHERE n.id = g.id AND n.lease = %(lease)s::uuid AND i.id = n.invitation_id
     AND i.status = CASE WHEN n.kind = 'invitation' THEN 'sending' ELSE 'sent' END
     AND r.reopened_at IS NULL
     AND NOT EXISTS (SELECT 1 FROM surveys_customer c
                      WHERE c.id = i.customer_id AND c.erased_at IS NOT NULL)
     AND NOT EXISTS (SELECT 1 FROM surveys_suppression s WHERE s.email_hash = g.email_hash)
     {wished}AND (n.kind = 'invitation'
          OR NOT EXISTS (SELECT 1 FROM surveys_response a WHERE a.invitation_id = i.id))
     {after}
  RETURNING n.id
)"""
_DONE: Final = "(SELECT coalesce(array_agg(id), '{}') FROM done)"
_TAKEN: Final = "(SELECT coalesce(array_agg(id), '{}') FROM taken)"
_SENT: Final = f"WITH {_MARK_SENT} SELECT {_DONE}, '{{}}'::bigint[]"
_WISHED: Final = """AND NOT EXISTS (SELECT 1 FROM surveys_suppression w
                      WHERE w.email_hash = g.email_too
                        AND w.reason NOT IN ('bounced', 'unreachable'))
     """


def _in_flight(*, by_number: bool, after_sent: bool) -> str:
    """The statement for a channel's messages: to a number, what was wished of the e-mail address
    is looked at as well."""
    taken = _PUT_IN_FLIGHT.format(
        with_email=", %(emails_too)s::text[]" if by_number else "",
        too=", email_too" if by_number else "",
        wished=_WISHED if by_number else "",
        after="AND (SELECT count(*) FROM done) >= 0" if after_sent else "",
    )
    if after_sent:
        return f"WITH {_MARK_SENT}, {taken} SELECT {_DONE}, {_TAKEN}"
    return f"WITH {taken} SELECT '{{}}'::bigint[], {_TAKEN}"


#: By whether the messages go to numbers, and whether others are marked as sent with them.
_IN_FLIGHT: Final = {
    (by_number, after_sent): _in_flight(by_number=by_number, after_sent=after_sent)
    for by_number in (False, True)
    for after_sent in (False, True)
}

_END: Final = """
WITH invited AS MATERIALIZED (
  SELECT i.id FROM surveys_invitation i JOIN surveys_delivery d ON d.invitation_id = i.id
   WHERE d.id = ANY(%(ids)s::bigint[]) ORDER BY i.id FOR UPDATE OF i
), ended AS (
  UPDATE surveys_delivery d
     SET status = %(status)s::text, due_at = coalesce(%(due_at)s::timestamptz, d.due_at),
         in_flight_at = CASE WHEN %(status)s::text = 'unknown' THEN d.in_flight_at END,
         n_attempts = d.n_attempts - %(uncounted)s::smallint, lease = NULL, lease_until = NULL,
         last_error = coalesce(nullif(%(words)s::text, ''), d.last_error)
    FROM invited
   WHERE d.id = ANY(%(ids)s::bigint[]) AND d.invitation_id = invited.id
     AND d.lease = %(lease)s::uuid
  RETURNING d.invitation_id, d.kind
), shown AS (
  UPDATE surveys_invitation i
     SET status = %(invitation_status)s::text, due_at = coalesce(%(due_at)s::timestamptz, i.due_at),
         expires_at = coalesce(%(expires_at)s::timestamptz, i.expires_at),
         reason = left(%(reason)s::text, 300), reason_code = %(code)s::text
    FROM ended
   WHERE i.id = ended.invitation_id AND ended.kind = 'invitation' AND i.status = 'sending'
  RETURNING i.id, i.is_sample
), told AS (
  {told}
)
SELECT count(*) FROM ended
""".replace("{told}", noting.FAILED)
# Those in flight when their worker died may have been accepted: nobody knows, nothing resends.
_RETURN: Final = """
WITH lost AS MATERIALIZED (
  SELECT d.id, i.id AS invitation_id, coalesce(p.close_days, 14) AS close_days
    FROM surveys_delivery d
    JOIN surveys_invitation i ON i.id = d.invitation_id
    LEFT JOIN surveys_policy p ON p.id = i.policy_id
   WHERE d.status = 'sending' AND d.lease_until < %(now)s::timestamptz
   ORDER BY i.id
     FOR UPDATE OF i, d SKIP LOCKED
), returned AS (
  UPDATE surveys_delivery d
     SET status = CASE WHEN d.in_flight_at IS NULL THEN 'queued' ELSE 'unknown' END,
         last_error = CASE WHEN d.in_flight_at IS NULL THEN %(died)s::text
                           ELSE %(unknown)s::text END,
         lease = NULL, lease_until = NULL
    FROM lost WHERE d.id = lost.id
  RETURNING d.invitation_id, d.kind, d.status, d.in_flight_at, lost.close_days
), shown AS (
  UPDATE surveys_invitation i
     SET status = CASE WHEN r.status = 'queued' THEN 'scheduled' ELSE 'unknown' END,
         reason = CASE WHEN r.status = 'queued' THEN '' ELSE %(unknown)s::text END,
         reason_code = CASE WHEN r.status = 'queued' THEN '' ELSE 'unknown' END,
         expires_at = CASE WHEN r.status = 'queued' THEN i.expires_at
                           ELSE r.in_flight_at + make_interval(days => r.close_days) END
    FROM returned r
   WHERE i.id = r.invitation_id AND r.kind = 'invitation' AND i.status = 'sending'
)
SELECT count(*) FILTER (WHERE status = 'queued'), count(*) FILTER (WHERE status = 'unknown')
  FROM returned
"""
_DIED: Final = "The worker stopped before the mail was sent."
_DIED_IN_FLIGHT: Final = "The worker stopped while the mail was being sent; it may have arrived."


def mark_sent(lease: uuid.UUID, accepted: Sequence[Accepted]) -> set[int]:
    """Note that the server took these mails. Returns the deliveries marked; where the lease was
    lost they stay unknown."""
    return _ids(_SENT, _sent_parameters(lease, accepted))[0] if accepted else set()


def put_in_flight(
    lease: uuid.UUID, mails: Sequence[Due], moment: dt.datetime, accepted: Sequence[Accepted] = ()
) -> tuple[set[int], set[int]]:
    """Commit that these mails are about to leave, and with it that others were sent.

    Returns the deliveries marked as sent, and of these mails the ones that may leave: not those
    whose lease was lost, or that something committed since the claim forbids.
    """
    parameters: dict[str, Any] = {
        "next": [mail.delivery_id for mail in mails],
        "lease": lease,
        "moment": moment,
        "email_hashes": [email_hash(mail.address) for mail in mails],
    }
    by_number = any(mail.channel in BY_NUMBER for mail in mails)
    if by_number:
        parameters["emails_too"] = [email_hash(mail.email_too) for mail in mails]
    if accepted:
        parameters |= _sent_parameters(lease, accepted)
    return _ids(_IN_FLIGHT[by_number, bool(accepted)], parameters)


def _sent_parameters(lease: uuid.UUID, accepted: Sequence[Accepted]) -> dict[str, Any]:
    until = [_open_until(one) for one in accepted]
    return {
        "lease": lease,
        "deliveries": [one.mail.delivery_id for one in accepted],
        "invitations": [one.mail.invitation_id for one in accepted],
        "sent_at": [one.sent_at for one in accepted],
        "expires_at": [expires_at for expires_at, _ in until],
        "remind_at": [remind_at for _, remind_at in until],
    }


def _open_until(accepted: Accepted) -> tuple[dt.datetime, dt.datetime | None]:
    """When the survey closes, and when its reminder is due, if it gets one."""
    mail, sent_at = accepted.mail, accepted.sent_at
    expires_at = sent_at + dt.timedelta(days=mail.close_days)
    if mail.reminder_days is None or mail.is_reminder:
        return expires_at, None
    remind_at = sent_at + dt.timedelta(days=mail.reminder_days)
    remind_at = next_allowed(remind_at, mail.hours, mail.timezone)
    return expires_at, remind_at if remind_at < expires_at else None


def release(lease: uuid.UUID, mails: Sequence[Due], words: str = "") -> None:
    """Give back mails that were claimed but not tried; no attempt is counted."""
    if mails:
        _end(lease, mails, "queued", "scheduled", words=words, uncounted=1)


def retry_later(lease: uuid.UUID, mail: Due, words: str, moment: dt.datetime) -> bool:
    """Queue the mail again after a pause, or give it up; whether it was queued again."""
    n_attempts = mail.n_attempts + 1
    if n_attempts >= MAX_ATTEMPTS:
        fail(lease, mail, f"Given up after {n_attempts} attempts: {words}")
        return False
    _end(lease, [mail], "queued", "scheduled", words=words, due_at=moment + pause_after(n_attempts))
    return True


def pause_after(n_attempts: int) -> dt.timedelta:
    """How long to wait: three times longer each time, capped, and spread so that mails refused
    together do not return together."""
    pause: dt.timedelta = min(FIRST_PAUSE * 3 ** (n_attempts - 1), LONGEST_PAUSE)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 -- spreads load, keeps no secret


def fail(lease: uuid.UUID, mail: Due, words: str, *, suppress_as: str = "") -> None:
    """This mail will not be sent; an address that does not exist, or whose owner told the provider
    to stop, is never written to again."""
    with transaction.atomic():
        if suppress_as:
            suppress(mail.address, suppress_as, told=Told(Suppression.Source.REFUSAL))
        _end(lease, [mail], "failed", "failed", words=words, reason=words, code="not_sent")


def why_suppressed(error: Refused) -> str:
    """The reason for which a refused address is never written to again, "" where it may be."""
    if error.unsubscribed:
        return Suppression.Reason.UNSUBSCRIBED
    return Suppression.Reason.BOUNCED if error.bad_address else ""


def mark_unknown(lease: uuid.UUID, mail: Due, words: str, moment: dt.datetime) -> None:
    """The mail may have arrived: its link works, and only an operator may send it again."""
    _end(
        lease,
        [mail],
        "unknown",
        "unknown",
        words=words,
        reason=words,
        code="unknown",
        expires_at=moment + dt.timedelta(days=mail.close_days),
    )


def return_expired_leases(now: dt.datetime) -> tuple[int, int]:
    """Take back what dead workers held: how many are queued again, and how many unknown."""
    n_queued, n_unknown = _execute(_RETURN, {"now": now, "died": _DIED, "unknown": _DIED_IN_FLIGHT})
    return n_queued, n_unknown


def _end(
    lease: uuid.UUID,
    mails: Sequence[Due],
    status: str,
    invitation_status: str,
    *,
    words: str,
    reason: str = "",
    code: str = "",
    uncounted: int = 0,
    due_at: dt.datetime | None = None,
    expires_at: dt.datetime | None = None,
) -> int:
    return _execute(
        _END,
        {
            "ids": [mail.delivery_id for mail in mails],
            "lease": lease,
            "status": status,
            "invitation_status": invitation_status,
            "words": _without_address(words, mails)[:500],
            "reason": _without_address(reason, mails)[:300],
            "code": code,
            "uncounted": uncounted,
            "due_at": due_at,
            "expires_at": expires_at,
        },
    )[0]


def _without_address(words: str, mails: Sequence[Due]) -> str:
    """Mail servers like to repeat the address; an error must not keep it beyond an erasure."""
    if len(mails) == 1 and mails[0].address:
        address = mails[0].address
        for shown in {address, address.lower()}:
            words = words.replace(shown, "…")
    return words


def _ids(sql: str, parameters: dict[str, Any]) -> tuple[set[int], set[int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arrays(parameters))
        done, taken = cursor.fetchone()
    return set(done), set(taken)


def _execute(sql: str, parameters: dict[str, Any]) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[int, ...] = cursor.fetchone()
    return row
