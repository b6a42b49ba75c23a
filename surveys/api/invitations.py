"""Surveys that the caller delivers: fetch the links that are due, and say what became of them."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_invitations as described
from surveys.api.base import ApiView, one, page
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.doing import chosen, fault
from surveys.api.paging import LARGEST_SIZE, page_of_rows
from surveys.api.permissions import HasScope, sight_of
from surveys.api.problems import Problem
from surveys.mail.reports import Fate, Kind
from surveys.mail.reports.found import clean
from surveys.models import ApiKey, Delivery, DeliveryReport
from surveys.services import bounces, handing

SCOPE: Final = ApiKey.Scope.INVITATIONS_DELIVER
LARGEST: Final = 16 * 1024
_LONGEST_WORDS: Final = 300
#: What the caller may say became of a link, and what that is among reports.
OUTCOMES: Final = {
    "delivered": Kind.DELIVERED,
    "failed": Kind.SOFT,
    "bounced": Kind.HARD,
    "complained": Kind.COMPLAINT,
}


class Wanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How many links to hand over."""

    limit: int = 100


class News(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What became of a link."""

    outcome: str
    words: str = ""


class Invitations(ApiView):
    """`/invitations/`"""

    permission_classes = [HasScope(SCOPE)]

    @extend_schema(**described.LIST)
    def get(self, request: Request) -> Response:
        state = chosen(request, "state", handing.STATES) or None
        found = handing.deliveries(state, timezone.now())
        shown, following = page_of_rows(request, found, by="due_at")
        return page(_described(request, shown), following)


class Claim(ApiView):
    """`/invitations/claim/`"""

    permission_classes = [HasScope(SCOPE)]

    @extend_schema(**described.CLAIM)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        wanted = decode(body, Wanted)
        if not 1 <= wanted.limit <= LARGEST_SIZE:
            raise fault("limit", f"must be a whole number from 1 to {LARGEST_SIZE}")

        def effect() -> tuple[int, Any]:
            return 200, handing.hand_over_due(timezone.now(), wanted.limit)

        def show(ids: list[int]) -> Any:
            # Links are secrets: of an answer that is kept for a retry only the numbers are stored.
            found = handing.deliveries(None, timezone.now()).filter(pk__in=ids)
            return {"results": _described(request, list(found.order_by("due_at", "pk")))}

        return answer_once(request, body, effect, show)


class OneInvitation(ApiView):
    """`/invitations/{id}/`"""

    permission_classes = [HasScope(SCOPE)]

    @extend_schema(**described.READ)
    def get(self, request: Request, number: int) -> Response:
        found = handing.deliveries(None, timezone.now()).filter(pk=number)
        shown = _described(request, list(found))
        if not shown:
            raise _nowhere()
        return one(shown[0])


class Reports(ApiView):
    """`/invitations/{id}/reports/`"""

    permission_classes = [HasScope(SCOPE)]

    @extend_schema(**described.REPORT)
    def post(self, request: Request, number: int) -> HttpResponse:
        body = body_of(request, largest=LARGEST)
        news = decode(body, News)
        kind = OUTCOMES.get(news.outcome)
        if kind is None:
            raise fault("outcome", f"must be one of {', '.join(OUTCOMES)}")
        if len(news.words) > _LONGEST_WORDS:
            raise fault("words", f"must have at most {_LONGEST_WORDS} characters")
        fate = Fate(kind, words=clean(news.words))
        return answer_once(request, body, lambda: _taken(number, news.outcome, fate))


def _taken(number: int, outcome: str, fate: Fate) -> tuple[int, Any]:
    delivery = handing.deliveries(None, timezone.now()).filter(pk=number).first()
    if delivery is None:
        raise _nowhere()
    if delivery.sent_at is None:
        raise Problem(409, "The link was not handed over yet; claim it first.")
    source = DeliveryReport.Source.API
    taken = bounces.take_told(number, fate, source, timezone.now())
    report = delivery.reports.filter(kind=fate.kind, source=source).get()
    is_new = taken == bounces.Outcome.RECORDED
    return 201 if is_new else 200, {"id": number, "outcome": outcome, "effect": report.effect}


def _described(request: Request, found: list[Delivery]) -> list[dict[str, Any]]:
    return list(
        handing.described(
            found,
            timezone.now(),
            sees_identity=sight_of(request).sees_identity,
            # A session in a browser reads; whoever holds a link could answer by it.
            with_links=isinstance(request.auth, ApiKey),
        )
    )


def _nowhere() -> Problem:
    return Problem(404, "There is no such invitation for you to deliver.")
