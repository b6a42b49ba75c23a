"""Endpoints that are told of events, and the log of what was told."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import tasks
from surveys.api import described_webhooks as described
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.doing import Nothing, fault, numbered
from surveys.api.paging import page_of_rows
from surveys.api.permissions import HasScope
from surveys.api.problems import Problem
from surveys.models import WebhookDelivery, WebhookEndpoint
from surveys.services.outgoing import endpoints, sending
from surveys.services.outgoing.endpoints import Fault, Wish

LARGEST: Final = 16 * 1024


class NewWebhook(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An endpoint to be made."""

    name: str
    url: str
    events: list[str]
    with_personal_data: bool = False


class ChangedWebhook(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays."""

    name: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    events: list[str] | UnsetType = UNSET
    with_personal_data: bool | UnsetType = UNSET
    paused: bool | UnsetType = UNSET


class Webhooks(ApiView):
    """`/webhooks/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        found = WebhookEndpoint.objects.all()
        shown, following = page_of_rows(request, found, by="created_at")
        return page([_described(each) for each in shown], following)

    @extend_schema(**described.ADD)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, NewWebhook)
        wish = Wish(sent.name, sent.url, sent.events, sent.with_personal_data)

        def effect() -> tuple[int, Any]:
            try:
                return 201, _described(endpoints.add(wish, timezone.now()))
            except Fault as error:
                raise fault(error.field, str(error)) from error

        return answer_once(request, body, effect, _with_secret)


class OneWebhook(ApiView):
    """`/webhooks/{id}/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.READ)
    def get(self, request: Request, number: int) -> Response:
        return one(_with_secret(_described(_found(number))))

    @extend_schema(**described.CHANGE)
    @transaction.atomic
    def patch(self, request: Request, number: int) -> Response:
        sent = decode(body_of(request, largest=LARGEST), ChangedWebhook)
        endpoint = _unchanged(request, number)
        wish = Wish(
            endpoint.name if sent.name is UNSET else sent.name,
            endpoint.url if sent.url is UNSET else sent.url,
            endpoint.events if sent.events is UNSET else sent.events,
            endpoint.with_personal_data
            if sent.with_personal_data is UNSET
            else sent.with_personal_data,
        )
        try:
            endpoints.change(endpoint, wish)
        except Fault as error:
            raise fault(error.field, str(error)) from error
        if sent.paused is True:
            endpoints.pause(endpoint, timezone.now())
        elif sent.paused is False:
            endpoints.resume(endpoint)
            tasks.wake_webhooks()
        return one(_described(_found(number)))

    @extend_schema(**described.REMOVE)
    @transaction.atomic
    def delete(self, request: Request, number: int) -> HttpResponse:
        endpoints.remove(_unchanged(request, number))
        return HttpResponse(status=204)


class RotateSecret(ApiView):
    """`/webhooks/{id}/rotate/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.ROTATE)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)
        endpoint = _found(number)

        def effect() -> tuple[int, Any]:
            return 200, _described(endpoints.rotate(endpoint, timezone.now()))

        return answer_once(request, body, effect, _with_secret)


class TestEvent(ApiView):
    """`/webhooks/{id}/test/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.TEST)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)
        endpoint = _found(number)

        def effect() -> tuple[int, Any]:
            delivery = endpoints.test(endpoint, timezone.now())
            tasks.wake_webhooks()
            return 202, _delivery(delivery)

        return answer_once(request, body, effect)


class Deliveries(ApiView):
    """`/webhooks/{id}/deliveries/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.DELIVERIES)
    def get(self, request: Request, number: int) -> Response:
        status = request.query_params.get("status", "")
        if status and status not in WebhookDelivery.Status.values:
            known = ", ".join(WebhookDelivery.Status.values)
            raise fault("status", f"is one of {known}")
        found = endpoints.deliveries(_found(number), status).prefetch_related("attempts")
        shown, following = page_of_rows(request, found, by="created_at")
        return page([_delivery(each) for each in shown], following)


class Resend(ApiView):
    """`/webhooks/{id}/deliveries/{delivery}/resend/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.RESEND)
    def post(self, request: Request, number: int, delivery: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)
        endpoint = _found(number)

        def effect() -> tuple[int, Any]:
            if not endpoint.deliveries.filter(pk=delivery).exists():
                raise Problem(404, "There is no such delivery.")
            if not endpoints.resend(endpoint, delivery, timezone.now()):
                raise Problem(409, "It is just being sent.")
            tasks.wake_webhooks()
            return 202, _delivery(endpoints.deliveries(endpoint).get(pk=delivery))

        return answer_once(request, body, effect)


def _found(number: int) -> WebhookEndpoint:
    return numbered(WebhookEndpoint.objects.all(), number, "endpoint")


def _unchanged(request: Request, number: int) -> WebhookEndpoint:
    """The endpoint, held until the end, where it is still as the caller read it."""
    WebhookEndpoint.objects.select_for_update().filter(pk=_found(number).pk).first()
    found = _found(number)
    demand_unchanged(request, _with_secret(_described(found)))
    return found


def _described(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": endpoint.pk,
        "name": endpoint.name,
        "url": endpoint.url,
        "events": endpoint.events,
        "with_personal_data": endpoint.with_personal_data,
        "state": endpoint.state,
        "disabled_reason": endpoint.disabled_reason,
        "n_failing": endpoint.n_failing,
        "last_success_at": endpoint.last_success_at,
        "last_failure": endpoint.last_failure,
        "former_secret_until": endpoint.former_until,
        "created_at": endpoint.created_at,
    }


def _with_secret(told: dict[str, Any]) -> dict[str, Any]:
    """The secret is made anew each time: kept answers must not hold it."""
    endpoint = WebhookEndpoint.objects.filter(pk=told["id"]).first()
    return told | {"secret": endpoints.secret_shown(endpoint) if endpoint else None}


def _delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "webhook_id": sending.name_of(delivery.event),
        "type": delivery.event.type,
        "occurred_at": delivery.event.occurred_at,
        "status": delivery.status,
        "due_at": delivery.due_at if delivery.status == WebhookDelivery.Status.QUEUED else None,
        "words": delivery.last_words,
        "attempts": [
            {
                "started_at": attempt.started_at,
                "milliseconds": attempt.milliseconds,
                "status": attempt.status,
                "words": attempt.words,
                "answer": attempt.answer,
            }
            for attempt in delivery.attempts.all()
        ],
    }
