"""`/api/v1/reports/deliverability/`: how mails fare, as the page of admins shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.api import described_mails as described
from analytics.reports import deliverability as report
from surveys.api.base import ApiView, one
from surveys.api.doing import fault
from surveys.api.permissions import HasScope

USUAL: Final = 28
LONGEST: Final = 366


class Deliverability(ApiView):
    """`/reports/deliverability/`"""

    permission_classes = [HasScope("admin")]

    @extend_schema(**described.DELIVERABILITY)
    def get(self, request: Request) -> Response:
        days, now = _days(request), timezone.now()
        today = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        since = today - dt.timedelta(days=days - 1)
        return one(_described(report.deliverability(since, now, settings.TIME_ZONE), now))


def _days(request: Request) -> int:
    asked = request.query_params.get("days", str(USUAL))
    is_number = asked.isascii() and asked.isdecimal() and len(asked) < 4
    if not is_number or not 1 <= int(asked) <= LONGEST:
        raise fault("days", f"must be a whole number from 1 to {LONGEST}")
    return int(asked)


def _described(found: report.Deliverability, now: dt.datetime) -> dict[str, Any]:
    waiting = asdict(report.queue(now))
    return {
        "since": found.since,
        "totals": _line(found.totals),
        "domains": [_line(line) for line in found.domains],
        "channels": [asdict(line) | {"answered": asdict(line.answered)} for line in found.channels],
        "hours": [asdict(line) for line in found.hours],
        "complaints": found.complaints,
        "unsubscribed": found.unsubscribed,
        "not_surveyed": [{"reason_code": code, "n": n} for code, n in found.not_surveyed],
        "queue": waiting,
        "background_seen_at": report.beat_seen_at(),
    }


def _line(line: report.DomainLine) -> dict[str, Any]:
    rates = {"answered": asdict(line.answered), "bounce_rate": asdict(line.bounce_rate)}
    return asdict(line) | rates
