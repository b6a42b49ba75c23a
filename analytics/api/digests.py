"""`/api/v1/digests/`: who gets the figures by mail, and when."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import described_keeping as described
from analytics.api.acting import LARGEST
from analytics.api.keeping import narrowed, reader_of
from analytics.kept import DigestSubscription
from analytics.sharing.digests import planning
from analytics.sharing.readers import zone_of
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.doing import actor_of, fault, numbered
from surveys.api.paging import page_of_rows
from surveys.api.permissions import HasScope
from surveys.console.roles import CASES

_LATEST_HOUR = 23


class NewDigest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A digest to be ordered for somebody."""

    reader: str
    cadence: str
    hour: int = 8


class ChangedDigest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Another hour."""

    hour: int


class Digests(ApiView):
    """`/digests/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.LIST_DIGESTS)
    def get(self, request: Request) -> Response:
        found = DigestSubscription.objects.filter(stopped_at=None).select_related("user")
        found = narrowed(request, found, "reader", "user")
        shown, following = page_of_rows(request, found, by="created_at")
        return page([_described(each) for each in shown], following)

    @extend_schema(**described.ADD_DIGEST)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, NewDigest)
        reader = reader_of("reader", sent.reader, CASES)
        if sent.cadence not in planning.Cadence.values:
            raise fault("cadence", f"must be one of {', '.join(planning.Cadence.values)}")
        hour = _hour(sent.hour)

        def effect() -> tuple[int, Any]:
            running = DigestSubscription.objects.filter(user=reader, stopped_at=None)
            known = running.filter(cadence=sent.cadence).exists()
            by = actor_of(request)
            found = planning.subscribe(reader, sent.cadence, hour, timezone.now(), by)
            return 200 if known else 201, _described(found)

        return answer_once(request, body, effect)


class OneDigest(ApiView):
    """`/digests/{id}/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.READ_DIGEST)
    def get(self, request: Request, number: int) -> Response:
        return one(_described(_found(number)))

    @extend_schema(**described.CHANGE_DIGEST)
    def patch(self, request: Request, number: int) -> Response:
        hour = _hour(decode(body_of(request, largest=LARGEST), ChangedDigest).hour)
        found = _found(number)
        demand_unchanged(request, _described(found))
        by = actor_of(request)
        planning.subscribe(found.user, found.cadence, hour, timezone.now(), by)
        return one(_described(_found(number)))

    @extend_schema(**described.REMOVE_DIGEST)
    def delete(self, request: Request, number: int) -> HttpResponse:
        found = _found(number)
        demand_unchanged(request, _described(found))
        planning.stop(found, timezone.now(), actor_of(request))
        return HttpResponse(status=204)


def _hour(hour: int) -> int:
    if not 0 <= hour <= _LATEST_HOUR:
        raise fault("hour", f"must be a whole number from 0 to {_LATEST_HOUR}")
    return hour


def _found(number: int) -> DigestSubscription:
    running = DigestSubscription.objects.filter(stopped_at=None).select_related("user")
    return numbered(running, number, "digest")


def _described(found: DigestSubscription) -> dict[str, Any]:
    return {
        "id": found.pk,
        "reader": found.user.email,
        "cadence": found.cadence,
        "hour": found.hour,
        "time_zone": zone_of(found.user).key,
        "next_due_at": found.next_due_at,
        "created_at": found.created_at,
    }
