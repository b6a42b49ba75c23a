"""One round of asking: claims what is due, asks from several threads, notes each end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.utils import timezone

from surveys.helpdesks.lookups.base import Access, Asked, Found, Lookup
from surveys.models import Connection
from surveys.services.asking import access, queue
from surveys.services.asking.client import Heard, Kind, Trouble, converse
from surveys.services.asking.queue import Claimed
from surveys.services.in_threads import work_off
from surveys.services.outgoing.addresses import Resolver, look_up
from surveys.services.sealing import LostKeyError

THREADS: Final = 8


@dataclass(slots=True)
class Counts:
    """What a round did."""

    found: int = 0
    without: int = 0
    put_off: int = 0
    paused: int = 0


@dataclass(frozen=True, slots=True)
class _Question:
    url: str
    lookup: Lookup
    access: Access
    asked: Asked


_Heard = Heard[Found] | Trouble


def ask_due(seconds: float, *, resolve: Resolver = look_up) -> Counts:
    """Ask about what is due, for that long and as much longer as the last answers take. Safe to
    run twice at once."""
    ends_at, counts = time.monotonic() + seconds, Counts()
    queue.release_unaskable()

    def begin(claimed: Claimed) -> Callable[[], _Heard] | None:
        question = _question(claimed)
        return partial(_ask, question, resolve) if question is not None else None

    work_off(
        "asking",
        THREADS,
        ends_at,
        claim=lambda room: queue.claim(timezone.now(), room),
        begin=begin,
        note=lambda claimed, heard: _note(claimed, heard, counts),
    )
    return counts


def _question(claimed: Claimed) -> _Question | None:
    """What to ask; None where nobody can be asked any more, and the event was let go."""
    held = Connection.objects.filter(pk=claimed.connection_id).first()
    if held is None:
        return None
    lookup = access.lookup_of(held)
    try:
        by = access.access_of(held)
    except LostKeyError as error:
        queue.pause(held.pk, f"the token cannot be read: {error}; or enter it anew")
        return None
    if claimed.n_asks > queue.MOST_ASKS:  # whoever asked before died of it, again and again
        queue.end_without(claimed, "was asked many times, and no answer was noted", timezone.now())
        return None
    if lookup is None or by is None:
        queue.release_unaskable()
        return None
    return _Question(held.api_url, lookup, by, Asked(claimed.case, claimed.requester_id))


def _ask(question: _Question, resolve: Resolver) -> _Heard:
    conversation = question.lookup.ask(question.access, question.asked)
    try:
        return converse(question.url, conversation, timezone.now(), resolve=resolve)
    except Trouble as trouble:
        return trouble


def _note(claimed: Claimed, heard: _Heard, counts: Counts) -> None:
    now = timezone.now()
    if isinstance(heard, Heard):
        counts.found += queue.end_found(claimed, heard.value, now)
        if heard.rest is not None:
            queue.leave_alone(claimed.connection_id, heard.rest, "", now)
    elif heard.kind is Kind.PAUSE:
        queue.pause(claimed.connection_id, heard.words)
        counts.paused += 1
    elif heard.kind is Kind.FINAL:
        queue.end_without(claimed, heard.words, now)
        counts.without += 1
    elif heard.kind is Kind.REST and heard.rest is not None:
        queue.end_resting(claimed, heard.rest, heard.words, now)
        counts.put_off += 1
    else:
        queue.end_later(claimed, heard.words, now)
        counts.put_off += 1
