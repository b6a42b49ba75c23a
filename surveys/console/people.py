"""Agents and their ids: those of one person joined by an admin, as shown before, and undone."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, StaffRequest, staff
from surveys.console.taxonomy import page_number
from surveys.models import Agent, AgentChange
from surveys.services import agent_identities
from surveys.services.agent_identities import JoinError
from surveys.services.authors import can_undo

PAGE: Final = 50
SHOWN_CHANGES: Final = 50
_LONGEST: Final = 200


@require_safe
@staff(ADMINS)
def people(request: StaffRequest) -> HttpResponse:
    """All agents by name with their other ids; with `?agent=&into=` what joining would move."""
    asked = {
        name: request.GET.get(name, "").strip().replace("\x00", "")[:_LONGEST]
        for name in ("q", "agent", "into")
    }
    preview, fault = None, ""
    if asked["agent"] and asked["into"]:
        try:
            preview = agent_identities.preview(asked["agent"], asked["into"])
        except JoinError as error:
            fault = str(error)
    found = Agent.objects.filter(joined_into=None).select_related("team")
    if words := asked["q"]:
        known = Q(name__icontains=words) | Q(external_id__icontains=words)
        known |= Q(identities__external_id__icontains=words)
        found = found.filter(known).distinct()
    page = page_number(request.GET.get("page", ""))
    lines = list(found.prefetch_related("identities")[page * PAGE : (page + 1) * PAGE + 1])
    changes = AgentChange.objects.select_related("by", "by_key", "undone_by").defer("was")
    context = {
        **asked,
        "lines": lines[:PAGE],
        "page": page,
        "has_more": len(lines) > PAGE,
        "preview": preview,
        "fault": fault,
        "log": [(change, can_undo(change)) for change in changes[:SHOWN_CHANGES]],
    }
    status = 400 if fault else 200
    return render_page(request, "console/people.html", context, current="settings", status=status)


@require_POST
@staff(ADMINS)
def join(request: StaffRequest) -> HttpResponse:
    """Join two ids, as it was shown before."""
    told = [request.POST.get(name, "").replace("\x00", "")[:_LONGEST] for name in ("agent", "into")]
    try:
        done = agent_identities.join(told[0], told[1], timezone.now(), request.user)
    except JoinError as error:
        messages.error(request, str(error))
    else:
        moved = f"{done.n_resolutions:,} cases and {done.n_answers:,} answers"
        messages.success(request, f"“{done.external_id}” is “{done.into}” now: {moved} joined.")
    return HttpResponseRedirect(reverse("people"))


@require_POST
@staff(ADMINS)
def undo_join(request: StaffRequest, pk: int) -> HttpResponse:
    """Part what was joined."""
    try:
        done = agent_identities.undo(pk, timezone.now(), request.user)
    except AgentChange.DoesNotExist:
        raise Http404("No such change.") from None
    except JoinError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{done.external_id}” is an agent of its own again.")
    return HttpResponseRedirect(reverse("people"))
