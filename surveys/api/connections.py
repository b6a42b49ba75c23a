"""Connections to helpdesks: made, changed, their secrets rotated, their calls read and replayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import helpdesks
from surveys.api import connection_forms
from surveys.api import described_connections as described
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.conditional import demand_unchanged
from surveys.api.connection_forms import ChangedForms
from surveys.api.doing import Nothing, fault, numbered
from surveys.api.paging import page_of_rows
from surveys.api.permissions import HasScope, sight_of
from surveys.api.problems import Problem
from surveys.api.waking import HOOKS_WAKER
from surveys.helpdesks.base import UnreadableError
from surveys.models import Connection, HookDelivery
from surveys.services import connections as service
from surveys.services import hook_door, hook_inspector
from surveys.services.connections import ConnectionFault

LARGEST: Final = 64 * 1024
_ADMIN: Final = HasScope("admin")


class NewConnection(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is connected; without a secret one is made."""

    kind: str
    name: str = ""
    secret: str = ""


class ChangedConnection(ChangedForms, forbid_unknown_fields=True, kw_only=True):
    """What is to be different; whatever is not named stays."""

    name: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    statuses: dict[str, str] | UnsetType = UNSET
    fields: dict[str, str] | UnsetType = UNSET
    cause_path: str | UnsetType = UNSET
    organization: str | UnsetType = UNSET


class NewSecret(msgspec.Struct, forbid_unknown_fields=True):
    """The secret to come; without one it is made."""

    secret: str = ""


class Connections(ApiView):
    """`/connections/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        found = Connection.objects.filter(deleted_at=None, kind__in=helpdesks.ADAPTERS)
        if kind := request.query_params.get("kind", ""):
            _known_kind(kind)
            found = found.filter(kind=kind)
        shown, following = page_of_rows(request, found, by="created_at")
        return page([_described(each) for each in shown], following)

    @extend_schema(**described.ADD)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, NewConnection)
        _known_kind(sent.kind)

        def effect() -> tuple[int, Any]:
            try:
                return 201, _described(service.make(sent.kind, sent.name, sent.secret))
            except ConnectionFault as error:
                field = "secret" if str(error).startswith("The secret") else "name"
                raise fault(field, str(error)) from error

        return answer_once(request, body, effect, _with_secret)


class OneConnection(ApiView):
    """`/connections/{slug}/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.READ)
    def get(self, request: Request, slug: str) -> Response:
        return one(_with_secret(_described(found_connection(slug))))

    @extend_schema(**described.CHANGE)
    def patch(self, request: Request, slug: str) -> Response:
        sent = decode(body_of(request, largest=LARGEST), ChangedConnection)
        with transaction.atomic():
            held = _locked(request, slug)
            for name, change in _CHANGES.items():
                wanted = getattr(sent, name)
                if wanted is not UNSET:
                    with _faults_of(name):
                        change(held, wanted)
            connection_forms.choose(held, sent)
        return one(_with_secret(_described(found_connection(slug))))

    @extend_schema(**described.REMOVE)
    def delete(self, request: Request, slug: str) -> HttpResponse:
        with transaction.atomic():
            service.delete(_locked(request, slug), timezone.now())
        return HttpResponse(status=204)


class Doing(ApiView):
    """A POST that does one thing to a connection and answers with it."""

    permission_classes = [_ADMIN]

    def done(
        self, request: Request, slug: str, shape: type[Any], do: Callable[[Connection, Any], None]
    ) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        sent = decode(body, shape)
        held = found_connection(slug)

        def effect() -> tuple[int, Any]:
            with _faults_of("secret"):
                do(held, sent)
            return 200, _described(found_connection(slug))

        return answer_once(request, body, effect, _with_secret)


class Rotate(Doing):
    """`/connections/{slug}/rotate/`"""

    @extend_schema(**described.ROTATE)
    def post(self, request: Request, slug: str) -> HttpResponse:
        return self.done(
            request, slug, NewSecret, lambda held, sent: service.rotate(held, sent.secret)
        )


class Retire(Doing):
    """`/connections/{slug}/retire/`"""

    @extend_schema(**described.RETIRE)
    def post(self, request: Request, slug: str) -> HttpResponse:
        return self.done(request, slug, Nothing, lambda held, _: service.retire(held))


class Restore(ApiView):
    """`/connections/{slug}/restore/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.RESTORE)
    def post(self, request: Request, slug: str) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)

        def effect() -> tuple[int, Any]:
            if service.bring_back(slug) is None:
                raise _nowhere()
            return 200, _described(found_connection(slug))

        return answer_once(request, body, effect, _with_secret)


class Health(ApiView):
    """`/connections/{slug}/health/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.HEALTH)
    def get(self, request: Request, slug: str) -> Response:
        held = found_connection(slug)
        return one(msgspec.to_builtins(hook_inspector.health([held], timezone.now())[held.pk]))


class Deliveries(ApiView):
    """`/connections/{slug}/deliveries/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.DELIVERIES)
    def get(self, request: Request, slug: str) -> Response:
        found = HookDelivery.objects.filter(connection=found_connection(slug)).defer(
            "body", "headers"
        )
        if verdict := request.query_params.get("verdict", ""):
            if verdict not in HookDelivery.Verdict.values:
                known = ", ".join(HookDelivery.Verdict.values)
                raise fault("verdict", f"must be one of {known}")
            found = found.filter(verdict=verdict)
        shown, following = page_of_rows(request, found, by="received_at")
        return page([_line(each) for each in shown], following)


class OneDelivery(ApiView):
    """`/connections/{slug}/deliveries/{delivery}/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.DELIVERY)
    def get(self, request: Request, slug: str, delivery: int) -> Response:
        found = _delivery(slug, delivery)
        shown = hook_inspector.shown(found, masks=not sight_of(request).sees_identity)
        kept = {"headers": found.headers, "body": shown, "is_whole": found.is_whole}
        return one(_line(found) | kept)


class Replay(ApiView):
    """`/connections/{slug}/deliveries/{delivery}/replay/`"""

    permission_classes = [_ADMIN]

    @extend_schema(**described.REPLAY)
    def post(self, request: Request, slug: str, delivery: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        decode(body, Nothing)
        kept = _delivery(slug, delivery)
        if kept.body is None or not kept.is_whole or kept.is_refused:
            raise Problem(409, "Of this call not all was kept; it cannot be replayed.")

        def effect() -> tuple[int, Any]:
            try:
                received = hook_door.replay(kept, timezone.now())
            except UnreadableError as error:
                raise Problem(409, f"It cannot be replayed: {error}.") from error
            HOOKS_WAKER.wake()
            return 201, _line(_delivery(slug, received.delivery or 0))

        return answer_once(request, body, effect)


class _faults_of:  # noqa: N801 -- read as a block's head
    """Answer with what the service says is wrong, as a fault of this field."""

    def __init__(self, field: str) -> None:
        self._field = field

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ConnectionFault):
            raise fault(self._field, str(error)) from error


_CHANGES: Final[dict[str, Callable[[Connection, Any], None]]] = {
    "name": service.rename,
    "enabled": lambda held, wanted: service.switch(held, on=wanted),
    "statuses": service.set_statuses,
    "fields": service.set_fields,
    "cause_path": service.set_cause_path,
    "organization": service.set_organization,
}


def _known_kind(kind: str) -> None:
    if kind not in helpdesks.ADAPTERS:
        raise fault("kind", f"must be one of {', '.join(service.KINDS)}")


def found_connection(slug: str) -> Connection:
    """The connection of an address. Raises: Problem 404."""
    found = service.find(slug) if "\x00" not in slug else None
    if found is None or found.kind not in helpdesks.ADAPTERS:
        raise _nowhere()
    return found


def _locked(request: Request, slug: str) -> Connection:
    """The connection, held until the end, where it is still as the caller read it."""
    Connection.objects.select_for_update().filter(slug=found_connection(slug).slug).first()
    held = found_connection(slug)
    demand_unchanged(request, _with_secret(_described(held)))
    return held


def _delivery(slug: str, number: int) -> HookDelivery:
    calls = HookDelivery.objects.filter(connection=found_connection(slug))
    return numbered(calls.select_related("connection"), number, "call")


def _described(held: Connection) -> dict[str, Any]:
    return {
        "slug": held.slug,
        "kind": held.kind,
        "name": held.name,
        "enabled": held.is_active,
        "statuses": held.statuses,
        "fields": held.fields,
        "cause_path": held.cause_path,
        "organization": held.options.get("organization_id", ""),
        **connection_forms.told(held),
        "is_rotating": held.former_secret is not None,
        "secret_since": held.secret_since,
        "created_at": held.created_at,
    }


def _with_secret(told: dict[str, Any]) -> dict[str, Any]:
    """Read each time: kept answers must not hold the secret, which an address may carry."""
    held = Connection.objects.filter(slug=told["slug"]).first()
    if held is None:
        return told | {"address": None, "secret": None, "template": ""}
    known = service.secrets_of(held)
    return told | {
        "address": service.address_of(held),
        "secret": known[0] if known else None,
        "template": hook_inspector.template_of(held),
    }


def _line(delivery: HookDelivery) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "received_at": delivery.received_at,
        "method": delivery.method,
        "verdict": delivery.verdict,
        "status": delivery.status,
        "reason": delivery.reason,
        "n_bytes": delivery.n_bytes,
        "made": delivery.made,
        "replay_of": delivery.replay_of_id,
    }


def _nowhere() -> Problem:
    return Problem(404, "There is no such connection.")
