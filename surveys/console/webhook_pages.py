"""Webhooks: who is told of what happens here, how it went, and what to do about it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys import tasks
from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.models import WebhookDelivery, WebhookEndpoint
from surveys.services.outgoing import endpoints, kinds, queue, sending, signing
from surveys.services.outgoing.endpoints import Fault, Wish
from surveys.services.tokens import LostKeyError

PAGE: Final = 50
_TONES: Final = {"delivered": "good", "failed": "bad", "queued": "", "sending": ""}
Status = WebhookDelivery.Status


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def webhooks(request: StaffRequest) -> HttpResponse:
    """The endpoints with their health, and the form of a new one."""
    wish, fault = _wish(request, list(kinds.EVENTS)), None
    if request.method == "POST":
        try:
            made = endpoints.add(wish, timezone.now(), request.user)
        except Fault as error:
            fault = error
        else:
            messages.success(request, f"“{made.name}” is told from now on. Its secret is below.")
            return HttpResponseRedirect(reverse("webhook", args=[made.pk]))
    tallies = endpoints.tallies()
    found = [
        {"endpoint": each, "n": tallies.get(each.pk, {})} for each in WebhookEndpoint.objects.all()
    ]
    context = {"lines": found, **_form(wish, fault), "days": endpoints.KEPT.days}
    status = 400 if fault else 200
    return render_page(request, "console/webhooks.html", context, current="settings", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def one_webhook(request: StaffRequest, pk: int) -> HttpResponse:
    """One endpoint: its secret, its settings, and the log of what it was told."""
    endpoint, fault = _found(pk), None
    wish = Wish(endpoint.name, endpoint.url, endpoint.events, endpoint.with_personal_data)
    if request.method == "POST":
        wish = _wish(request, [])
        try:
            endpoints.change(endpoint, wish)
        except Fault as error:
            fault, endpoint = error, _found(pk)
        else:
            messages.success(request, "Saved. What waits goes to the address as it is now.")
            return HttpResponseRedirect(reverse("webhook", args=[pk]))
    state, number = request.GET.get("state", ""), _page_number(request.GET.get("page", ""))
    log = endpoints.deliveries(endpoint, state)
    start = number * PAGE
    shown = list(log[start : start + PAGE + 1])
    context = {
        "endpoint": endpoint,
        "secret": endpoints.secret_shown(endpoint),
        "signs_too": endpoint.former_until and endpoint.former_until > timezone.now(),
        "lines": [{"delivery": each, "tone": _TONES[each.status]} for each in shown[:PAGE]],
        "has_more": len(shown) > PAGE,
        "page": number,
        "state": state if state in Status.values else "",
        "states": Status.choices,
        "n": endpoints.tallies().get(pk, {}),
        "overlap": int(signing.OVERLAP.total_seconds() // 3600),
        "days": endpoints.KEPT.days,
        **_form(wish, fault),
    }
    status = 400 if fault else 200
    return render_page(request, "console/webhook.html", context, current="settings", status=status)


@require_POST
@staff(ADMINS)
def do_to_webhook(request: StaffRequest, pk: int, action: str) -> HttpResponse:
    """What the buttons of an endpoint's page do."""
    endpoint = _found(pk)
    act = _ACTIONS.get(action)
    if act is None:
        raise Http404("No such action.")
    messages.success(request, act(endpoint, timezone.now()))
    tasks.wake_webhooks()
    page = reverse("webhooks") if action == "remove" else reverse("webhook", args=[pk])
    return HttpResponseRedirect(page)


def _test(endpoint: WebhookEndpoint, now: dt.datetime) -> str:
    endpoints.test(endpoint, now)
    if endpoint.state != "active":
        return "A test event waits: it leaves when the endpoint is resumed."
    return "A test event leaves within seconds. Load the page again to see how it went."


def _rotate(endpoint: WebhookEndpoint, now: dt.datetime) -> str:
    endpoints.rotate(endpoint, now)
    return "The secret is new. Until tomorrow the former one signs as well: change it in time."


def _pause(endpoint: WebhookEndpoint, now: dt.datetime) -> str:
    endpoints.pause(endpoint, now)
    return "Paused. What happens meanwhile waits."


def _resume(endpoint: WebhookEndpoint, now: dt.datetime) -> str:
    endpoints.resume(endpoint)
    return "Resumed. What waited leaves now."


def _resend(endpoint: WebhookEndpoint, now: dt.datetime) -> str:
    n_again = endpoints.resend_failed(endpoint, now - endpoints.KEPT, now)
    return f"{n_again:,} of those given up {'is' if n_again == 1 else 'are'} sent again."


def _remove(endpoint: WebhookEndpoint, now: dt.datetime) -> str:
    endpoints.remove(endpoint)
    return f"“{endpoint.name}” is removed and told of nothing any more."


_ACTIONS: Final[dict[str, Callable[[WebhookEndpoint, dt.datetime], str]]] = {
    "test": _test,
    "rotate": _rotate,
    "pause": _pause,
    "resume": _resume,
    "resend": _resend,
    "remove": _remove,
}


@require_safe
@staff(ADMINS)
def one_delivery(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """One delivery: what is sent, and every attempt with its answer."""
    endpoint, delivery = _found(pk), _delivery(pk, number)
    event = delivery.event
    try:
        made = sending.request_of(event, endpoint, timezone.now())
        headers, body = made.headers, made.body
    except LostKeyError:
        headers = {"webhook-id": sending.name_of(event)}
        body = sending.body_for(event, endpoint)
    context = {
        "endpoint": endpoint,
        "delivery": delivery,
        "tone": _TONES[delivery.status],
        "attempts": list(delivery.attempts.all()),
        "most": queue.MAX_ATTEMPTS,
        "headers": headers,
        "body": json.dumps(json.loads(body), indent=2, ensure_ascii=False),
    }
    return render_page(request, "console/webhook_delivery.html", context, current="settings")


@require_POST
@staff(ADMINS)
def resend_delivery(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """Send one delivery again."""
    endpoint, delivery = _found(pk), _delivery(pk, number)
    if endpoints.resend(endpoint, delivery.pk, timezone.now()):
        tasks.wake_webhooks()
        messages.success(request, "It is sent again, under the same id.")
    else:
        messages.error(request, "It is just being sent; look again in a moment.")
    return HttpResponseRedirect(reverse("webhook_delivery", args=[pk, number]))


def _wish(request: StaffRequest, usual: list[str]) -> Wish:
    given = request.POST
    if request.method != "POST":
        return Wish("", "", usual)
    return Wish(
        given.get("name", "").strip(),
        given.get("url", "").strip(),
        given.getlist("events"),
        given.get("with_personal_data") == "yes",
    )


def _form(wish: Wish, fault: Fault | None) -> dict[str, Any]:
    chosen = [(event, words, event in wish.events) for event, words in kinds.EVENTS.items()]
    return {"wish": wish, "events": chosen, "fault": fault}


def _found(pk: int) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404("No such endpoint.")
    return found


def _delivery(pk: int, number: int) -> WebhookDelivery:
    found = WebhookDelivery.objects.select_related("event").filter(endpoint=pk)
    delivery = found.filter(pk=number).first() if number < 2**63 else None
    if delivery is None:
        raise Http404("No such delivery.")
    return delivery


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
