"""Archived questionnaires rest: they are read, and neither edited nor published."""

from __future__ import annotations

from surveys.models import Questionnaire


class ArchivedError(Exception):
    """What was to be changed or published is archived; nothing was stored, the draft is kept."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.message = (
            f"“{questionnaire.name}” is archived: it is neither edited nor published until it is "
            f"brought back. Do that on /questionnaires/{questionnaire.slug}/; the draft is kept."
        )
        super().__init__(self.message)


def hold(questionnaire_id: int) -> Questionnaire:
    """The questionnaire's row, held until the end of the transaction, so that nobody archives it
    in between. Whoever also needs the draft's row takes that after this one.

    Raises: ArchivedError.
    """
    found = Questionnaire.objects.select_for_update(no_key=True).get(pk=questionnaire_id)
    if found.archived_at is not None:
        raise ArchivedError(found)
    return found
