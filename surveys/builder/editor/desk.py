"""Everything that the three panes show of one draft at one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from surveys.builder.editor import previewing
from surveys.builder.editor.carrying import Outcome, name_of
from surveys.builder.editor.fields import Maker
from surveys.builder.editor.findings import find
from surveys.builder.editor.outline import outline_of
from surveys.builder.editor.panels import language_name, panel_of, place_in
from surveys.models import Questionnaire, QuestionnaireDraft, User
from surveys.questionnaire.documents import from_builtins
from surveys.questionnaire.schema import Definition
from surveys.questionnaire.texts import direction
from surveys.services import drafts


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address or the post says: which place, which language, what to try."""

    place: str
    language: str
    query: QueryDict


def published(questionnaire: Questionnaire) -> Definition | None:
    """What is asked now, to tell what the draft would change."""
    newest = questionnaire.versions.filter(published_at__isnull=False).order_by("-number").first()
    return from_builtins(newest.definition, draft=True) if newest else None


def desk_of(
    questionnaire: Questionnaire,
    asked: Asked,
    user: User,
    now: dt.datetime,
    outcome: Outcome | None = None,
    *,
    goes_on: bool = False,
) -> Mapping[str, Any]:
    """The context of the page and of all its parts. ``goes_on``: the fields on the page stay, and
    with them what their author has seen."""
    draft = drafts.look(questionnaire, now)
    document = draft.definition
    definition = from_builtins(document, draft=True)
    language = asked.language
    if language not in definition.languages:
        language = definition.default_language
    place = place_in(document, asked.place)
    findings = find(definition, document, published(questionnaire))
    kept = outcome.kept if outcome else {}
    seen = outcome.seen if outcome and goes_on else {}
    maker = Maker(document, language, findings, kept, seen)
    panel = panel_of(place, maker)
    trial = previewing.trial_of(asked.query, definition, language, panel.block)
    if place == "thanks":
        trial = replace(trial, page=previewing.DONE, block="")
    preview = reverse("questionnaire_preview", args=[questionnaire.slug])
    return {
        "draft": draft,
        "definition": definition,
        "place": place,
        "language": language,
        "direction": direction(language),
        "languages": [(code, language_name(code)) for code in definition.languages],
        "outline": outline_of(document, findings, place, language),
        "panel": panel,
        "steps": drafts.steps_of(draft),
        "outcome": outcome,
        "told": _told(questionnaire, draft, user, outcome),
        "trial": trial,
        "lots": previewing.lots(definition),
        "devices": previewing.DEVICES,
        "themes": previewing.THEMES,
        "arms": previewing.ARM_NAMES,
        "preview_url": preview,
        "preview_src": f"{preview}?{trial.query()}",
        "edit_url": reverse("questionnaire_edit", args=[questionnaire.slug]),
        "state_url": reverse("questionnaire_state", args=[questionnaire.slug]),
        "page_url": reverse("questionnaire", args=[questionnaire.slug]),
    }


def _told(
    questionnaire: Questionnaire, draft: QuestionnaireDraft, user: User, outcome: Outcome | None
) -> str:
    """What somebody else did between this user's look and their change; both hold."""
    if outcome is None or not outcome.merged or draft._state.adding:
        return ""
    before = (
        draft.edits.select_related("made_by")
        .filter(number__lt=draft.position)
        .exclude(made_by=user)
        .defer("definition")
        .order_by("-number")
        .first()
    )
    return f"{name_of(before.made_by, user)}: {before.summary}. Both are kept." if before else ""


def others_changed(draft: QuestionnaireDraft, user: User) -> str:
    """The last change of the draft in words, for somebody who has not seen it."""
    step = drafts.steps_of(draft).undo
    what = step.summary if step else "Changed the draft"
    return f"{name_of(draft.changed_by, user)}: {what}."
