"""One round of sending: claims what is due, sends it from several threads, notes each end."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.utils import timezone

from surveys.models import OutgoingEvent, WebhookEndpoint
from surveys.services.in_threads import work_off
from surveys.services.outgoing import payloads, queue, signing, sorting
from surveys.services.outgoing.addresses import Refused, Resolver, Target, look_up, target_of
from surveys.services.outgoing.posting import Answer, post
from surveys.services.outgoing.queue import Claimed
from surveys.services.tokens import LostKeyError

THREADS: Final = 16
_LOST_KEY_PAUSE: Final = dt.timedelta(hours=1)


@dataclass(slots=True)
class Counts:
    """What a round did."""

    queued: int = 0
    returned: int = 0
    delivered: int = 0
    failed: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """All that a thread needs. `target` is None, and `words` say why, where nothing may be sent."""

    target: Target | None
    words: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Sent:
    answer: Answer
    started_at: dt.datetime


def send_due(seconds: float, *, resolve: Resolver = look_up) -> Counts:
    """Sort what was noted and send what is due, for that long and as much longer as the last
    requests take. Safe to run twice at once."""
    ends_at, counts = time.monotonic() + seconds, Counts()
    counts.returned = queue.return_expired_leases(timezone.now())
    counts.queued = sorting.sort_all(timezone.now())

    def begin(claimed: Claimed) -> Callable[[], _Sent] | None:
        request = _request(claimed, timezone.now())
        if request is None:
            counts.held += 1
            return None
        return partial(_send, request, resolve)

    work_off(
        "webhooks",
        THREADS,
        ends_at,
        claim=lambda room: queue.claim(timezone.now(), room),
        begin=begin,
        note=lambda claimed, sent: _note(claimed, sent, counts),
    )
    return counts


def _note(claimed: Claimed, sent: _Sent, counts: Counts) -> None:
    if queue.end(claimed, sent.answer, sent.started_at, timezone.now()):
        counts.delivered += sent.answer.is_taken
        counts.failed += not sent.answer.is_taken


def _send(request: Request, resolve: Resolver) -> _Sent:
    started_at = timezone.now()
    if request.target is None:
        return _Sent(Answer(None, request.words, "", 0), started_at)
    try:
        answer = post(request.target, request.body, request.headers, resolve=resolve)
    except Refused as error:
        answer = Answer(None, str(error), "", 0)
    return _Sent(answer, started_at)


def _request(claimed: Claimed, now: dt.datetime) -> Request | None:
    """The request of a delivery, made anew for each attempt; None where it has to wait."""
    event = OutgoingEvent.objects.filter(pk=claimed.event_id).first()
    endpoint = WebhookEndpoint.objects.filter(pk=claimed.endpoint_id).first()
    if event is None or endpoint is None or event.data is None:
        return None  # erased or removed since the claim, and the row with it
    try:
        return request_of(event, endpoint, now)
    except LostKeyError as error:
        queue.hold(claimed, now + _LOST_KEY_PAUSE, str(error))
        return None


def request_of(event: OutgoingEvent, endpoint: WebhookEndpoint, now: dt.datetime) -> Request:
    """What is sent to an endpoint of an event. Raises: LostKeyError."""
    body = body_for(event, endpoint)
    secrets = signing.secrets_of(endpoint, now)
    headers = signing.headers(secrets, name_of(event), int(now.timestamp()), body)
    try:
        return Request(target_of(endpoint.url), "", body, headers)
    except Refused as error:
        return Request(None, f"the address {error}", body, headers)


def body_for(event: OutgoingEvent, endpoint: WebhookEndpoint) -> bytes:
    """The body, with who the customer is where the endpoint asked for that."""
    data = event.data or {}
    if endpoint.with_personal_data and event.invitation_id is not None:
        found = payloads.known({event.invitation_id}).get(event.invitation_id)
        data = payloads.personal(event, data, found)
    return payloads.body_of(event, data)


def name_of(event: OutgoingEvent) -> str:
    """The `webhook-id`."""
    return f"msg_{event.uid.hex}"
