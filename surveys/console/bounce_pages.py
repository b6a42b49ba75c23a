"""What came back of our mails, for admins: what kinds, what they did, and the latest of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import DeliveryReport, ReportTally
from surveys.services import report_mailbox

DAYS: Final = 30
SHOWN: Final = 100
_TONES: Final = {"hard": "bad", "complaint": "bad", "soft": "warn", "policy": "warn"}


@dataclass(frozen=True)
class Line:
    """One report as the page shows it."""

    report: DeliveryReport
    tone: str
    domain: str


@require_safe
@staff(ADMINS)
def bounces(request: StaffRequest) -> HttpResponse:
    """The last 30 days in figures, and the latest reports of a kind."""
    since = timezone.now() - dt.timedelta(days=DAYS)
    kind = request.GET.get("kind", "")
    found = DeliveryReport.objects.select_related(
        "delivery__invitation__customer", "delivery__invitation__resolution__case"
    ).order_by("-received_at", "-pk")
    if kind in DeliveryReport.Kind.values:
        found = found.filter(kind=kind)
    recent = DeliveryReport.objects.filter(received_at__gte=since)
    by_kind = dict(recent.values_list("kind").annotate(Count("pk")).order_by())
    tallies = ReportTally.objects.filter(day__gt=since.date())
    by_outcome = dict(tallies.values_list("outcome").annotate(Sum("n")).order_by())
    context = {
        "days": DAYS,
        "kind": kind,
        "kinds": [
            (value, label, by_kind.get(value, 0), _TONES.get(value, ""))
            for value, label in DeliveryReport.Kind.choices
        ],
        "outcomes": [
            (label, by_outcome.get(value, 0)) for value, label in ReportTally.Outcome.choices
        ],
        "lines": [_line(report) for report in found[:SHOWN]],
        "shown": SHOWN,
        "address": settings.BOUNCE_ADDRESS,
        "has_mailbox": report_mailbox.is_configured(),
        "listener": settings.BOUNCE_LISTENER,
        "kept_folder": report_mailbox.KEPT_FOLDER,
    }
    return render_page(request, "console/bounces.html", context, current="settings")


def _line(report: DeliveryReport) -> Line:
    customer = report.delivery.invitation.customer
    domain = customer.email.rpartition("@")[2] if customer else ""
    return Line(report, _TONES.get(report.kind, ""), domain)
