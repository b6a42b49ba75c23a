"""What became of a survey, in words that say as much as the reader may know.

An agent must not learn who answered, and the fate of a reminder would tell: it is called off where
an answer came first. So an agent reads only whether the case was surveyed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from surveys.models import Delivery, DeliveryReport, Invitation
from surveys.services.access import Scope
from surveys.services.bounces import BOUNCED
from surveys.services.scheduling import NO_ADDRESS

Status = Invitation.Status

_MEANING = {
    Status.SCHEDULED: "The survey waits for its time.",
    Status.SENDING: "The mail is on its way.",
    Status.SENT: "The mail was accepted by the mail server.",
    Status.UNKNOWN: (
        "The connection broke while the mail was handed over: it may or may not have arrived. "
        "It is never repeated by itself."
    ),
    Status.FAILED: "The mail could not be delivered.",
    Status.SKIPPED: "This resolution is not surveyed.",
    Status.CANCELLED: "The survey was called off before it was sent.",
    Status.EXPIRED: "The survey is closed: its time is over.",
}
# Where it does not go by mail.
_MEANING_BY: dict[tuple[str, str], str] = {
    ("api", Status.SCHEDULED): "The survey waits until your own system fetches its link.",
    ("api", Status.SENT): "The link was handed to your own system, which delivers it.",
    ("api", Status.FAILED): "The link could not be delivered.",
    ("link", Status.SENT): "The link was handed over at the desk.",
}
_TONE = {
    Status.SENT: "good",
    Status.UNKNOWN: "warn",
    Status.FAILED: "bad",
    Status.SCHEDULED: "wait",
    Status.SENDING: "wait",
}
_REACHED = {Status.SENDING, Status.SENT, Status.UNKNOWN, Status.EXPIRED}


@dataclass(frozen=True)
class ReportLine:
    """What a mail server or the person said of a mail afterwards."""

    received_at: dt.datetime
    label: str
    words: str
    effect: str


@dataclass(frozen=True)
class DeliveryLine:
    """One message of the survey and how it fared; ``channel``: the way it goes, in words."""

    kind: str
    channel: str
    status: str
    label: str
    tone: str
    due_at: dt.datetime
    sent_at: dt.datetime | None
    n_attempts: int
    last_error: str
    reports: tuple[ReportLine, ...] = ()


@dataclass(frozen=True)
class Survey:
    """`reason` is the stored sentence why nothing was sent, where there is one."""

    label: str
    tone: str
    meaning: str
    reason: str
    due_at: dt.datetime | None = None
    sent_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    bounced_at: dt.datetime | None = None
    language: str = ""
    arm: str = ""
    policy: str = ""
    deliveries: tuple[DeliveryLine, ...] = ()
    # Of the survey whose link may be handed over at the desk, by who may know it.
    link_of: int | None = None


def may_know_answers(scope: Scope) -> bool:
    """Whether a reader may learn which case was answered, and how. Whoever's figures come in groups
    of several customers may not: a case names one."""
    return scope.is_unlimited


def _has_left(invitation: Invitation) -> bool:
    """Whether the mail went out, also one that came back: that says of whom an answer cannot be."""
    return Status(invitation.status) in _REACHED or invitation.reason_code == BOUNCED


def label_of(invitation: Invitation | None, scope: Scope) -> tuple[str, str]:
    """The status in a word or two, and its tone."""
    if invitation is None:
        return "No survey", "idle"
    status = Status(invitation.status)
    if _has_left(invitation) and not may_know_answers(scope):
        return "Surveyed", "good"
    if invitation.reason_code == BOUNCED:
        return "Came back", "bad"
    return status.label, _TONE.get(status, "idle")


def brief_survey_of(invitation: Invitation | None, scope: Scope) -> Survey:
    """The survey in one line of a list: reads nothing but the invitation."""
    label, tone = label_of(invitation, scope)
    hides = invitation is None or (_has_left(invitation) and not may_know_answers(scope))
    return Survey(label, tone, "", "" if hides or invitation is None else invitation.reason)


def survey_of(invitation: Invitation | None, scope: Scope) -> Survey:
    """The survey of a resolution as the reader may know it."""
    label, tone = label_of(invitation, scope)
    if invitation is None:
        return Survey(label, tone, "No survey was planned for this resolution.", "")
    status = Status(invitation.status)
    if not may_know_answers(scope):
        if _has_left(invitation):
            return Survey(label, tone, "A survey was sent.", "")
        return Survey(label, tone, _MEANING[status], invitation.reason, due_at=invitation.due_at)
    return Survey(
        label=label,
        tone=tone,
        meaning=_meaning(invitation),
        reason=invitation.reason,
        due_at=invitation.due_at,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
        bounced_at=invitation.bounced_at,
        language=invitation.language,
        arm=_asked(invitation),
        policy=str(invitation.policy or ""),
        deliveries=tuple(_line(each) for each in _in_order(invitation)),
        link_of=invitation.pk if scope.sees_identity and _has_link(invitation) else None,
    )


def _meaning(invitation: Invitation) -> str:
    """What the status means by the way that the first message goes, or went."""
    status = Status(invitation.status)
    first = next((d for d in _in_order(invitation) if d.kind == Delivery.Kind.INVITATION), None)
    return _MEANING_BY.get((first.channel if first else "", status), _MEANING[status])


def _has_link(invitation: Invitation) -> bool:
    can_go_out = Status(invitation.status) in {
        *(Status.SCHEDULED, Status.SENT, Status.UNKNOWN, Status.FAILED)
    }
    has_no_address = invitation.reason_code == NO_ADDRESS.code
    return invitation.version_id is not None and (can_go_out or has_no_address)


def _asked(invitation: Invitation) -> str:
    """What comes first, or what alone is asked about."""
    if invitation.asks != Invitation.Asks.BOTH:
        return invitation.get_asks_display()
    return invitation.get_arm_display()


def _in_order(invitation: Invitation) -> list[Delivery]:
    return sorted(invitation.deliveries.all(), key=lambda delivery: delivery.due_at)


_DELIVERY_TONE = {
    Delivery.Status.SENT: "good",
    Delivery.Status.UNKNOWN: "warn",
    Delivery.Status.FAILED: "bad",
    Delivery.Status.QUEUED: "wait",
    Delivery.Status.SENDING: "wait",
}


def _line(delivery: Delivery) -> DeliveryLine:
    return DeliveryLine(
        kind=delivery.get_kind_display(),
        channel=delivery.get_channel_display(),
        status=delivery.status,
        label=delivery.get_status_display(),
        tone=_DELIVERY_TONE.get(Delivery.Status(delivery.status), "idle"),
        due_at=delivery.due_at,
        sent_at=delivery.sent_at,
        n_attempts=delivery.n_attempts,
        last_error=delivery.last_error,
        reports=tuple(_report(each) for each in _oldest_first(delivery)),
    )


def _report(report: DeliveryReport) -> ReportLine:
    return ReportLine(
        received_at=report.received_at,
        label=report.get_kind_display(),
        words=report.words or report.code,
        effect=report.get_effect_display(),
    )


def _oldest_first(delivery: Delivery) -> list[DeliveryReport]:
    return sorted(delivery.reports.all(), key=lambda report: (report.received_at, report.pk))
