"""What a mail provider tells of our mails later: delivered, bounced, complained, unsubscribed.

The same effects as of a bounce that came back by mail (`bounces`). The provider proves itself to
the webhook (`surveys.api.mail_events`); which mail it is about is proved by the mark that we gave
it, signed like a return path. In doubt a bounce is a soft one.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from surveys.channels.esp import MARK
from surveys.mail.reports import Fate, Kind
from surveys.mail.reports.found import clean
from surveys.models import Delivery, DeliveryReport, Suppression
from surveys.services import bounces
from surveys.services.suppressions import Told, suppress

SOURCE: Final = DeliveryReport.Source.ESP
_NO_MAILBOX: Final = re.compile(r"\b5\.1\.(?:1|2|3|10)\b")
#: Where providers say how a bounce was meant, and how they say that it is for good.
_SAID_IN: Final = ("Type", "type", "event", "bounce_class", "severity", "hard_bounce")
_FOR_GOOD: Final = re.compile(r"hard|permanent|true", re.IGNORECASE)
_SPARKPOST_HARD: Final = {"10", "30", "90"}  # invalid recipient, generic bounce, unsubscribe
_PLAIN: Final = {
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.DEFERRED: Kind.DELAYED,
    EventType.COMPLAINED: Kind.COMPLAINT,
    EventType.AUTORESPONDED: Kind.AUTO_REPLY,
}
_FAILED: Final = {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED}


def take(event: AnymailTrackingEvent, now: dt.datetime) -> str:
    """Take one event; what became of it, by name. Committed when this returns, and harmless again.

    Raises: NotSettled where the mail is just being sent; database errors.
    """
    mark = str((event.metadata or {}).get(MARK, ""))
    number, fault = bounces.delivery_marked(mark, SOURCE, now)
    if number is None:
        return fault
    if event.event_type == EventType.UNSUBSCRIBED:
        return _unsubscribe(number, now)
    fate = judge(event)
    if fate is None:
        return "ignored"
    return bounces.take_told(number, fate, SOURCE, now)


def judge(event: AnymailTrackingEvent) -> Fate | None:
    """What an event says became of the mail; None for openings and the like."""
    words = clean(str(event.mta_response or event.description or ""))
    kind = _PLAIN.get(event.event_type)
    if kind is None and event.event_type in _FAILED:
        kind = _failure(event)
    return None if kind is None else Fate(kind, words=words)


def _failure(event: AnymailTrackingEvent) -> Kind:
    if event.reject_reason in {RejectReason.BLOCKED, RejectReason.SPAM}:
        return Kind.POLICY
    if event.reject_reason == RejectReason.INVALID or _NO_MAILBOX.search(
        str(event.mta_response or "")
    ):
        return Kind.HARD
    if event.event_type == EventType.BOUNCED and _is_for_good(event.esp_event):
        return Kind.HARD
    return Kind.SOFT


def _is_for_good(raw: Any) -> bool:
    """Whether the provider's own words call the bounce a permanent one."""
    for part in _parts(raw):
        for name in _SAID_IN:
            said = str(part.get(name, ""))
            if _FOR_GOOD.search(said) or (name == "bounce_class" and said in _SPARKPOST_HARD):
                return True
    return False


def _parts(raw: Any) -> list[dict[str, Any]]:
    """The event and what it is wrapped in."""
    if not isinstance(raw, dict):
        return []
    return [raw, *(each for each in raw.values() if isinstance(each, dict))]


def _unsubscribe(number: int, now: dt.datetime) -> str:
    found = Delivery.objects.filter(pk=number).values_list("invitation__customer__email", flat=True)
    email = found.first()
    if email:
        told = Told(Suppression.Source.REPORT)
        suppress(email, Suppression.Reason.UNSUBSCRIBED, now=now, told=told)
    bounces.tally(bounces.Outcome.RECORDED, SOURCE, now)
    return bounces.Outcome.RECORDED
