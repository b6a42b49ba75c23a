"""Surveys handed over at the desk: by a link, or on a screen."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_desk as described
from surveys.api.base import one, page
from surveys.api.doing import Doing, author_of, fault, numbered, refusing, storable
from surveys.api.paging import page_of_rows
from surveys.api.problems import Problem
from surveys.models import Invitation, Kiosk, User
from surveys.services import in_person, kiosks
from surveys.services.in_person import CannotHandOut
from surveys.services.kiosks import CannotShow


class NewKiosk(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A screen to be."""

    name: str


class OfCase(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A case whose survey is meant."""

    source: str
    external_id: str


class Kiosks(Doing):
    """`/kiosks/`"""

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        shown, following = page_of_rows(request, _in_use(), by="created_at")
        return page([_described(each) for each in shown], following)

    @extend_schema(**described.ADD)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: NewKiosk) -> Any:
            name = sent.name.strip()
            storable("name", name, 100)
            if not name or not name.isprintable():
                raise fault("name", "must have 1 to 100 printable characters")
            by = author_of(request)
            user = by if isinstance(by, User) else None
            return _described(kiosks.make(name, user, timezone.now()))

        return self.done(request, NewKiosk, effect, show=_with_address)


class OneKiosk(Doing):
    """`/kiosks/{number}/`"""

    @extend_schema(**described.READ)
    def get(self, request: Request, number: int) -> Response:
        return one(_with_address(_described(numbered(_in_use(), number, "screen"))))

    @extend_schema(**described.REVOKE)
    def delete(self, request: Request, number: int) -> HttpResponse:
        kiosks.revoke(numbered(_in_use(), number, "screen").pk, timezone.now())
        return HttpResponse(status=204)


class ShowOnKiosk(Doing):
    """`/kiosks/{number}/show/`"""

    @extend_schema(**described.SHOW)
    def post(self, request: Request, number: int) -> HttpResponse:
        held = numbered(_in_use(), number, "screen")

        def effect(sent: OfCase) -> Any:
            invitation = _survey_of(sent)
            with refusing(Kiosk.DoesNotExist, CannotHandOut, CannotShow):
                return _described(kiosks.show(held.pk, invitation.pk, timezone.now()))

        return self.done(request, OfCase, effect, status=200)


class SurveyLinks(Doing):
    """`/survey-links/`"""

    @extend_schema(**described.LINK)
    def post(self, request: Request) -> HttpResponse:
        def effect(sent: OfCase) -> Any:
            invitation = _survey_of(sent)
            with refusing(CannotHandOut):
                slip = in_person.hand_out(invitation.pk, timezone.now())
            return {
                "id": invitation.pk,
                "status": slip.invitation.status,
                "language": slip.invitation.language,
                "expires_at": slip.invitation.expires_at,
            }

        return self.done(request, OfCase, effect, status=200, show=_with_link)


def _in_use() -> QuerySet[Kiosk]:
    return Kiosk.objects.filter(revoked_at=None)


def _survey_of(sent: OfCase) -> Invitation:
    """The survey of the case's newest resolution."""
    storable("source", sent.source, 100)
    storable("external_id", sent.external_id, 200)
    found = Invitation.objects.filter(
        resolution__case__source=sent.source, resolution__case__external_id=sent.external_id
    )
    newest = found.order_by("-resolution__resolved_at", "-pk").first()
    if newest is None:
        raise Problem(409, "There is no such case, or it was never resolved.")
    return newest


def _with_link(told: dict[str, Any]) -> dict[str, Any]:
    """Made each time: whoever holds the link could answer by it, so no table keeps it."""
    with refusing(CannotHandOut):
        slip = in_person.slip_of(Invitation.objects.get(pk=told["id"]))
    return told | {"address": slip.address}


def _described(kiosk: Kiosk) -> dict[str, Any]:
    now = timezone.now()
    is_open = kiosk.visit_until is not None and kiosk.visit_until > now
    state = "free"
    if is_open and kiosk.visit:
        state = "answering" if kiosk.has_begun else "waiting"
    return {
        "id": kiosk.pk,
        "name": kiosk.name,
        "state": state,
        "until": kiosk.visit_until if state != "free" else None,
        "created_at": kiosk.created_at,
    }


def _with_address(told: dict[str, Any]) -> dict[str, Any]:
    """Made each time, as a survey's link is."""
    token = kiosks.token_of(Kiosk.objects.get(pk=told["id"]))
    return told | {"address": f"{settings.SITE_URL}/k/{token}/" if token else None}
