"""The builder: the page of three panes, what it posts to, the poll for others, the preview."""

from __future__ import annotations

import json
from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.builder.editor import previewing
from surveys.builder.editor.carrying import Outcome, carry_out
from surveys.builder.editor.desk import Asked, desk_of, others_changed
from surveys.builder.frame import EDITORS, may_edit, questionnaire_or_404, render_builder
from surveys.console.roles import SET_UP, StaffRequest, staff
from surveys.models import Questionnaire
from surveys.questionnaire.branding import stylesheet
from surveys.questionnaire.documents import from_builtins
from surveys.respondent.posts import UnreadableError, read_fields
from surveys.services import brands, drafts

PAGE = "builder/editor/page.html"


@require_safe
@csp_update({"frame-src": [SELF]})
@staff(SET_UP)
def questionnaire(request: StaffRequest, slug: str) -> HttpResponse:
    """Outline, editor and preview of the draft; the parts that changed where htmx asks for them."""
    found = questionnaire_or_404(slug)
    asked = Asked(request.GET.get("at", ""), request.GET.get("lang", ""), request.GET)
    context = desk_of(found, asked, request.user, timezone.now())
    if request.htmx and request.htmx.target == "editor":  # type: ignore[attr-defined]
        parts = {**context, "questionnaire": found, "may_edit": may_edit(request.user, found)}
        return render(request, "builder/editor/_chosen.html", parts)
    return render_builder(request, PAGE, context, questionnaire=found, current="questionnaire")


@require_POST
@csp_update({"frame-src": [SELF]})
@staff(EDITORS)
def edit(request: StaffRequest, slug: str) -> HttpResponse:
    """Store what was changed. Without htmx: back to the page, or the page with what went wrong."""
    found = questionnaire_or_404(slug)
    outcome = carry_out(found, request.POST, request.user, timezone.now())
    if request.htmx:  # type: ignore[attr-defined]
        return _answer(request, found, outcome)
    if outcome.status == 200:
        if outcome.message:
            messages.success(request, f"{outcome.message}.")
        query = urlencode({"at": outcome.place, "lang": outcome.language})
        return HttpResponseRedirect(f"{reverse('questionnaire', args=[slug])}?{query}")
    asked = Asked(outcome.place, outcome.language, request.POST)
    context = desk_of(found, asked, request.user, timezone.now(), outcome)
    return render_builder(
        request, PAGE, context, questionnaire=found, current="questionnaire", status=outcome.status
    )


def _answer(request: StaffRequest, found: Questionnaire, outcome: Outcome) -> HttpResponse:
    """The parts of the page that are other now. What is being typed in is left alone, unless a
    button has put something else in its place."""
    asked = Asked(outcome.place, outcome.language, request.POST)
    is_whole = outcome.structural or outcome.status == 409
    context = desk_of(found, asked, request.user, timezone.now(), outcome, goes_on=not is_whole)
    parts = {
        **context,
        "questionnaire": found,
        # Also where it was archived meanwhile: what was typed stays in its fields.
        "may_edit": True,
        "is_answer": True,
    }
    template = "builder/editor/_changed.html" if is_whole else "builder/editor/_saved.html"
    response = render(request, template, parts, status=outcome.status)
    if is_whole:
        response["HX-Retarget"] = "#editor"
        response["HX-Reswap"] = "outerHTML"
        query = urlencode({"at": context["place"], "lang": context["language"]})
        response["HX-Replace-Url"] = f"{context['page_url']}?{query}"
    is_saved = outcome.status == 200
    # At once, for what waits for this answer; the rest when its parts stand in the page.
    response["HX-Trigger"] = json.dumps({"builder:stored": {"saved": is_saved}})
    told = {"saved": is_saved, "focus": outcome.focus, "block": context["panel"].block}
    response["HX-Trigger-After-Settle"] = json.dumps({"builder:answered": told})
    return response


@require_safe
@staff(SET_UP)
def state(request: StaffRequest, slug: str) -> HttpResponse:
    """Whether anybody else has changed the draft since the revision that the page shows."""
    found = questionnaire_or_404(slug)
    draft = drafts.look(found, timezone.now())
    if str(draft.revision) == request.GET.get("revision") or draft.changed_by == request.user:
        return HttpResponse(status=204)
    asked = Asked(request.GET.get("at", ""), request.GET.get("lang", ""), request.GET)
    context = desk_of(found, asked, request.user, timezone.now())
    parts = {
        **context,
        "questionnaire": found,
        "may_edit": may_edit(request.user, found),
        "told": others_changed(draft, request.user),
        "is_answer": True,
    }
    return render(request, "builder/editor/_polled.html", parts)


# Changes nothing and stores nothing, so its form needs no token, which the real page has not got.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
@staff(SET_UP)
def preview(request: StaffRequest, slug: str) -> HttpResponse:
    """The respondent's own page of the draft, for the frame beside the editor."""
    found = questionnaire_or_404(slug)
    draft = drafts.look(found, timezone.now())
    definition = from_builtins(draft.definition, draft=True)
    trial = previewing.trial_of(request.GET, definition, definition.default_language)
    path = reverse("questionnaire_preview", args=[slug])
    if request.method == "POST":
        try:
            trial = previewing.after_post(trial, definition, read_fields(request))
        except UnreadableError as error:
            return HttpResponse(status=error.status)
        return HttpResponseRedirect(f"{path}?{trial.query()}")
    brand = brands.brand_for(found.pk)
    look = brands.look_of(brand) if brand else None
    return HttpResponse(previewing.document_of(trial, definition, path, look))


@require_safe
@staff(SET_UP)
def preview_style(request: StaffRequest, theme: str) -> HttpResponse:
    """The survey's own style sheet, or the few lines with a brand's colours, light or dark whatever
    the device of the designer is."""
    if "light" in request.GET or "dark" in request.GET:
        return _forced_colours(request, theme)
    path = finders.find("respondent/survey.css")
    if theme not in previewing.FORCED or not isinstance(path, str):
        raise Http404("No such style sheet.")
    sheet = previewing.forced(Path(path).read_text(encoding="utf-8"), theme)
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


def _forced_colours(request: StaffRequest, theme: str) -> HttpResponse:
    accents = request.GET.get("light", ""), request.GET.get("dark", "")
    if theme not in previewing.FORCED or not all(map(previewing.is_colour, accents)):
        raise Http404("No such style sheet.")
    sheet = previewing.forced(stylesheet(*accents), theme)
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")
