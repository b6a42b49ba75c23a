"""Brands: the list, the form of one, and how a survey and a mail look with it."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.builder.branding.forms import BrandForm, values_of
from surveys.builder.branding.previews import mail_document, page_document
from surveys.builder.documents import SCHEMES, in_frame, scheme_of
from surveys.builder.frame import EDITORS, may_edit
from surveys.console.pages import render_page
from surveys.console.roles import SET_UP, StaffRequest, staff
from surveys.models import Brand
from surveys.questionnaire import texts
from surveys.services import brands
from surveys.services.brands import BrandFaultsError, InUseError

READS = ["GET", "HEAD", "POST"]


def brand_or_404(slug: str) -> Brand:
    """Raises: Http404."""
    found = brands.named(slug)
    if found is None:
        raise Http404("No such brand.")
    return found


@require_safe
@staff(SET_UP)
def all_brands(request: StaffRequest) -> HttpResponse:
    """Every brand with its logo and colours, and the policies that choose it."""
    found = Brand.objects.prefetch_related("policy_set")
    shown = [
        {"brand": brand, "look": brands.look_of(brand), "policies": list(brand.policy_set.all())}
        for brand in found
    ]
    context = {"brands": shown, "may_edit": may_edit(request.user)}
    return render_page(request, "builder/brands.html", context, current="brands")


@require_http_methods(READS)
@csp_update({"frame-src": [SELF]})
@staff(EDITORS)
def new_brand(request: StaffRequest) -> HttpResponse:
    """The form of a brand that is not there yet."""
    return _edit(request, None)


@require_http_methods(READS)
@csp_update({"frame-src": [SELF]})
@staff(SET_UP)
def one_brand(request: StaffRequest, slug: str) -> HttpResponse:
    """The form of a brand; who may not change it reads it."""
    if request.method == "POST" and not may_edit(request.user):
        raise Http404("No such page for this role.")
    return _edit(request, brand_or_404(slug))


def _edit(request: StaffRequest, brand: Brand | None) -> HttpResponse:
    stored = brand or Brand()
    form = _form(request, stored)
    if request.method == "POST" and form.is_valid():
        try:
            kept = brands.save(form.wanted(brand), brand)
        except BrandFaultsError as faults:
            form.mark(faults)
        else:
            messages.success(request, f"The brand “{kept.name}” is stored.")
            return HttpResponseRedirect(reverse("brand", args=[kept.slug]))
    context = {
        "form": form,
        "brand": brand,
        "look": brands.look_of(brand) if brand else None,
        "may_edit": may_edit(request.user),
        "languages": [(code, texts.language_name(code)) for code in texts.languages()],
        "schemes": SCHEMES,
        "preview": reverse("brand_preview") + (f"?brand={brand.slug}" if brand else ""),
    }
    status = 400 if form.errors else 200
    return render_page(request, "builder/brand.html", context, current="brands", status=status)


def _form(request: HttpRequest, brand: Brand) -> BrandForm:
    if request.method != "POST":
        return BrandForm(initial=values_of(brand))
    return BrandForm(request.POST, request.FILES, initial=values_of(brand))


@require_http_methods(READS)
@in_frame
@staff(SET_UP)
def brand_preview(request: StaffRequest) -> HttpResponse:
    """A survey page or a mail with the brand as the form has it just now; stores nothing."""
    slug = request.GET.get("brand", "")
    brand = brand_or_404(slug) if slug else None
    asked: Any = request.POST if request.method == "POST" else request.GET
    scheme = scheme_of(asked.get("scheme"))
    language = asked.get("language", "")
    if language not in texts.languages():
        language = texts.DEFAULT_LANGUAGE
    try:
        shown = _as_posted(request, brand)
    except BrandFaultsError as faults:
        return render(request, "builder/_brand_faults.html", {"faults": faults.errors}, status=422)
    document = mail_document if asked.get("part") == "mail" else page_document
    return HttpResponse(document(shown, _inline_logo(shown), language, scheme))


def _as_posted(request: HttpRequest, brand: Brand | None) -> Brand:
    if request.method != "POST":
        return brand or Brand(name="Your brand")
    form = _form(request, brand or Brand())
    if not form.is_valid():
        errors = [(name, f"{words[0]}") for name, words in form.errors.items()]
        raise BrandFaultsError(errors)
    return brands.unsaved(form.wanted(brand, slug="preview"), brand)


def _inline_logo(brand: Brand) -> str:
    """The logo as an address that needs no second request."""
    if not brand.logo:
        return ""
    return f"data:{brand.logo_type};base64,{b64encode(bytes(brand.logo)).decode('ascii')}"


@require_POST
@staff(EDITORS)
def remove_brand(request: StaffRequest, slug: str) -> HttpResponse:
    """Delete a brand that no policy chooses."""
    brand = brand_or_404(slug)
    try:
        brands.remove(brand)
    except InUseError as error:
        messages.error(request, f"The brand “{brand.name}” cannot be removed. {error}")
        return HttpResponseRedirect(reverse("brand", args=[slug]))
    messages.success(request, f"The brand “{brand.name}” is removed.")
    return HttpResponseRedirect(reverse("brands"))
