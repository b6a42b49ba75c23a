"""The versions of a questionnaire: listed, read, compared, and brought back into the draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.builder.arms import both_arms
from surveys.builder.catalogue.pages import edit_address
from surveys.builder.catalogue.uploads import document_in
from surveys.builder.frame import EDITORS, questionnaire_or_404, render_builder, unless_archived
from surveys.builder.publishing.changing import Group, groups_of, stored_groups
from surveys.console.roles import SET_UP, StaffRequest, staff
from surveys.models import Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from surveys.questionnaire.diff import differences
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.schema import Definition, DefinitionError
from surveys.services import drafts, questionnaires
from surveys.services.drafts import Conflict
from surveys.services.reviewing import definition_of, review

CURRENT: Final = "questionnaire_versions"
DRAFT: Final = "draft"


@dataclass(frozen=True)
class Line:
    """One version of the list."""

    version: QuestionnaireVersion
    previous: int | None
    n_changes: int
    restarted: tuple[str, ...]  # the items whose trend starts anew with it


def _published(questionnaire: Questionnaire) -> list[QuestionnaireVersion]:
    return list(
        questionnaire.versions.filter(published_at__isnull=False)
        .select_related("published_by")
        .order_by("-number")
    )


def version_or_404(questionnaire: Questionnaire, number: int) -> QuestionnaireVersion:
    """Raises: Http404."""
    version = (
        questionnaire.versions.filter(published_at__isnull=False, number=number)
        .select_related("published_by")
        .first()
    )
    if version is None:
        raise Http404("No such version.")
    return version


def _line(version: QuestionnaireVersion, previous: int | None) -> Line:
    restarted = dict.fromkeys(
        change.get("item", "") or "every question"
        for change in version.changes
        if not change.get("comparable", True)
    )
    return Line(version, previous, len(version.changes), tuple(restarted))


@require_safe
@staff(SET_UP)
def version_list(request: StaffRequest, slug: str) -> HttpResponse:
    """All versions, the newest first; below, what is done with the questionnaire as a whole."""
    questionnaire = questionnaire_or_404(slug)
    versions = _published(questionnaire)
    numbers = [version.number for version in versions]
    lines = [
        _line(version, numbers[place + 1] if place + 1 < len(numbers) else None)
        for place, version in enumerate(versions)
    ]
    draft = QuestionnaireDraft.objects.filter(questionnaire=questionnaire).first()
    context = {
        "lines": lines,
        "draft": draft,
        "has_changes": draft is not None and _has_changes(questionnaire, draft),
        "numbers": numbers,
        "old": str(numbers[0 if draft is not None or len(numbers) == 1 else 1]) if numbers else "",
        "new": DRAFT if draft is not None else str(numbers[0]) if numbers else "",
        "edit_address": edit_address(slug),
    }
    return render_builder(
        request, "builder/versions.html", context, questionnaire=questionnaire, current=CURRENT
    )


def _has_changes(questionnaire: Questionnaire, draft: QuestionnaireDraft) -> bool:
    try:
        definition = from_builtins(draft.definition, draft=True)
    except DefinitionError:
        return True
    return review(questionnaire, definition).is_new


@require_safe
@staff(SET_UP)
def one_version(request: StaffRequest, slug: str, number: int) -> HttpResponse:
    """A published version as both halves of the customers meet it, and what was said about it."""
    questionnaire = questionnaire_or_404(slug)
    version = version_or_404(questionnaire, number)
    definition = definition_of(version)
    context = {
        "version": version,
        "both": both_arms(definition, request.GET.get("language", "en")),
        "groups": stored_groups(version.changes, definition),
    }
    return render_builder(
        request, "builder/version.html", context, questionnaire=questionnaire, current=CURRENT
    )


@require_safe
@staff(SET_UP)
def compare(request: StaffRequest, slug: str) -> HttpResponse:
    """Any two versions beside each other, or one beside the draft."""
    questionnaire = questionnaire_or_404(slug)
    numbers = [version.number for version in _published(questionnaire)]
    if not numbers:
        raise Http404("There is no version to compare with.")
    newest = str(numbers[0])
    old = request.GET.get("old") or str(numbers[min(1, len(numbers) - 1)])
    new = request.GET.get("new") or newest
    context: dict[str, object] = {"numbers": numbers, "old": old, "new": new}
    context["has_draft"] = QuestionnaireDraft.objects.filter(questionnaire=questionnaire).exists()
    context["groups"] = _compared(questionnaire, old, new)
    return render_builder(
        request, "builder/compare.html", context, questionnaire=questionnaire, current=CURRENT
    )


def _compared(questionnaire: Questionnaire, old: str, new: str) -> list[Group]:
    definition = _named(questionnaire, new)
    return groups_of(differences(_named(questionnaire, old), definition), definition)


def _named(questionnaire: Questionnaire, name: str) -> Definition:
    """Raises: Http404 for what is neither a version's number nor the draft."""
    if name == DRAFT:
        draft = QuestionnaireDraft.objects.filter(questionnaire=questionnaire).first()
        if draft is None:
            raise Http404("There is no draft.")
        try:
            return from_builtins(draft.definition, draft=True)
        except DefinitionError as error:
            raise Http404("The draft cannot be read.") from error
    if not (name.isascii() and name.isdecimal() and len(name) < 8):
        raise Http404("No such version.")
    return definition_of(version_or_404(questionnaire, int(name)))


@require_POST
@staff(EDITORS)
@unless_archived
def restore(request: StaffRequest, slug: str, number: int) -> HttpResponse:
    """Put an old version in the draft's place, as a step that can be taken back."""
    questionnaire = questionnaire_or_404(slug)
    version = version_or_404(questionnaire, number)
    _put_in_draft(
        request,
        questionnaire,
        to_builtins(definition_of(version)),
        f"Restored version {number}",
        f"Version {number} stands in the draft now. Undo takes it back; nothing is published yet.",
    )
    return HttpResponseRedirect(edit_address(slug))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(EDITORS)
@unless_archived
def import_draft(request: StaffRequest, slug: str) -> HttpResponse:
    """Put a JSON file in the draft's place; a file that cannot be used leaves the draft alone."""
    questionnaire = questionnaire_or_404(slug)
    context: dict[str, object] = {}
    if request.method == "POST":
        try:
            raw, told = document_in(request)
            context = {"document": told}
            definition = questionnaires.read_document(raw)
        except DefinitionError as error:
            context |= {"fault_path": error.path, "fault": error.message}
        else:
            _put_in_draft(
                request,
                questionnaire,
                to_builtins(definition),
                "Imported a file",
                "The file stands in the draft now. Undo takes it back; nothing is published yet.",
            )
            return HttpResponseRedirect(edit_address(slug))
    status = 400 if "fault" in context else 200
    return render_builder(
        request,
        "builder/import_draft.html",
        context,
        questionnaire=questionnaire,
        current=CURRENT,
        status=status,
    )


def _put_in_draft(
    request: StaffRequest,
    questionnaire: Questionnaire,
    document: drafts.Document,
    summary: str,
    told: str,
) -> None:
    now = timezone.now()
    base = drafts.look(questionnaire, now).revision
    try:
        drafts.replace(
            questionnaire.pk, document, summary, base_revision=base, user=request.user, now=now
        )
    except Conflict as conflict:
        who = conflict.who or "somebody"
        messages.error(request, f"Nothing was replaced: {who} changed the draft this moment.")
    else:
        messages.success(request, told)
