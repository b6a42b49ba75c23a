"""A survey handed over at the desk: its link on paper, or on a screen there."""

from __future__ import annotations

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_POST

from surveys.console.pages import render_page
from surveys.console.roles import ADMINS, IDENTITIES, StaffRequest, staff
from surveys.models import Invitation, Kiosk
from surveys.questionnaire import texts
from surveys.services import brands, in_person, kiosks
from surveys.services.access import visible_resolutions
from surveys.services.in_person import CannotHandOut, Slip
from surveys.services.kiosks import CannotShow

_LONGEST_NAME = 100


def qr_code(address: str) -> SafeString:
    """The address as a QR code, an SVG without styles: a fifth of it may be smudged."""
    code = segno.make(address, micro=False, error="m", boost_error=True)
    svg = code.svg_inline(omitsize=True, border=4, light="#fff", svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308 -- squares; the address itself is not in it


@require_http_methods(["GET", "HEAD", "POST"])
@staff(IDENTITIES)
def survey_link(request: StaffRequest, pk: int) -> HttpResponse:
    """The link and QR code of one survey to be printed; a POST hands it over."""
    invitation = _visible(request, pk)
    now = timezone.now()
    if request.method == "POST":
        try:
            in_person.hand_out(pk, now)
        except CannotHandOut as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(reverse("survey_link", args=[pk]))
    words = in_person.why_not(invitation, now)
    slip = None
    if not words and in_person.is_out(invitation, now):
        try:
            slip = in_person.slip_of(invitation)
        except CannotHandOut as error:
            words = str(error)
    context = {
        "invitation": invitation,
        "case": invitation.resolution.case,
        "why_not": words,
        "is_planned": invitation.status == Invitation.Status.SCHEDULED,
        "slip": slip and _shown(slip),
        "kiosks": kiosks.in_use(),
    }
    return render_page(request, "console/survey_link.html", context, current="cases")


def _shown(slip: Slip) -> dict[str, object]:
    """What stands on the paper, in the customer's language and under the name that they know."""
    invitation, policy = slip.invitation, slip.invitation.policy
    language = texts.choose_language(
        invitation.language, None, texts.languages(), texts.DEFAULT_LANGUAGE
    )
    brand = policy.brand if policy else None
    look = brands.look(brand.pk, brand.changed_at) if brand else None
    words = texts.catalogue(language)["in_person"]
    until = texts.last_day(invitation.expires_at, language)
    return {
        "lang": language,
        "dir": texts.direction(language),
        "company": look.name if look else settings.COMPANY_NAME,
        "words": words,
        "until": texts.fill(words["slip_until"], {"date": until}) if until else "",
        "address": slip.address,
        "code": qr_code(slip.address),
    }


@require_POST
@staff(IDENTITIES)
def show_on_kiosk(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a survey on a screen at the desk."""
    _visible(request, pk)
    chosen = request.POST.get("kiosk", "")
    try:
        if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
            raise Kiosk.DoesNotExist
        kiosk = kiosks.show(int(chosen), pk, timezone.now())
    except Kiosk.DoesNotExist:
        messages.error(request, "Choose a screen that is in use.")
    except (CannotHandOut, CannotShow) as error:
        messages.error(request, str(error))
    else:
        words = f"The survey waits on “{kiosk.name}” for 15 minutes, until somebody begins."
        messages.success(request, words)
    return HttpResponseRedirect(reverse("survey_link", args=[pk]))


def _visible(request: StaffRequest, pk: int) -> Invitation:
    """The survey, for who may see its case."""
    seen = visible_resolutions(request.scope).values("pk")
    found = (
        Invitation.objects.filter(pk=pk, resolution__in=seen)
        .select_related("customer", "resolution__case", "policy__brand")
        .first()
    )
    if found is None:
        raise Http404("No such survey.")
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@staff(ADMINS)
def kiosk_list(request: StaffRequest) -> HttpResponse:
    """The screens at the desk, and the form of a new one."""
    if request.method == "POST":
        name = request.POST.get("name", "").strip()[:_LONGEST_NAME]
        if not name or not name.isprintable():
            messages.error(request, "Give the screen a name that staff will know it by.")
        else:
            kiosks.make(name, request.user, timezone.now())
            messages.success(request, f"“{name}” is ready: open its address on the screen.")
        return HttpResponseRedirect(reverse("kiosks"))
    found = []
    for kiosk in kiosks.in_use():
        token = kiosks.token_of(kiosk)
        path = reverse("respondent:kiosk", args=[token]) if token else ""
        found.append({"kiosk": kiosk, "address": f"{settings.SITE_URL}{path}" if path else ""})
    return render_page(request, "console/kiosks.html", {"kiosks": found}, current="settings")


@require_POST
@staff(ADMINS)
def revoke_kiosk(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a screen out of use; its address opens nothing any more."""
    kiosks.revoke(pk, timezone.now())
    return HttpResponseRedirect(reverse("kiosks"))
