"""Which languages a questionnaire has, and its texts as files for translators and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from surveys.builder.frame import EDITORS, questionnaire_or_404, render_builder, unless_archived
from surveys.builder.translating.table import ROUTE, address, name_of
from surveys.console.figures import plural
from surveys.console.roles import SET_UP, StaffRequest, staff
from surveys.models import Questionnaire
from surveys.questionnaire.places import EditError
from surveys.questionnaire.schema import DefinitionError
from surveys.questionnaire.texts import direction
from surveys.questionnaire.translating import what
from surveys.questionnaire.translation_files import (
    MAX_FILE_BYTES,
    Line,
    TranslationFileError,
)
from surveys.services import translations
from surveys.services.drafts import Conflict

_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_TYPES: Final = {"xlf": "application/xliff+xml", "csv": "text/csv; charset=utf-8"}


@require_POST
@staff(EDITORS)
@unless_archived
def change(request: StaffRequest, slug: str) -> HttpResponse:
    """Add or remove a language, require it or no longer, fill it with what ships."""
    questionnaire = questionnaire_or_404(slug)
    language = request.POST.get("language", "").strip()
    act = _ACTIONS.get(request.POST.get("action", ""))
    if act is None or not _TAG.fullmatch(language):
        messages.error(request, "Choose a language first.")
        return HttpResponseRedirect(address(slug))
    try:
        said = act(request, questionnaire, language)
    except (EditError, Conflict, DefinitionError) as fault:
        messages.error(request, fault.message)
    else:
        messages.success(request, said)
    return HttpResponseRedirect(address(slug, language))


def _add(request: StaffRequest, questionnaire: Questionnaire, language: str) -> str:
    n = translations.add_language(questionnaire, language, user=request.user, now=timezone.now())
    filled = f", {plural(n, 'text')} filled with the words that ship" if n else ""
    return f"{name_of(language)} is added{filled}."


def _remove(request: StaffRequest, questionnaire: Questionnaire, language: str) -> str:
    translations.remove_language(questionnaire, language, user=request.user, now=timezone.now())
    return f"{name_of(language)} is removed with its texts. Undo brings them back."


def _require(request: StaffRequest, questionnaire: Questionnaire, language: str) -> str:
    translations.require(questionnaire, language, True, user=request.user, now=timezone.now())
    return f"{name_of(language)} must now be complete before this is published."


def _release(request: StaffRequest, questionnaire: Questionnaire, language: str) -> str:
    translations.require(questionnaire, language, False, user=request.user, now=timezone.now())
    return f"{name_of(language)} may be incomplete; customers are offered it once it is complete."


def _fill(request: StaffRequest, questionnaire: Questionnaire, language: str) -> str:
    n = translations.fill_shipped(questionnaire, language, user=request.user, now=timezone.now())
    return f"{plural(n, 'text')} filled in."


_ACTIONS: Final[dict[str, Callable[[StaffRequest, Questionnaire, str], str]]] = {
    "add": _add,
    "remove": _remove,
    "require": _require,
    "release": _release,
    "fill": _fill,
}


@require_safe
@staff(SET_UP)
def export(request: StaffRequest, slug: str, language: str, kind: str) -> HttpResponse:
    """The texts of one language as XLIFF 2.0 or CSV."""
    questionnaire = questionnaire_or_404(slug)
    now = timezone.now()
    try:
        translations.table(questionnaire, language, now)
        write = {"xlf": translations.as_xliff, "csv": translations.as_csv}[kind]
    except LookupError:
        raise Http404("No such file.") from None
    response = HttpResponse(write(questionnaire, language, now), content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{slug}-{language}.{kind}"'
    return response


@require_POST
@staff(EDITORS)
@unless_archived
def import_(request: StaffRequest, slug: str) -> HttpResponse:
    """Take a translator's file, and report what was taken and what was not, and why."""
    questionnaire = questionnaire_or_404(slug)
    file = request.FILES.get("file")
    language = request.POST.get("language", "")
    if file is None:
        messages.error(request, "Choose a file first.")
        return HttpResponseRedirect(address(slug, language))
    try:
        # One byte more than allowed is enough to see that there are too many.
        judged = translations.take_file(
            questionnaire, file.read(MAX_FILE_BYTES + 1), user=request.user, now=timezone.now()
        )
    except (TranslationFileError, Conflict) as error:
        reason = error.message if isinstance(error, Conflict) else str(error)
        messages.error(request, f"Nothing was taken from “{(file.name or '')[:80]}”: {reason}")
        return HttpResponseRedirect(address(slug, language))
    context = {
        "file_name": file.name,
        "judged": judged,
        "language_name": name_of(judged.language),
        "language_dir": direction(judged.language),
        "back": address(slug, judged.language),
        "taken": [_line(line) for line in judged.taken],
        "confirmed": [_line(line) for line in judged.confirmed],
        "refused": [_line(line) for line in judged.refused],
    }
    return render_builder(
        request,
        "builder/translation_report.html",
        context,
        questionnaire=questionnaire,
        current=ROUTE,
    )


def _line(line: Line) -> dict[str, str]:
    place = what(line.name) or "no id"
    return {
        "what": place,
        "place": line.place,
        "before": line.before,
        "after": line.after[:1000],
        "reason": line.reason,
    }
