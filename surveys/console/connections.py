"""Connections to helpdesks: the list, a new one, and the page of one with its inspector."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from surveys import helpdesks
from surveys.console.helpdesk_guide import GUIDES
from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.helpdesks.telling import FIELDS
from surveys.models import Connection, HookDelivery, HookEvent
from surveys.services import connections as service
from surveys.services import hook_inspector, hook_saved
from surveys.services.asking import queue as asking
from surveys.services.asking.access import lookup_of
from surveys.services.connections import KINDS, MEANINGS, ConnectionFault
from surveys.services.writing import choosing
from surveys.services.writing import queue as writing


@require_safe
@staff(ADMINS)
def connections(request: StaffRequest) -> HttpResponse:
    """How cases get in: helpdesks by webhook, then the API and files."""
    found = list(Connection.objects.filter(deleted_at=None).order_by("name", "pk"))
    health = hook_inspector.health(found, timezone.now())
    context = {
        "site_url": settings.SITE_URL,
        "lines": [(one, KINDS.get(one.kind, one.kind), health[one.pk]) for one in found],
        "deleted": Connection.objects.exclude(deleted_at=None).order_by("-deleted_at"),
    }
    return render_page(request, "console/connections.html", context, current="connections")


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def new_connection(request: StaffRequest) -> HttpResponse:
    """Choose the helpdesk."""
    fault = ""
    if request.method == "POST":
        kind, name = request.POST.get("kind", ""), request.POST.get("name", "")
        try:
            made = service.make(kind, name, user=request.user)
            return HttpResponseRedirect(reverse("connection", args=[made.slug]))
        except ConnectionFault as error:
            fault = str(error) if kind else "Choose a helpdesk first."
    context = {
        "fault": fault,
        "kinds": [(k, n, GUIDES[k].line) for k, n in KINDS.items() if k in helpdesks.ADAPTERS],
        "chosen": request.POST.get("kind", request.GET.get("kind", "")),
        "name": request.POST.get("name", "")[: service.LONGEST_NAME],
    }
    status = 400 if fault else 200
    return render_page(
        request, "console/connection_new.html", context, current="connections", status=status
    )


@require_safe
@staff(ADMINS)
def connection(request: StaffRequest, slug: str) -> HttpResponse:
    """One connection: how to set it up, what came, what it means, how it is doing."""
    held = held_or_404(slug)
    known = service.secrets_of(held)
    state = HookEvent.State
    context = _inspected(held) | {
        "guide": GUIDES[held.kind],
        "address": service.address_of(held),
        "secret": known[0] if known else "",
        "is_rotating": held.former_secret is not None,
        "template": hook_inspector.template_of(held),
        "statuses": _statuses(held),
        "meanings": MEANINGS,
        "field_names": sorted(FIELDS),
        "lookup": lookup_of(held),
        "n_asking": asking.n_asking(held),
        "rests_until": asking.rests_until(held),
        "is_written_back": choosing.is_offered(held),
        "takes_tags": choosing.takes_tags(held),
        "field_hint": choosing.field_hint(held),
        "notes": writing.tallies(held),
        "failed_notes": writing.failed(held),
        "aside": hook_inspector.open_events(held, state.QUARANTINED),
        "unaddressed": hook_inspector.open_events(held, state.NEEDS_ENRICHMENT),
    }
    return render_page(request, "console/connection.html", context, current="connections")


@require_safe
@staff(ADMINS)
def connection_calls(request: StaffRequest, slug: str) -> HttpResponse:
    """The inspector's part of the page, for the page that looks again by itself; 204 where nothing
    has come since."""
    held = held_or_404(slug)
    if request.GET.get("after") == str(hook_inspector.newest(held)):
        return HttpResponse(status=204)
    return render(request, "console/_connection_calls.html", _inspected(held))


@require_safe
@staff(ADMINS)
def connection_call(request: StaffRequest, slug: str, pk: int) -> HttpResponse:
    """One call: its headers, its body, and what was made of it."""
    delivery = delivery_or_404(slug, pk)
    masks = not request.scope.sees_identity
    document = None if masks else hook_inspector.parsed(delivery)
    held = delivery.connection
    context = {
        "connection": held,
        "kind": KINDS.get(held.kind, held.kind),
        "call": delivery,
        "body": hook_inspector.shown(delivery, masks=masks),
        "fields": [] if document is None else hook_inspector.fields(document, held.cause_path),
        "can_replay": delivery.is_whole and delivery.body is not None and not delivery.is_refused,
    }
    return render_page(request, "console/connection_call.html", context, current="connections")


@require_safe
@staff(ADMINS)
def save_call(request: StaffRequest, slug: str, pk: int) -> HttpResponse:
    """One call as a file, for `replay_webhook` or somebody's test."""
    delivery = delivery_or_404(slug, pk)
    if delivery.body is None or not request.scope.sees_identity:
        raise Http404("Its body was not kept.")
    answer = HttpResponse(hook_saved.write(delivery), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{slug}-{pk}.json"'
    return answer


def held_or_404(slug: str) -> Connection:
    """The connection of an address."""
    found = service.find(slug)
    if found is None or found.kind not in helpdesks.ADAPTERS:
        raise Http404("No such connection.")
    return found


def delivery_or_404(slug: str, pk: int) -> HookDelivery:
    """A line of that connection's inspector."""
    found = (
        HookDelivery.objects.filter(pk=pk, connection=held_or_404(slug))
        .select_related("connection")
        .first()
    )
    if found is None:
        raise Http404("No such delivery.")
    return found


def warn(request: StaffRequest, error: ConnectionFault) -> None:
    """What could not be done, on the next page."""
    messages.error(request, str(error))


def _inspected(held: Connection) -> dict[str, Any]:
    """What page and part share."""
    lines = hook_inspector.lines(held)
    return {
        "connection": held,
        "kind": KINDS.get(held.kind, held.kind),
        "health": hook_inspector.health([held], timezone.now())[held.pk],
        "lines": lines,
        "newest": lines[0].pk if lines else 0,
    }


def _statuses(held: Connection) -> list[tuple[str, str, str]]:
    """Statuses to choose a meaning for: (name, chosen meaning, what it is taken for otherwise).
    Those seen in calls and those chosen come first."""
    known = hook_inspector.known_statuses(held)
    folded = {name.casefold(): meaning for name, meaning in known.items()}
    names = dict.fromkeys([*held.statuses, *hook_inspector.seen_statuses(held)])
    return [(n, held.statuses.get(n, ""), folded.get(n.casefold(), "")) for n in names]
