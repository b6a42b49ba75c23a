"""A questionnaire as the beginning of another, and an old version as the draft again."""

from __future__ import annotations

import datetime as dt

from surveys.models import Questionnaire, QuestionnaireVersion, User
from surveys.questionnaire.documents import to_builtins
from surveys.questionnaire.schema import DefinitionError
from surveys.services import drafts, questionnaires
from surveys.services.drafts import Applied
from surveys.services.reviewing import definition_of, draft_or_newest


def duplicate(questionnaire: Questionnaire, user: User | None, now: dt.datetime) -> Questionnaire:
    """A copy of the draft, else of the newest version, under a name of its own.

    Raises: DefinitionError where there is nothing that could be copied.
    """
    _, definition = draft_or_newest(questionnaire)
    if definition is None:
        raise DefinitionError("$", "there is nothing in it yet")
    name = f"Copy of {questionnaire.name}"[: questionnaires.MOST_NAME_CHARACTERS]
    return questionnaires.begin(
        name, definition, user=user, now=now, template=questionnaire.template
    )


def restore(version: QuestionnaireVersion, user: User | None, now: dt.datetime) -> Applied:
    """Put an old version in the draft's place, as a step that can be taken back.

    Raises: drafts.Conflict, ArchivedError.
    """
    questionnaire = version.questionnaire
    return drafts.replace(
        questionnaire.pk,
        to_builtins(definition_of(version)),
        f"Restored version {version.number}",
        base_revision=drafts.look(questionnaire, now).revision,
        user=user,
        now=now,
    )
