"""Mails whose outcome nobody knows, and what came back of those that were sent."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api import described_deliveries as described
from surveys.api.base import one, page
from surveys.api.doing import Doing, Nothing, chosen, numbered, refusing
from surveys.api.paging import page_by_id, page_of_rows
from surveys.api.permissions import sight_of
from surveys.models import Delivery, DeliveryReport, ReportTally
from surveys.services.delivery import CannotResend, resend_all_unknown, resend_unknown

#: So many at one request.
MOST: Final = 500
DAYS: Final = 30
_CASE: Final = ("invitation__resolution__case", "invitation__customer")


class UnknownMails(Doing):
    """`/unknown-mails/`"""

    @extend_schema(**described.UNKNOWN)
    def get(self, request: Request) -> Response:
        found = Delivery.objects.filter(status=Delivery.Status.UNKNOWN).select_related(*_CASE)
        shown, following = page_by_id(request, found)
        return page([_mail(each, request) for each in shown], following)


class ResendUnknown(Doing):
    """`/unknown-mails/{number}/resend/`"""

    @extend_schema(**described.RESEND)
    def post(self, request: Request, number: int) -> HttpResponse:
        known = numbered(Delivery.objects.all(), number, "mail")

        def effect(_: Nothing) -> Any:
            with refusing(CannotResend):
                resend_unknown(known.pk)
            return _mail(Delivery.objects.select_related(*_CASE).get(pk=known.pk), request)

        return self.done(request, Nothing, effect, status=200)


class ResendAllUnknown(Doing):
    """`/unknown-mails/resend/`"""

    @extend_schema(**described.RESEND_ALL)
    def post(self, request: Request) -> HttpResponse:
        def effect(_: Nothing) -> Any:
            n_again, n_left = resend_all_unknown(MOST)
            return {"n_again": n_again, "n_left": n_left}

        return self.done(request, Nothing, effect, status=200)


class Bounces(Doing):
    """`/bounces/`"""

    @extend_schema(**described.BOUNCES)
    def get(self, request: Request) -> Response:
        found = DeliveryReport.objects.select_related(*(f"delivery__{name}" for name in _CASE))
        if kind := chosen(request, "kind", DeliveryReport.Kind.values):
            found = found.filter(kind=kind)
        shown, following = page_of_rows(request, found, by="received_at")
        return page([_report(each, request) for each in shown], following)


class BounceCounts(Doing):
    """`/bounces/counts/`"""

    @extend_schema(**described.COUNTS)
    def get(self, request: Request) -> Response:
        since = timezone.now() - dt.timedelta(days=DAYS)
        recent = DeliveryReport.objects.filter(received_at__gte=since)
        by_kind = dict(recent.values_list("kind").annotate(Count("pk")).order_by())
        tallies = ReportTally.objects.filter(day__gt=since.date())
        by_outcome = dict(tallies.values_list("outcome").annotate(Sum("n")).order_by())
        return one(
            {
                "days": DAYS,
                "kinds": {name: by_kind.get(name, 0) for name in DeliveryReport.Kind.values},
                "outcomes": {name: by_outcome.get(name, 0) for name in ReportTally.Outcome.values},
            }
        )


def _mail(mail: Delivery, request: Request) -> dict[str, Any]:
    return {
        "id": mail.pk,
        "kind": mail.kind,
        "channel": mail.channel,
        "status": mail.status,
        **_whose(mail, request),
        "due_at": mail.due_at,
        "words": mail.last_error,
    }


def _report(report: DeliveryReport, request: Request) -> dict[str, Any]:
    return {
        "id": report.pk,
        "kind": report.kind,
        "code": report.code,
        "words": report.words,
        "effect": report.effect,
        "source": report.source,
        "received_at": report.received_at,
        **_whose(report.delivery, request),
    }


def _whose(mail: Delivery, request: Request) -> dict[str, Any]:
    case, customer = mail.invitation.resolution.case, mail.invitation.customer
    sees = sight_of(request).sees_identity
    return {
        "case": {"source": case.source, "external_id": case.external_id},
        "email": (customer.email or None) if customer and sees else None,
    }
