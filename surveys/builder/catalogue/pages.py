"""The list of questionnaires, and how a new one begins: from the gallery, blank, or from a file."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.builder.catalogue.cards import Card, card_named, cards
from surveys.builder.catalogue.uploads import document_in
from surveys.builder.frame import EDITORS, may_edit, questionnaire_or_404
from surveys.console.pages import render_page
from surveys.console.roles import SET_UP, StaffRequest, staff
from surveys.models import Questionnaire
from surveys.questionnaire.documents import encode, from_builtins
from surveys.questionnaire.gallery import template
from surveys.questionnaire.schema import DefinitionError
from surveys.services import copying, questionnaires
from surveys.services.questionnaires import InUseError, Overview, UnusableNameError
from surveys.services.reviewing import Review, definition_of, draft_or_newest, review
from surveys.services.storable import is_storable


@dataclass(frozen=True)
class Row:
    """One questionnaire of the list."""

    overview: Overview
    url: str
    state: str
    tone: str  # class of the state's tag
    n_errors: int
    n_warnings: int
    languages: tuple[str, ...]

    @property
    def origin(self) -> str:
        """ "Telecommunications, from “Broadband and mobile”"; empty where it is not known."""
        try:
            known = template(self.overview.questionnaire.template)
        except KeyError:
            return ""
        return f"{known.trade}, from “{known.name}”"

    @property
    def findings(self) -> str:
        """ "2 errors, 1 warning"."""
        parts = [(self.n_errors, "error"), (self.n_warnings, "warning")]
        told = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts if n]
        return ", ".join(told) or "none"


def edit_address(slug: str) -> str:
    """The page where a questionnaire is edited."""
    return reverse("questionnaire", args=[slug])


def _row(overview: Overview) -> Row:
    questionnaire = overview.questionnaire
    url = edit_address(questionnaire.slug)
    newest, draft = overview.newest, overview.draft
    try:
        if draft is None:
            languages = definition_of(newest).languages if newest else ()
            return Row(overview, url, *_state(newest is not None, None), 0, 0, languages)
        definition = from_builtins(draft.definition, draft=True)
    except DefinitionError:
        return Row(overview, url, "cannot be read", "bad", 1, 0, ())
    found = review(questionnaire, definition, newest)
    n_errors, n_warnings = len(found.errors), len(found.warnings)
    if not found.is_new:
        n_errors = n_warnings = 0  # what is published was accepted
    state, tone = _state(newest is not None, found)
    return Row(overview, url, state, tone, n_errors, n_warnings, definition.languages)


def _state(is_published: bool, found: Review | None) -> tuple[str, str]:
    if not is_published:
        return "not published yet", "warn"
    if found is not None and found.is_new:
        return "unpublished changes", "warn"
    return "published", "good"


@require_safe
@staff(SET_UP)
def questionnaire_list(request: StaffRequest) -> HttpResponse:
    """Every questionnaire in use; the archived ones below."""
    asked = request.GET.get("archived", "")
    just_archived = asked if is_storable(asked) else ""
    context = {
        "rows": [_row(one) for one in questionnaires.overviews(archived=False)],
        "archived": questionnaires.overviews(archived=True),
        "just_archived": Questionnaire.objects.filter(
            slug=just_archived, archived_at__isnull=False
        ).first(),
        "may_edit": may_edit(request.user),
    }
    return render_page(request, "builder/questionnaires.html", context, current="questionnaires")


@require_http_methods(["GET", "HEAD", "POST"])
@staff(EDITORS)
def new(request: StaffRequest) -> HttpResponse:
    """The gallery; posted, a questionnaire begun from one of its cards."""
    fault, name = "", ""
    chosen = request.GET.get("template", "")
    if request.method == "POST":
        name, chosen = request.POST.get("name", ""), request.POST.get("template", "")
        card = card_named(chosen)
        if card is None:
            fault = "Choose one of the cards."
        else:
            try:
                return _begun(request, card, name)
            except UnusableNameError as error:
                fault = f"The name {error.message}."
    found = cards()
    if card_named(chosen) is None:
        chosen = found[0].slug
    context = {"cards": found, "fault": fault, "name": name, "chosen": chosen}
    return render_page(
        request,
        "builder/new.html",
        context,
        current="questionnaires",
        status=400 if fault else 200,
    )


def _begun(request: StaffRequest, card: Card, name: str) -> HttpResponse:
    questionnaire = questionnaires.begin(
        name.strip() or card.name,
        card.definition,
        user=request.user,
        now=timezone.now(),
        template=card.template,
    )
    messages.success(
        request, f"“{questionnaire.name}” is begun. Nobody is asked before it is published."
    )
    return HttpResponseRedirect(edit_address(questionnaire.slug))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(EDITORS)
def import_new(request: StaffRequest) -> HttpResponse:
    """A questionnaire from a JSON file; what is wrong is said with its place."""
    context: dict[str, object] = {}
    if request.method == "POST":
        try:
            raw, told = document_in(request)
            context = {"name": request.POST.get("name", ""), "document": told}
            definition = questionnaires.read_document(raw)
            name = request.POST.get("name", "").strip() or "Imported questionnaire"
            questionnaire = questionnaires.begin(
                name, definition, user=request.user, now=timezone.now()
            )
        except DefinitionError as error:
            context |= {"fault_path": error.path, "fault": error.message}
        except UnusableNameError as error:
            context |= {"fault_path": "", "fault": f"The name {error.message}."}
        else:
            messages.success(request, f"“{questionnaire.name}” is imported as a draft.")
            return HttpResponseRedirect(edit_address(questionnaire.slug))
    status = 400 if "fault" in context else 200
    return render_page(
        request, "builder/import.html", context, current="questionnaires", status=status
    )


@require_POST
@staff(EDITORS)
def duplicate(request: StaffRequest, slug: str) -> HttpResponse:
    """A copy of the draft, else of the newest version, under a name of its own."""
    questionnaire = questionnaire_or_404(slug)
    try:
        copy = copying.duplicate(questionnaire, request.user, timezone.now())
    except DefinitionError as error:
        messages.error(request, f"It cannot be copied: {error.message} ({error.path}).")
        return HttpResponseRedirect(reverse("questionnaire_versions", args=[slug]))
    messages.success(request, f"“{copy.name}” is begun.")
    return HttpResponseRedirect(edit_address(copy.slug))


@require_POST
@staff(EDITORS)
def rename(request: StaffRequest, slug: str) -> HttpResponse:
    """Another name; its address stays, so that links and filters go on working."""
    questionnaire = questionnaire_or_404(slug)
    try:
        questionnaires.rename(questionnaire, request.POST.get("name", ""))
    except UnusableNameError as error:
        messages.error(request, f"The name {error.message}.")
    else:
        messages.success(request, f"It is now called “{questionnaire.name}”.")
    return HttpResponseRedirect(reverse("questionnaire_versions", args=[slug]))


@require_POST
@staff(EDITORS)
def archive(request: StaffRequest, slug: str) -> HttpResponse:
    """Out of the list, with a way back; not while a policy asks it."""
    questionnaire = questionnaire_or_404(slug)
    try:
        questionnaires.archive(questionnaire, timezone.now())
    except InUseError as error:
        names = " and ".join(f"“{policy.name}”" for policy in error.policies)
        messages.error(
            request,
            f"“{questionnaire.name}” stays: it is asked by the policy {names}. "
            "Give the policy another questionnaire first.",
        )
        return HttpResponseRedirect(reverse("questionnaire_versions", args=[slug]))
    return HttpResponseRedirect(f"{reverse('questionnaires')}?archived={slug}")


@require_POST
@staff(EDITORS)
def bring_back(request: StaffRequest, slug: str) -> HttpResponse:
    """Take the archiving back."""
    questionnaire = questionnaire_or_404(slug)
    questionnaires.bring_back(questionnaire)
    messages.success(request, f"“{questionnaire.name}” is back.")
    return HttpResponseRedirect(reverse("questionnaires"))


@require_safe
@staff(SET_UP)
def export(request: StaffRequest, slug: str) -> HttpResponse:
    """The draft, else the newest version, or `?version=N`, as JSON that can be imported again."""
    questionnaire = questionnaire_or_404(slug)
    number = request.GET.get("version", "")
    try:
        if number:
            wanted = int(number) if number.isdecimal() and len(number) < 8 else -1
            version = questionnaire.versions.filter(
                published_at__isnull=False, number=wanted
            ).first()
            definition = definition_of(version) if version else None
        else:
            _, definition = draft_or_newest(questionnaire)
    except DefinitionError:
        definition = None
    if definition is None:
        return HttpResponse("There is no such version.\n", status=404, content_type="text/plain")
    name = slugify(questionnaire.slug) + (f"-v{number}" if number else "")
    return HttpResponse(
        encode(definition),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
    )
