"""What a report about one of our mails does: once, in any order, and only where it is signed.

- No such mailbox: the address is suppressed, and the survey shows that it did not arrive.
- Full, or away for now: this mail counts as not delivered; an address is suppressed only after
  its last three mails all came back so (`_keeps_coming_back`).
- Refused by policy: shown to admins, for it is about us; never held against the person.
- A complaint: the address is suppressed, however late it comes.
- All else (delays, automatic replies, confirmations of delivery) is recorded and does nothing.

A report never undoes an answer, and never lifts a suppression. One about a mail that is just being
sent has to wait until the sending worker has noted the end (`NotSettled`): so that both orders end
alike.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Q

from surveys.channels.base import BY_NUMBER
from surveys.mail import reports
from surveys.mail.reports import Fate, Kind, Report
from surveys.models import (
    Customer,
    Delivery,
    DeliveryReport,
    Invitation,
    ReportTally,
    Response,
    Suppression,
)
from surveys.services import return_paths
from surveys.services.intake_sql import with_retries
from surveys.services.outgoing import kinds, noting
from surveys.services.suppressions import Told, lifted_since, suppress

logger = logging.getLogger(__name__)

Outcome = ReportTally.Outcome
Effect = DeliveryReport.Effect
#: Mail servers give up after days. What comes later may be somebody who found an old mail.
LATE_AFTER: Final = dt.timedelta(days=30)
#: Why a survey failed whose mail came back.
BOUNCED: Final = "bounced"
SOFT_MAILS: Final = 3
SOFT_SPAN: Final = dt.timedelta(days=7)
SOFT_WINDOW: Final = dt.timedelta(days=180)
_TELLS_OF_A_FAILURE: Final = frozenset({Kind.HARD, Kind.SOFT, Kind.POLICY})
_TOLD: Final = Told(Suppression.Source.REPORT)


class NotSettled(Exception):  # noqa: N818 -- it names what happened
    """The mail is still being sent: take the report again in a moment."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A report with what it is about, all of it locked."""

    delivery: Delivery
    invitation: Invitation
    address: str
    fate: Fate
    now: dt.datetime

    @property
    def sent_at(self) -> dt.datetime:
        mail = self.delivery
        return mail.sent_at or mail.in_flight_at or mail.due_at


def take(
    raw: bytes, source: str, now: dt.datetime, *, recipient: str | None = None
) -> ReportTally.Outcome:
    """Take one message that came back. Committed when this returns; again it changes nothing but
    the tally.

    ``recipient`` is the envelope's where a door knows it, and then alone decides whose mail it is
    about; else the headers name it. Raises: NotSettled; database errors, after which the message
    must be offered again.
    """
    report = reports.parse(raw)
    named = report.addressed if recipient is None else (recipient,)

    def work() -> ReportTally.Outcome:
        outcome = _take(report, named, raw, source, now)
        tally(outcome, source, now)
        return outcome

    outcome = with_retries(work)
    logger.info("A message by %s: %s (%s, %s)", source, outcome, report.form, report.kind)
    return outcome


def is_ours(address: str) -> bool:
    """Whether this is a return path that we gave to a mail, rightly signed."""
    return _delivery_of([address])[0] is not None


def admits(address: str, source: str, now: dt.datetime) -> bool:
    """The same at a door that refuses all else. What only looks like one of ours is counted."""
    number, was_claimed = _delivery_of([address])
    if number is None and was_claimed:
        tally(Outcome.FORGED, source, now)
    return number is not None


def tally(outcome: str, source: str, now: dt.datetime) -> None:
    """Count a message among those of the day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_reporttally AS t (day, source, outcome, n)"
            " VALUES (%s::date, %s, %s, 1)"
            " ON CONFLICT (day, source, outcome) DO UPDATE SET n = t.n + 1",
            [now.astimezone(dt.UTC).date(), source, outcome],
        )


def _take(
    report: Report, named: Iterable[str], raw: bytes, source: str, now: dt.datetime
) -> ReportTally.Outcome:
    number, was_claimed = _delivery_of(named)
    if number is None:
        return Outcome.FORGED if was_claimed else Outcome.UNSIGNED
    if report.form == "unknown":
        return Outcome.UNREADABLE
    case = _locked(number, report.about, now)
    if case is None:
        return Outcome.FORGED
    return _recorded(case, _key(report, case, raw), report.form, source)


def _recorded(case: _Case, key: bytes, form: str, source: str) -> ReportTally.Outcome:
    """Do what the report asks for and keep it, once. Raises: NotSettled."""
    if case.delivery.status == Delivery.Status.SENDING:
        raise NotSettled
    if DeliveryReport.objects.filter(report_key=key).exists():
        return Outcome.DUPLICATE
    DeliveryReport.objects.create(
        delivery=case.delivery,
        kind=case.fate.kind,
        code=case.fate.code,
        # What a person wrote, or their out-of-office reply, is nobody's business here.
        words=case.fate.words if case.fate.kind in _WORDS_KEPT else "",
        form=form,
        effect=_effect(case),
        source=source,
        report_key=key,
        received_at=case.now,
    )
    return Outcome.RECORDED


def take_told(number: int, fate: Fate, source: str, now: dt.datetime) -> ReportTally.Outcome:
    """The same for what is told of a delivery by its number, where who tells it is known: the
    system that delivered it. Of one delivery each kind of news is taken once.

    Raises: Delivery.DoesNotExist; NotSettled; database errors.
    """

    def work() -> ReportTally.Outcome:
        case = _locked(number, lambda _: fate, now)
        if case is None:
            raise Delivery.DoesNotExist
        key = hashlib.sha256(f"{number} {fate.kind} told by {source}".encode()).digest()
        outcome = _recorded(case, key, "told", source)
        tally(outcome, source, now)
        return outcome

    return with_retries(work)


_WORDS_KEPT: Final = _TELLS_OF_A_FAILURE | {Kind.DELAYED, Kind.DELIVERED, Kind.COMPLAINT}


def _delivery_of(named: Iterable[str]) -> tuple[int | None, bool]:
    """The delivery of the first address that is rightly signed; and whether any looked like it."""
    was_claimed = False
    for address in named:
        claimed = return_paths.read(address)
        if claimed is None:
            continue
        was_claimed = True
        if (number := delivery_claimed(claimed)) is not None:
            return number, True
    return None, was_claimed


def delivery_claimed(claimed: return_paths.Claimed) -> int | None:
    """The number of the delivery, where what claims to be about it is rightly signed."""
    mails = Delivery.objects.filter(pk=claimed.delivery_id, kind=claimed.kind)
    nonce = mails.values_list("invitation__nonce", flat=True).first()
    is_ours = nonce is not None and return_paths.is_signed(claimed, nonce)
    return claimed.delivery_id if is_ours else None


def delivery_marked(mark: str, source: str, now: dt.datetime) -> tuple[int | None, str]:
    """The number of the delivery that a provider was given this mark for; None, and by name what is
    wrong with the mark, counted, where it is not one of ours."""
    marked = return_paths.read_mark(mark)
    number = delivery_claimed(marked) if marked else None
    if number is not None:
        return number, ""
    outcome = Outcome.FORGED if marked else Outcome.UNSIGNED
    tally(outcome, source, now)
    return None, outcome


def _locked(number: int, about: Callable[[str], Fate], now: dt.datetime) -> _Case | None:
    """Everything a report may change, locked in everybody's order: the customer, their
    invitations by number, the delivery."""
    of_mail = Invitation.objects.filter(deliveries=number)
    customer_id = of_mail.values_list("customer_id", flat=True).first()
    address = ""
    theirs = of_mail
    if customer_id is not None:
        customer = Customer.objects.select_for_update().get(pk=customer_id)
        sent_by = Delivery.objects.filter(pk=number).values_list("channel", flat=True).first()
        address = customer.phone if sent_by in BY_NUMBER else customer.email
        theirs = Invitation.objects.filter(customer_id=customer_id)
    ids = theirs.order_by("pk").values_list("pk", flat=True)
    list(ids.select_for_update(of=("self",)))
    delivery = Delivery.objects.select_for_update().filter(pk=number).first()
    if delivery is None:
        return None
    invitation = Invitation.objects.get(pk=delivery.invitation_id)
    return _Case(delivery, invitation, address, about(address), now)


def _key(report: Report, case: _Case, raw: bytes) -> bytes:
    """Equal for the same report, however often and by whichever door it comes. Headers change on
    the way, so one without a Message-ID is known by its body."""
    own = (
        report.message_id.encode("utf-8", "replace")
        or raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    )
    about = f"{case.delivery.pk} {case.fate.kind} ".encode()
    return hashlib.sha256(about + hashlib.sha256(own).digest()).digest()


def _effect(case: _Case) -> DeliveryReport.Effect:
    """Do what the report asks for, and say what that was."""
    if case.fate.kind is Kind.COMPLAINT:
        return _suppress(case, Suppression.Reason.COMPLAINED)
    if case.fate.kind not in _TELLS_OF_A_FAILURE:
        return Effect.NOTHING
    # An answer that is stored at this very moment counts as a later one: it stays in any case.
    if Response.objects.filter(invitation=case.invitation).exists():
        return Effect.ANSWERED
    if case.now - case.sent_at > LATE_AFTER:
        return Effect.LATE
    _mark(case)
    # Somebody asked to be written to again since this mail was sent: the next one will tell.
    if not case.address or lifted_since(case.address, case.sent_at):
        return Effect.BOUNCED
    if case.delivery.channel not in (Delivery.Channel.MAIL, *BY_NUMBER):
        return Effect.BOUNCED  # it says nothing of the mailbox
    if case.fate.kind is Kind.HARD:
        return _suppress(case, Suppression.Reason.BOUNCED)
    if case.fate.kind is Kind.SOFT and _keeps_coming_back(case):
        return _suppress(case, Suppression.Reason.UNREACHABLE)
    return Effect.BOUNCED


def _suppress(case: _Case, reason: str) -> DeliveryReport.Effect:
    if not case.address:
        return Effect.NOTHING
    suppress(case.address, reason, now=case.now, told=_TOLD)
    return Effect.SUPPRESSED


def _mark(case: _Case) -> None:
    """Note on the mail that it came back, and on the survey where every mail of it did."""
    mail, invitation = case.delivery, case.invitation
    if mail.status not in _OUT:
        return
    is_hard = case.fate.kind is Kind.HARD
    label = _LABELS[case.fate.kind]
    if mail.channel in BY_NUMBER:
        label = _LABELS_BY_NUMBER[case.fate.kind]
    words = f"{label}: {case.fate.words or case.fate.code or 'no reason given'}"
    mail.last_error = words[:500]
    if is_hard:
        mail.status = Delivery.Status.FAILED
    mail.save(update_fields=["last_error", "status"])
    if not _all_came_back(case):
        return
    if invitation.bounced_at is None:
        noting.note(kinds.BOUNCED, invitation.pk, case.now)
    invitation.bounced_at = min(invitation.bounced_at or case.now, case.now)
    if is_hard and invitation.status in {Invitation.Status.SENT, Invitation.Status.UNKNOWN}:
        # Its link still works: who has it may answer, by whatever way it came to them.
        invitation.status = Invitation.Status.FAILED
        invitation.reason, invitation.reason_code = words[:300], BOUNCED
    invitation.save(update_fields=["bounced_at", "status", "reason", "reason_code"])


_OUT: Final = (Delivery.Status.SENT, Delivery.Status.UNKNOWN, Delivery.Status.FAILED)


def _all_came_back(case: _Case) -> bool:
    """Whether no mail of the survey can have arrived: a reminder may get through where the
    invitation did not (`delivery_outcomes` takes the mark back when one leaves)."""
    mails = case.invitation.deliveries.filter(status__in=_OUT)
    left = mails.filter(Q(sent_at__isnull=False) | Q(in_flight_at__isnull=False))
    told = DeliveryReport.objects.filter(
        delivery__invitation=case.invitation,
        kind__in=_TELLS_OF_A_FAILURE,
        effect__in=[Effect.BOUNCED, Effect.SUPPRESSED],
    )
    came_back = set(told.values_list("delivery_id", flat=True)) | {case.delivery.pk}
    return set(left.values_list("pk", flat=True)) <= came_back


_LABELS: Final = {
    Kind.HARD: "Came back, no such mailbox",
    Kind.SOFT: "Came back, not delivered this time",
    Kind.POLICY: "Came back, refused by policy",
}
_LABELS_BY_NUMBER: Final = {
    Kind.HARD: "Not delivered, the number takes no messages",
    Kind.SOFT: "Not delivered this time",
    Kind.POLICY: "Not delivered, refused by policy",
}


def _keeps_coming_back(case: _Case) -> bool:
    """Whether the last three mails to the customer all came back soft: the first at least a week
    before the last and none older than half a year, no answer since the first, nor a wish to be
    written to again."""
    theirs = Delivery.objects.filter(
        invitation__customer=case.invitation.customer_id,
        channel=case.delivery.channel,
        sent_at__isnull=False,
    )
    newest_first = theirs.order_by("-sent_at", "-pk").values_list("pk", "sent_at")[:SOFT_MAILS]
    last = [(number, at) for number, at in newest_first if at is not None]
    if len(last) < SOFT_MAILS:
        return False
    (newest, oldest) = last[0][1], last[-1][1]
    if newest - oldest < SOFT_SPAN or case.now - oldest > SOFT_WINDOW:
        return False
    soft = DeliveryReport.objects.filter(
        delivery__in=[number for number, _ in last], kind=Kind.SOFT, effect=Effect.BOUNCED
    )
    came_back = set(soft.values_list("delivery_id", flat=True)) | {case.delivery.pk}
    if came_back != {number for number, _ in last} or lifted_since(case.address, oldest):
        return False
    answers = Response.objects.filter(invitation__customer=case.invitation.customer_id)
    return not answers.filter(answered_at__gte=oldest).exists()
