"""What a gateway tells of our messages later: delivered or not, and that a person said STOP.

The same effects as of a bounce (`bounces`), on the number instead of the address. Which message it
is about is proved by the mark that we gave it, signed like a return path.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from surveys.channels.gateway import News
from surveys.mail.reports import Fate, Kind
from surveys.mail.reports.found import clean
from surveys.models import DeliveryReport, Suppression
from surveys.services import bounces
from surveys.services.phones import phone_of
from surveys.services.suppressions import Told, suppress

SOURCE: Final = DeliveryReport.Source.SMS
_KINDS: Final = {
    "delivered": Kind.DELIVERED,
    "hard": Kind.HARD,
    "soft": Kind.SOFT,
    "policy": Kind.POLICY,
}


def take(news: News, now: dt.datetime) -> str:
    """Take what is told; what became of it, by name. Committed when this returns, and harmless
    again.

    Raises: NotSettled where the message is just being sent; database errors.
    """
    if news.kind == "stop":
        return _stop(news.number, now)
    if not news.kind:
        return "ignored"
    number, fault = bounces.delivery_marked(news.mark, SOURCE, now)
    if number is None:
        return fault
    fate = Fate(_KINDS[news.kind], words=clean(news.words))
    return bounces.take_told(number, fate, SOURCE, now)


def _stop(number: str, now: dt.datetime) -> str:
    phone = phone_of(number)
    if phone is None:
        return "ignored"  # a name, or a short code: no customer's
    told = Told(Suppression.Source.REPORT)
    suppress(phone, Suppression.Reason.UNSUBSCRIBED, now=now, told=told)
    bounces.tally(bounces.Outcome.RECORDED, SOURCE, now)
    return bounces.Outcome.RECORDED
