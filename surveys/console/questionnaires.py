"""What is asked: the published version, as each arm sees it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from surveys.console.inbox import LANGUAGE_NAMES
from surveys.console.pages import render_page
from surveys.console.roles import SET_UP, StaffRequest, staff
from surveys.models import QuestionnaireVersion
from surveys.questionnaire.documents import from_builtins
from surveys.questionnaire.rendering import (
    ARMS,
    SECONDS_PER_CLOSED_ITEM,
    Facts,
    Page,
    pages,
    rotations,
)
from surveys.questionnaire.schema import Definition
from surveys.questionnaire.texts import direction

ONE_PERSON = Facts(human_handled=True, n_agents=1)
ARM_NAMES = {"fix_first": "Fix first", "cause_first": "Cause first"}


@dataclass(frozen=True)
class ArmPreview:
    """The pages as one half of the respondents sees them."""

    name: str
    pages: tuple[Page, ...]
    n_questions: int
    seconds: int


@dataclass(frozen=True)
class Preview:
    """The current version of one questionnaire in one language."""

    name: str
    slug: str
    number: int
    published_at: dt.datetime | None
    languages: list[tuple[str, str]]
    language: str
    direction: str
    arms: list[ArmPreview]


def _preview(version: QuestionnaireVersion, language: str) -> Preview:
    definition = from_builtins(version.definition)
    if language not in definition.languages:
        language = definition.default_language
    return Preview(
        name=version.questionnaire.name,
        slug=version.questionnaire.slug,
        number=version.number,
        published_at=version.published_at,
        languages=[(code, LANGUAGE_NAMES.get(code, code)) for code in definition.languages],
        language=language,
        direction=direction(language),
        arms=[_arm(definition, number, language) for number in range(len(ARMS))],
    )


def _arm(definition: Definition, number: int, language: str) -> ArmPreview:
    lots = rotations(definition)
    # Each arm shows another of the two rotating questions, so that both can be read here.
    shown = pages(
        definition,
        ARMS[number],
        lots[number % len(lots)],
        ONE_PERSON,
        language,
        {},
        company=settings.COMPANY_NAME,
    )
    n_questions = shown[0].n_questions if shown else 0
    return ArmPreview(
        ARM_NAMES[ARMS[number]], shown, n_questions, n_questions * SECONDS_PER_CLOSED_ITEM
    )


def current_versions() -> list[QuestionnaireVersion]:
    """The newest published version of each questionnaire."""
    return list(
        QuestionnaireVersion.objects.filter(published_at__isnull=False)
        .select_related("questionnaire")
        .order_by("questionnaire__name", "questionnaire_id", "-number")
        .distinct("questionnaire__name", "questionnaire_id")
    )


@require_safe
@staff(SET_UP)
def questionnaires(request: StaffRequest) -> HttpResponse:
    """Every questionnaire's current version, both arms side by side."""
    language = request.GET.get("language", "en")
    context = {"previews": [_preview(version, language) for version in current_versions()]}
    return render_page(request, "console/questionnaires.html", context, current="questionnaires")
