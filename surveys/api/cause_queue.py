"""Codes that nobody has mapped: with suggestions, taken one by one or at once, and that undone."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_cause_rules as described
from surveys.api.base import page
from surveys.api.causes import change_told
from surveys.api.doing import Doing, author_of, fault, refusing
from surveys.api.paging import next_address, page_size, place_of
from surveys.services import cause_queue
from surveys.services.cause_moves import CauseError
from surveys.services.cause_queue import Waiting
from surveys.services.storable import is_storable


class Pair(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A code, and the cause that it means."""

    code: str
    into: str


class Take(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is mapped at once."""

    take: list[Pair]


class Batch(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What was taken at once."""

    batch: str


class Queue(Doing):
    """`/cause-queue/`"""

    @extend_schema(**described.QUEUE)
    def get(self, request: Request) -> Response:
        size = min(page_size(request), cause_queue.MOST_AT_ONCE)
        place = place_of(request, int, str)
        found = cause_queue.waiting_after((place[0], place[1]) if place else None, size)
        following = None
        if found.has_more and found.lines:
            following = next_address(request, [found.lines[-1].n_cases, found.lines[-1].code])
        return page([_line(each) for each in found.lines], following)


class TakeAll(Doing):
    """`/cause-queue/take/`"""

    @extend_schema(**described.TAKE)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: Take) -> Any:
            for place, pair in enumerate(sent.take):
                if not (is_storable(pair.code) and is_storable(pair.into)):
                    raise fault(f"take[{place}]", "must be codes of causes")
            pairs = [(pair.code, pair.into) for pair in sent.take]
            if not 0 < len(pairs) <= cause_queue.MOST_AT_ONCE:
                raise fault("take", f"must be 1 to {cause_queue.MOST_AT_ONCE} codes")
            with refusing(CauseError):
                batch, done = cause_queue.take_all(pairs, timezone.now(), author_of(request))
            return {"batch": batch, "changes": [change_told(change) for change in done]}

        return self.done(request, Take, effect)


class UndoAll(Doing):
    """`/cause-queue/undo/`"""

    @extend_schema(**described.UNDO_TAKEN)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: Batch) -> Any:
            if not is_storable(sent.batch):
                raise fault("batch", "must be what the taking answered")
            with refusing(CauseError):
                n_undone = cause_queue.undo_all(sent.batch, timezone.now(), author_of(request))
            return {"n_undone": n_undone}

        return self.done(request, Batch, effect, status=200)


def _line(each: Waiting) -> dict[str, Any]:
    return {
        "code": each.code,
        "name": each.name,
        "n_cases": each.n_cases,
        "first_at": each.first_at,
        "last_at": each.last_at,
        "examples": [
            {"external_id": one.external_id, "subject": one.subject} for one in each.examples
        ],
        "suggestions": [
            {
                "code": one.code,
                "name": one.name,
                "likeness": one.likeness,
                "is_obvious": one.is_obvious,
            }
            for one in each.suggestions
        ],
    }
