"""The deliverability page of admins: what became of the mails, what waits, and why a case got
none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics.reports import deliverability as report
from surveys.channels import CHANNELS
from surveys.console.case_list import CaseRow, find_cases
from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff

PERIODS: Final = (7, 28, 90)
USUAL: Final = 28
_LONGEST: Final = 200
#: Cases that a search shows; whoever needs more adds a word.
_FOUND: Final = 10
#: Beat comes by every few seconds; after so long it is away.
_AWAY: Final = dt.timedelta(minutes=2)
_REASONS: Final = {
    "no_policy": "No policy surveys such a case",
    "policy_disabled": "The policy is switched off",
    "not_published": "The questionnaire is not published",
    "no_address": "No e-mail address is known",
    "suppressed": "The customer is not to be written to",
    "erased": "The customer was erased on request",
    "reopened": "Reopened before the survey was sent",
    "history": "Imported as history",
    "sampled_out": "Not drawn: the policy asks a part of the cases",
    "cooldown": "The customer was asked lately, or is about to be",
    "not_sent": "The mail server refused, or was away for too long",
    "not_scheduled": "Called off meanwhile",
    "not_fetched": "Your own system did not fetch the link in time",
}


@dataclass(frozen=True)
class Search:
    """Which cases were looked for, and what became of their surveys."""

    words: str
    rows: list[CaseRow]
    has_more: bool


@require_safe
@staff(ADMINS)
def deliverability(request: StaffRequest) -> HttpResponse:
    """How mails fare, by domain and hour; what waits; what nobody knows the outcome of."""
    now = timezone.now()
    asked = request.GET.get("days", "")
    days = next((one for one in PERIODS if str(one) == asked), USUAL)
    today = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found = report.deliverability(today - dt.timedelta(days=days - 1), now, settings.TIME_ZONE)
    queue = report.queue(now)
    beat = report.beat_seen_at()
    context = {
        "days": days,
        "periods": PERIODS,
        "report": found,
        "channels": [(_label(line.channel), line) for line in found.channels],
        "not_surveyed": [(_REASONS.get(code, code), n) for code, n in found.not_surveyed],
        "queue": queue,
        "limits": _limits(),
        "beat": beat,
        "is_away": beat is None or now - beat > _AWAY,
        "unknown": report.unknown_mails() if queue.unknown else [],
        "search": _search(request),
    }
    return render_page(request, "console/deliverability.html", context, current="deliverability")


def _limits() -> list[tuple[str, float]]:
    """What each limit is of, and so many a second."""
    mails = sorted(settings.MAIL_LIMITS.items())
    return [
        *((f"to {domain}" if domain else "by mail", rate) for domain, rate in mails),
        *((f"by {_label(name)}", rate) for name, rate in sorted(settings.MESSAGE_LIMITS.items())),
    ]


def _label(channel: str) -> str:
    return CHANNELS[channel].label if channel in CHANNELS else channel


def _search(request: StaffRequest) -> Search | None:
    words = request.GET.get("q", "").strip().replace("\x00", "")[:_LONGEST]
    if not words:
        return None
    found = find_cases(request.scope, words=words, status="", cursor="").rows
    return Search(words, found[:_FOUND], len(found) > _FOUND)
