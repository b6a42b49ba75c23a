"""Endpoints: made, changed, paused, rotated, removed; and their deliveries sent again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from surveys.models import OutgoingEvent, User, WebhookDelivery, WebhookEndpoint
from surveys.services.outgoing import kinds, signing
from surveys.services.outgoing.addresses import Refused, judged, target_of
from surveys.services.tokens import LostKeyError, hash_of

MOST: Final = 50
LONGEST_NAME: Final = 100
#: What was told, and how it went, is kept so long.
KEPT: Final = dt.timedelta(days=30)
_BATCH: Final = 5000
Status = WebhookDelivery.Status


class Fault(Exception):  # noqa: N818 -- it names what happened
    """What is wrong with a field of an endpoint."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wish:
    """An endpoint as somebody wants it."""

    name: str
    url: str
    events: Sequence[str]
    with_personal_data: bool = False

    def check(self) -> None:
        """Raises: Fault."""
        if not self.name.strip() or len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise Fault("name", f"must have 1 to {LONGEST_NAME} printable characters")
        try:
            target = target_of(self.url)
        except Refused as error:
            raise Fault("url", str(error)) from error
        try:
            # Only what is written as a number: a name is judged whenever something is sent.
            judged(target, lambda host, _: [host] if _is_number(host) else ["2606:4700::1"])
        except Refused as error:
            raise Fault("url", str(error)) from error
        unknown = [event for event in self.events if event not in kinds.EVENTS]
        if unknown:
            known = ", ".join(kinds.EVENTS)
            raise Fault("events", f"there is no event {unknown[0][:50]!r}; known are {known}")
        if not self.events:
            raise Fault("events", "must name at least one event")


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def add(wish: Wish, now: dt.datetime, user: User | None = None) -> WebhookEndpoint:
    """A new endpoint. Raises: Fault."""
    wish.check()
    if WebhookEndpoint.objects.count() >= MOST:
        raise Fault("", f"there are {MOST} endpoints already; remove one first")
    nonce = uuid.uuid4()
    return WebhookEndpoint.objects.create(
        name=wish.name.strip(),
        url=wish.url,
        events=_in_order(wish.events),
        with_personal_data=wish.with_personal_data,
        secret_nonce=nonce,
        secret_hash=hash_of(signing.secret_of(nonce)),
        created_at=now,
        created_by=user,
    )


def change(endpoint: WebhookEndpoint, wish: Wish) -> None:
    """Set what staff may set. What is queued goes to the new address. Raises: Fault."""
    wish.check()
    endpoint.name, endpoint.url = wish.name.strip(), wish.url
    endpoint.events = _in_order(wish.events)
    endpoint.with_personal_data = wish.with_personal_data
    endpoint.save(update_fields=["name", "url", "events", "with_personal_data"])


def _in_order(events: Sequence[str]) -> list[str]:
    return [event for event in kinds.EVENTS if event in events]


def pause(endpoint: WebhookEndpoint, now: dt.datetime) -> None:
    """Send nothing for now; what happens meanwhile waits."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk, paused_at=None).update(paused_at=now)


def resume(endpoint: WebhookEndpoint) -> None:
    """Send again, also where it was switched off."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        paused_at=None,
        disabled_at=None,
        disabled_reason="",
        n_failing=0,
        failing_since=None,
        rests_until=None,
    )


def rotate(endpoint: WebhookEndpoint, now: dt.datetime) -> WebhookEndpoint:
    """A new secret; the one before signs as well for a day."""
    with transaction.atomic():
        held = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
        held.former_nonce, held.former_hash = held.secret_nonce, bytes(held.secret_hash)
        held.former_until = now + signing.OVERLAP
        held.secret_nonce = uuid.uuid4()
        held.secret_hash = hash_of(signing.secret_of(held.secret_nonce))
        held.save(
            update_fields=[
                *("former_nonce", "former_hash", "former_until", "secret_nonce", "secret_hash")
            ]
        )
    return held


def secret_shown(endpoint: WebhookEndpoint) -> str | None:
    """The secret that signs; None where the key it was made with is gone."""
    try:
        return signing.secret_again(endpoint.secret_nonce, bytes(endpoint.secret_hash))
    except LostKeyError:
        return None


def remove(endpoint: WebhookEndpoint) -> None:
    """Remove it with its log; events that nobody else was told of go as well."""
    with transaction.atomic():
        list(WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).values_list("pk"))
        log = WebhookDelivery.objects.filter(endpoint=endpoint).order_by("pk").select_for_update()
        ids = list(log.values_list("event_id", flat=True))
        WebhookEndpoint.objects.filter(pk=endpoint.pk).delete()
    # By itself: an erasure locks events before deliveries.
    OutgoingEvent.objects.filter(pk__in=ids, deliveries=None).delete()


def test(endpoint: WebhookEndpoint, now: dt.datetime) -> WebhookDelivery:
    """Queue an event that says nothing, for this endpoint alone."""
    with transaction.atomic():
        data = {"message": "This is a test. Your endpoint hears us."}
        event = OutgoingEvent.objects.create(type=kinds.TEST, occurred_at=now, data=data)
        return WebhookDelivery.objects.create(
            event=event, endpoint=endpoint, status=Status.QUEUED, due_at=now, created_at=now
        )


def deliveries(endpoint: WebhookEndpoint, status: str = "") -> QuerySet[WebhookDelivery]:
    """The log of an endpoint, newest first."""
    found = endpoint.deliveries.select_related("event").order_by("-created_at", "-pk")
    return found.filter(status=status) if status in Status.values else found


def resend(endpoint: WebhookEndpoint, delivery_id: int, now: dt.datetime) -> bool:
    """Send one delivery again, at once and with a whole schedule; False where it is just being
    sent, or there is none."""
    return bool(_again(WebhookDelivery.objects.filter(pk=delivery_id, endpoint=endpoint), now))


def resend_failed(endpoint: WebhookEndpoint, since: dt.datetime, now: dt.datetime) -> int:
    """Send again all that was given up since then; how many."""
    found = endpoint.deliveries.filter(status=Status.FAILED, created_at__gte=since)
    return _again(WebhookDelivery.objects.filter(pk__in=found.values("pk")), now)


def _again(found: QuerySet[WebhookDelivery], now: dt.datetime) -> int:
    return found.exclude(status=Status.SENDING).update(
        status=Status.QUEUED, due_at=now, n_attempts=0, ended_at=None
    )


def tallies() -> dict[int, dict[str, int]]:
    """How many deliveries of each state every endpoint has."""
    found: dict[int, dict[str, int]] = {}
    counted = WebhookDelivery.objects.values("endpoint_id", "status").annotate(n=Count("pk"))
    for row in counted.order_by():
        found.setdefault(row["endpoint_id"], {})[row["status"]] = row["n"]
    return found


def erase(invitation_ids: Sequence[int]) -> None:
    """Forget all that was or is to be told of these invitations, with the log of it.

    The events are locked first, then what was queued of them: whoever is just putting them together
    or noting an end has finished by then, and whoever comes later finds nothing to write to.
    """
    events = OutgoingEvent.objects.filter(invitation_id__in=invitation_ids)
    ids = list(events.order_by("pk").select_for_update().values_list("pk", flat=True))
    if ids:
        queued = WebhookDelivery.objects.filter(event__in=ids).order_by("pk")
        list(queued.select_for_update().values_list("pk", flat=True))
        OutgoingEvent.objects.filter(pk__in=ids).delete()


_FORGET: Final = """
WITH old AS MATERIALIZED (
  SELECT id FROM surveys_outgoingevent e
   WHERE occurred_at < %(before)s::timestamptz
     AND NOT EXISTS (SELECT 1 FROM surveys_webhookdelivery d
                      WHERE d.event_id = e.id AND d.status = 'sending')
   ORDER BY occurred_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), tried AS (
  DELETE FROM surveys_webhookattempt WHERE delivery_id IN
    (SELECT id FROM surveys_webhookdelivery WHERE event_id IN (SELECT id FROM old))
), sent AS (
  DELETE FROM surveys_webhookdelivery WHERE event_id IN (SELECT id FROM old)
), gone AS (
  DELETE FROM surveys_outgoingevent WHERE id IN (SELECT id FROM old)
)
SELECT count(*) FROM old
"""


def forget_old(now: dt.datetime) -> int:
    """Drop events older than 30 days with all that is known of them; how many."""
    n_gone = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, {"before": now - KEPT, "batch": _BATCH})
            done = int(cursor.fetchone()[0])
        n_gone += done
        if done < _BATCH:
            return n_gone
