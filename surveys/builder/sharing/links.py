"""The links that show a questionnaire to somebody without a login: made, listed, revoked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from surveys.builder.frame import EDITORS, may_edit, questionnaire_or_404, render_builder
from surveys.builder.mailing.choice import DRAFT, version_of
from surveys.console.roles import SET_UP, StaffRequest, staff
from surveys.models import PreviewLink, Questionnaire
from surveys.services import preview_links
from surveys.services.preview_links import LONGEST_DAYS, LinkError

USUAL_DAYS = 7


@dataclass(frozen=True)
class Line:
    """A link as the list shows it. ``address`` is empty for who may not hand it on."""

    pk: int
    shows: str
    made_by: str
    made_at: dt.datetime
    expires_at: dt.datetime
    state: str
    address: str


def _line(link: PreviewLink, now: dt.datetime, shows_address: bool) -> Line:
    state = "open" if link.expires_at > now else "expired"
    state = "revoked" if link.revoked_at else state
    token = preview_links.token_of(link) if state == "open" and shows_address else None
    path = reverse("preview", args=[token]) if token else ""
    return Line(
        pk=link.pk,
        shows=f"Version {link.version.number}" if link.version else "The draft",
        made_by=str(link.created_by) if link.created_by else "somebody who left",
        made_at=link.created_at,
        expires_at=link.expires_at,
        state=state,
        address=f"{settings.SITE_URL}{path}" if path else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff(SET_UP)
def questionnaire_links(request: StaffRequest, slug: str) -> HttpResponse:
    """The links of a questionnaire, and the form of a new one."""
    questionnaire = questionnaire_or_404(slug)
    edits = may_edit(request.user)
    if request.method == "POST":
        if not edits:
            raise Http404("No such page for this role.")
        return _made(request, questionnaire)
    now = timezone.now()
    versions = questionnaire.versions.order_by("-number").values_list("number", flat=True)[:20]
    context = {
        "links": [_line(link, now, edits) for link in preview_links.links_of(questionnaire)],
        "choices": [(DRAFT, "The draft"), *((str(n), f"Version {n}") for n in versions)],
        "usual_days": USUAL_DAYS,
        "longest_days": LONGEST_DAYS,
    }
    return render_builder(
        request,
        "builder/links.html",
        context,
        questionnaire=questionnaire,
        current="questionnaire_links",
    )


def _made(request: StaffRequest, questionnaire: Questionnaire) -> HttpResponse:
    raw = request.POST.get("days", "")
    days = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 4 else 0
    version = version_of(questionnaire, request.POST.get("version", DRAFT))
    try:
        preview_links.make(questionnaire, version, user=request.user, days=days, now=timezone.now())
    except LinkError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The link is made; it stands at the top of the list.")
    return HttpResponseRedirect(reverse("questionnaire_links", args=[questionnaire.slug]))


@require_POST
@staff(EDITORS)
def revoke_preview_link(request: StaffRequest, slug: str, link_id: int) -> HttpResponse:
    """Close a link for good."""
    questionnaire = questionnaire_or_404(slug)
    link = PreviewLink.objects.filter(pk=link_id, questionnaire=questionnaire).first()
    if link is None:
        raise Http404("No such link.")
    preview_links.revoke(link, timezone.now())
    messages.success(request, "The link is revoked: it opens nothing any more.")
    return HttpResponseRedirect(reverse("questionnaire_links", args=[slug]))
