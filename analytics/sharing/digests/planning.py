"""When a digest is due, and of which days it tells. The database is the queue.

A subscription carries the moment its next digest is due. Planning turns it into a row of the outbox
and moves the moment on, in one transaction: done twice or by two workers it is done once. What was
missed while nothing ran is not made up for, but for the newest.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from analytics import periods
from analytics.kept import DigestMail, DigestSubscription
from analytics.sharing.links import derived, derived_again
from analytics.sharing.log import Actor, note
from analytics.sharing.readers import UTC, zone_of
from surveys.models import User
from surveys.services.tokens import hash_of

Cadence = DigestSubscription.Cadence
_PURPOSE: Final = b"stabledoor digest"
_TOLD: Final = {
    Cadence.DAILY: "yesterday",
    Cadence.WEEKLY: "last_week",
    Cadence.MONTHLY: "last_month",
}
#: Whoever reads fixed periods only is told of one of these, up to today.
_TOLD_AGENTS: Final = {Cadence.DAILY: "7d", Cadence.WEEKLY: "7d", Cadence.MONTHLY: "28d"}
LONGEST_BATCH: Final = 500


class DigestError(ValueError):
    """A wish that cannot be kept, in words."""


def subscribe(
    user: User, cadence: str, hour: int, now: dt.datetime, by: Actor | None = None
) -> DigestSubscription:
    """Send this reader digests from now on; an existing one of the cadence gets the new hour. `by`
    is who orders it for them.

    Raises: DigestError.
    """
    if cadence not in Cadence.values:
        raise DigestError("A digest comes daily, weekly or monthly.")
    if not 0 <= hour <= 23:
        raise DigestError("The hour must lie between 0 and 23.")
    due_at = next_due(Cadence(cadence), hour, zone_of(user), now)
    nonce = uuid.uuid4()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two forms at once make one subscription
        found = DigestSubscription.objects.filter(
            user=user, cadence=cadence, stopped_at=None
        ).first()
        if found is not None:
            found.hour, found.next_due_at = hour, due_at
            found.save(update_fields=["hour", "next_due_at"])
            return found
        note(by or user, "subscribed", f"{cadence} digest at {hour}:00")
        return DigestSubscription.objects.create(
            user=user,
            cadence=cadence,
            hour=hour,
            nonce=nonce,
            token_hash=hash_of(derived(nonce, _PURPOSE, settings.SECRET_KEY)),
            next_due_at=due_at,
        )


def token_of(subscription: DigestSubscription) -> str | None:
    """What the unsubscribe link of its mails carries; None where the key is gone."""
    return derived_again(subscription.nonce, _PURPOSE, bytes(subscription.token_hash))


def find(token: str) -> DigestSubscription | None:
    """The subscription of a mail's link, stopped or not."""
    found = DigestSubscription.objects.filter(token_hash=hash_of(token))
    return found.select_related("user").first()


def stop(subscription: DigestSubscription, now: dt.datetime, by: Actor | None = None) -> None:
    """No mail leaves after this commits; doing it again changes nothing."""
    with transaction.atomic():
        running = DigestSubscription.objects.filter(pk=subscription.pk, stopped_at=None)
        if running.update(stopped_at=now):
            note(by or subscription.user, "unsubscribed", f"{subscription.cadence} digest")
            DigestMail.objects.filter(subscription=subscription, status="queued").update(
                status="skipped", reason="The reader unsubscribed."
            )


def moved(user: User, now: dt.datetime) -> None:
    """The reader's time zone changed: their digests leave at the same hour there."""
    for found in DigestSubscription.objects.filter(user=user, stopped_at=None):
        found.next_due_at = next_due(Cadence(found.cadence), found.hour, zone_of(user), now)
        found.save(update_fields=["next_due_at"])


def next_due(cadence: Cadence, hour: int, zone: ZoneInfo, after: dt.datetime) -> dt.datetime:
    """The next moment after this one when it is that hour there, on the cadence's day.

    An hour that a clock skips comes an hour later, one that it has twice counts the first time.
    """
    day = after.astimezone(zone).date()
    while True:
        if _is_day(cadence, day):
            local = dt.datetime.combine(day, dt.time(hour), tzinfo=zone)
            moment = local.astimezone(dt.UTC)
            if moment > after:
                return moment
        day += dt.timedelta(days=1)


def _is_day(cadence: Cadence, day: dt.date) -> bool:
    if cadence == Cadence.WEEKLY:
        return day.weekday() == 0
    return day.day == 1 if cadence == Cadence.MONTHLY else True


def told_days(subscription: DigestSubscription, at: dt.datetime) -> periods.Span:
    """The days that a digest of this moment tells of: the last whole day, week or month where the
    reader is; for an agent one of the periods their own page offers."""
    cadence = Cadence(subscription.cadence)
    if subscription.user.role == User.Role.AGENT:
        return periods.resolve(_TOLD_AGENTS[cadence], at.astimezone(UTC).date())
    today = at.astimezone(zone_of(subscription.user)).date()
    return periods.resolve(_TOLD[cadence], today)


def agents_period(cadence: str) -> str:
    """The name of the period that an agent is told of."""
    return _TOLD_AGENTS[Cadence(cadence)]


def how_many_due(now: dt.datetime) -> int:
    """How many digests would be planned or sent now."""
    planned = DigestMail.objects.filter(status="queued", due_at__lte=now).count()
    return planned + DigestSubscription.objects.filter(_running(), next_due_at__lte=now).count()


def _running() -> Q:
    return Q(stopped_at__isnull=True, user__is_active=True)


def plan(now: dt.datetime) -> int:
    """Put every digest that is due into the outbox; returns how many."""
    with transaction.atomic():
        due = (
            DigestSubscription.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(_running(), next_due_at__lte=now)
            .select_related("user")
            .order_by("next_due_at", "id")[:LONGEST_BATCH]
        )
        return sum(_planned(subscription, now) for subscription in due)


def _planned(subscription: DigestSubscription, now: dt.datetime) -> int:
    zone = zone_of(subscription.user)
    first, last = told_days(subscription, now)
    _, is_new = DigestMail.objects.get_or_create(
        subscription=subscription,
        to_date=last,
        defaults={"from_date": first, "due_at": now},
    )
    cadence = Cadence(subscription.cadence)
    subscription.next_due_at = next_due(cadence, subscription.hour, zone, now)
    subscription.save(update_fields=["next_due_at"])
    return int(is_new)
