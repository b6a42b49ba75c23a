"""Digests: subscribed to on a page, stopped there or by the link in each mail."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from analytics.kept import DigestMail, DigestSubscription, ReaderSettings
from analytics.sharing.digests import planning
from analytics.sharing.digests.planning import DigestError
from analytics.sharing.readers import UnknownTimeZone, company_zone, set_zone, zone_of
from surveys.console.pages import render_page
from surveys.console.roles import CASES, StaffRequest, role_of, staff
from surveys.models import User

_SHOWN = 20
WHAT = {
    User.Role.ADMIN: "the overview: fix, cause, masked dissatisfaction, the worst causes",
    User.Role.MANAGER: "the overview: fix, cause, masked dissatisfaction, the worst causes",
    User.Role.ANALYST: "the overview: fix, cause, masked dissatisfaction, the worst causes",
    User.Role.TEAM_LEAD: "your team’s fixes, agents by name",
    User.Role.AGENT: "your own fixes, without anything of a customer",
    User.Role.CAUSE_OWNER: "your causes",
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff(CASES)
def digests(request: StaffRequest) -> HttpResponse:
    """What the reader gets by mail; a posted form subscribes."""
    if request.method == "POST":
        return _subscribed(request)
    user = request.user
    own = ReaderSettings.objects.filter(user=user).first()
    mails = DigestMail.objects.filter(subscription__user=user).select_related("subscription")
    with timezone.override(zone_of(user)):
        context = {
            "subscriptions": list(
                DigestSubscription.objects.filter(user=user, stopped_at=None).order_by("id")
            ),
            "mails": list(mails.order_by("-id")[:_SHOWN]),
            "cadences": DigestSubscription.Cadence.choices,
            "hours": [(hour, f"{hour:02d}:00") for hour in range(24)],
            "usual_hour": 8,
            "zones": sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"),
            "own_zone": own.time_zone if own else "",
            "company_zone": company_zone().key,
            "what": WHAT[role_of(user)],
        }
        return render_page(request, "console/digests.html", context, current="digests")


def _subscribed(request: StaffRequest) -> HttpResponse:
    hour, cadence = request.POST.get("hour", ""), request.POST.get("cadence", "")
    now = timezone.now()
    try:
        set_zone(request.user, request.POST.get("time_zone", ""))
        planning.moved(request.user, now)
        if cadence:
            number = int(hour) if hour.isascii() and hour.isdecimal() and len(hour) < 3 else -1
            planning.subscribe(request.user, cadence, number, now)
    except (UnknownTimeZone, DigestError) as error:
        messages.error(request, str(error))
    else:
        done = f"Your {cadence} digest is ordered." if cadence else "Your time zone is kept."
        messages.success(request, done)
    return HttpResponseRedirect(reverse("digests"))


@require_POST
@staff(CASES)
def stop_digest(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop a digest of one's own."""
    found = DigestSubscription.objects.filter(pk=pk, user=request.user).first()
    if found is None:
        raise Http404("No such digest.")
    planning.stop(found, timezone.now())
    messages.success(request, f"The {found.cadence} digest is stopped.")
    return HttpResponseRedirect(reverse("digests"))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def digest_off(request: HttpRequest, token: str) -> HttpResponse:
    """The link in a mail: GET shows, POST stops, also the mail client's own (RFC 8058). Without a
    login and whatever the body says: whoever posts here means it."""
    found = planning.find(token)
    if found is None:
        return _private(render(request, "console/shared_closed.html", status=404))
    if request.method == "POST":
        planning.stop(found, timezone.now())
        found.refresh_from_db()
    return _private(render(request, "console/digest_off.html", {"subscription": found}))


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store, private"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
