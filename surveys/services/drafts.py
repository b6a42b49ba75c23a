"""Drafts of questionnaires: every change is kept, can be taken back, and overwrites nobody's.

A change is made on the draft as it stands, under its row's lock. It names what its author saw, so
changes of different things made at the same time all hold, and of two changes of the same thing
the second is refused with who made the first, when, and what stands there now. Nothing is changed
while the questionnaire is archived (`archiving.ArchivedError`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from surveys.models import (
    DraftEdit,
    Questionnaire,
    QuestionnaireDraft,
    QuestionnaireVersion,
    User,
)
from surveys.questionnaire import operations as ops
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.editing import EditError, StaleError, perform, value_at
from surveys.services.archiving import hold
from surveys.services.translation_sources import remember

Document = dict[str, Any]

#: As many steps can be taken back; older ones are dropped.
MAX_STEPS: Final = 200
#: Changes of one text by one person without a longer pause are one step to take back.
ONE_STEP: Final = dt.timedelta(seconds=20)
BEGUN: Final = "Began the draft"


@dataclass(frozen=True, slots=True)
class Applied:
    """The draft after a change. ``changed`` is False where it said so already; ``merged``: somebody
    else changed something in between, and both hold. ``place`` is what the change is about."""

    draft: QuestionnaireDraft
    summary: str
    place: str
    changed: bool
    merged: bool

    @property
    def revision(self) -> int:
        return self.draft.revision


class Conflict(Exception):  # noqa: N818 -- the name is part of the interface
    """Somebody else changed the same thing meanwhile; nothing was stored.

    ``mine`` is what was to stand at ``path``, ``theirs`` what does, None where there is nothing to
    show side by side; ``what`` is their change in words. ``revision`` is the draft's now.
    """

    def __init__(
        self,
        stale: StaleError,
        *,
        who: User | None,
        when: dt.datetime,
        what: str,
        revision: int,
    ) -> None:
        super().__init__(str(stale))
        self.path = stale.path
        self.message = stale.message
        self.mine = stale.mine
        self.theirs = stale.theirs
        self.who = who
        self.when = when
        self.what = what
        self.revision = revision


@dataclass(frozen=True, slots=True)
class Steps:
    """What undo and redo would do, in words; None where there is nothing to do."""

    undo: DraftEdit | None
    redo: DraftEdit | None


def look(questionnaire: Questionnaire, now: dt.datetime) -> QuestionnaireDraft:
    """The draft as it stands; what it would begin as where nobody has begun one. Stores nothing."""
    draft = (
        QuestionnaireDraft.objects.select_related("changed_by")
        .filter(questionnaire=questionnaire)
        .first()
    )
    return draft or _beginning(questionnaire, None, now)


@transaction.atomic
def draft_of(
    questionnaire: Questionnaire, user: User | None, now: dt.datetime
) -> QuestionnaireDraft:
    """The draft, begun from the newest published version where there is none yet."""
    return _locked(questionnaire.pk, user, now)


def steps_of(draft: QuestionnaireDraft) -> Steps:
    """What can be taken back and what can be done again."""
    if draft.pk is None or draft._state.adding:
        return Steps(None, None)
    near = {
        edit.number: edit
        for edit in draft.edits.select_related("made_by")
        .filter(number__range=(draft.position - 1, draft.position + 1))
        .defer("definition")
    }
    undo = near.get(draft.position) if draft.position - 1 in near else None
    return Steps(undo, near.get(draft.position + 1))


@transaction.atomic
def apply(
    questionnaire_id: int,
    operation: ops.Operation,
    *,
    base_revision: int,
    user: User | None,
    now: dt.datetime,
) -> Applied:
    """Make one change. ``base_revision``: the draft's revision that its author looked at.

    Raises: Conflict where somebody else changed the same thing meanwhile; EditError where the
    change cannot be made. Nothing is stored then.
    """
    draft = _locked(questionnaire_id, user, now)
    try:
        edited = perform(draft.definition, operation, taken=_taken_ids(questionnaire_id, operation))
    except StaleError as stale:
        raise _conflict(draft, stale) from stale
    merged = base_revision < draft.revision
    changed = edited.document != draft.definition
    if changed:
        continues = isinstance(operation, ops.SetText)
        _store(draft, edited.document, edited.summary, user, now, continues=continues)
    return Applied(draft, edited.summary, edited.place, changed, merged)


@transaction.atomic
def replace(
    questionnaire_id: int,
    definition_json: Document,
    summary: str,
    *,
    base_revision: int,
    user: User | None,
    now: dt.datetime,
) -> Applied:
    """Put another definition in the draft's place, as an import does; one step to take back.

    Raises: Conflict where anybody changed the draft since ``base_revision``; DefinitionError where
    the definition cannot be read as a draft.
    """
    document = to_builtins(from_builtins(definition_json, draft=True))
    begun = QuestionnaireDraft.objects.filter(questionnaire_id=questionnaire_id).exists()
    draft = _locked(questionnaire_id, user, now, document)
    if begun and base_revision < draft.revision:
        stale = StaleError("", "The draft was changed meanwhile.")
        raise Conflict(stale, **_last_change(draft), revision=draft.revision)
    changed = document != draft.definition
    if changed:
        _store(draft, document, summary[:200], user, now)
    return Applied(draft, summary, "", changed or not begun, merged=False)


def undo(
    questionnaire_id: int, *, base_revision: int, user: User | None, now: dt.datetime
) -> Applied:
    """Take the last step back. See `_go`."""
    return _go(questionnaire_id, -1, base_revision, user, now)


def redo(
    questionnaire_id: int, *, base_revision: int, user: User | None, now: dt.datetime
) -> Applied:
    """Do again what was taken back. See `_go`."""
    return _go(questionnaire_id, 1, base_revision, user, now)


@transaction.atomic
def _go(
    questionnaire_id: int, by: int, base_revision: int, user: User | None, now: dt.datetime
) -> Applied:
    """One step back or forth.

    Raises: Conflict where the step is somebody else's that the user cannot have seen; EditError
    where there is no such step.
    """
    draft = _locked(questionnaire_id, user, now)
    steps = steps_of(draft)
    step = steps.undo if by < 0 else steps.redo
    if step is None:
        raise EditError("", "There is nothing to undo." if by < 0 else "There is nothing to redo.")
    if base_revision < draft.revision and step.made_by_id != (user.pk if user else None):
        stale = StaleError("", "Somebody else has changed the draft since you looked.")
        raise Conflict(stale, **_last_change(draft), revision=draft.revision)
    draft.position += by
    draft.definition = draft.edits.get(number=draft.position).definition
    _save(draft, user, now)
    words = "Undone" if by < 0 else "Done again"
    return Applied(draft, f"{words}: {step.summary}", "", changed=True, merged=False)


def _locked(
    questionnaire_id: int, user: User | None, now: dt.datetime, begin_as: Document | None = None
) -> QuestionnaireDraft:
    """The draft's row, held until the end of the transaction; begun where there is none.

    Raises: ArchivedError.
    """
    # Two who begin at once wait here for each other.
    questionnaire = hold(questionnaire_id)
    rows = QuestionnaireDraft.objects.select_for_update(of=("self",)).select_related("changed_by")
    draft = rows.filter(questionnaire_id=questionnaire_id).first()
    if draft is not None:
        return draft
    draft = _beginning(questionnaire, user, now)
    if begin_as is not None:
        draft.definition = begin_as
    draft.save(force_insert=True)
    DraftEdit.objects.create(
        draft=draft, number=0, definition=draft.definition, summary=BEGUN, made_at=now, made_by=user
    )
    return draft


def _beginning(
    questionnaire: Questionnaire, user: User | None, now: dt.datetime
) -> QuestionnaireDraft:
    """What a draft begins as: the newest published version, else the default questionnaire."""
    newest = questionnaire.versions.filter(published_at__isnull=False).order_by("-number").first()
    return QuestionnaireDraft(
        questionnaire=questionnaire,
        definition=newest.definition if newest else to_builtins(default_definition()),
        base=newest,
        changed_at=now,
        changed_by=user,
    )


def _taken_ids(questionnaire_id: int, operation: ops.Operation) -> set[str]:
    """For a new question: every id that was ever published, as its answers belong to the question
    it was then."""
    if not isinstance(operation, ops.AddItem | ops.DuplicateItem):
        return set()
    published = QuestionnaireVersion.objects.filter(
        questionnaire_id=questionnaire_id, published_at__isnull=False
    ).values_list("definition", flat=True)
    return {item["id"] for old in published for block in old["blocks"] for item in block["items"]}


def _store(
    draft: QuestionnaireDraft,
    document: Document,
    summary: str,
    user: User | None,
    now: dt.datetime,
    *,
    continues: bool = False,
) -> None:
    """Write the next step, or go on with the last one where it is the same text being typed."""
    last = draft.edits.filter(number=draft.position).defer("definition").first()
    draft.edits.filter(number__gt=draft.position).delete()
    remember(draft.questionnaire_id, draft.definition, document)
    draft.definition = document
    if continues and last is not None and last.number and _goes_on(last, summary, user, now):
        last.definition, last.made_at = document, now
        last.save(update_fields=["definition", "made_at"])
    else:
        draft.position += 1
        DraftEdit.objects.create(
            draft=draft,
            number=draft.position,
            definition=document,
            summary=summary,
            made_at=now,
            made_by=user,
        )
        draft.edits.filter(number__lt=draft.position - MAX_STEPS).delete()
    _save(draft, user, now)


def _goes_on(last: DraftEdit, summary: str, user: User | None, now: dt.datetime) -> bool:
    by_the_same = last.made_by_id == (user.pk if user else None)
    return by_the_same and last.summary == summary and now - last.made_at < ONE_STEP


def _save(draft: QuestionnaireDraft, user: User | None, now: dt.datetime) -> None:
    draft.revision += 1
    draft.changed_at, draft.changed_by = now, user
    draft.save(update_fields=["definition", "revision", "position", "changed_at", "changed_by"])


def _conflict(draft: QuestionnaireDraft, stale: StaleError) -> Conflict | EditError:
    """Who made the place what it is. What never stood there in living memory is no conflict but
    a mistake."""
    place = _whole(stale.path)
    now_there = value_at(draft.definition, place)
    later: DraftEdit | None = None
    for edit in (
        draft.edits.select_related("made_by")
        .filter(number__lte=draft.position)
        .order_by("-number")
        .iterator(chunk_size=20)
    ):
        if value_at(edit.definition, place) != now_there:
            break
        later = edit
    else:
        if now_there is None:
            return EditError(stale.path, stale.message)
        later = None
    if later is None:
        return Conflict(stale, **_last_change(draft), revision=draft.revision)
    return Conflict(
        stale,
        who=later.made_by,
        when=later.made_at,
        what=later.summary,
        revision=draft.revision,
    )


def _whole(path: str) -> str:
    """The item, where the path means all of its options or rules."""
    head, _, rest = path.partition(".")
    return head if rest in {"options", "skip_when"} else path


def _last_change(draft: QuestionnaireDraft) -> dict[str, Any]:
    step = draft.edits.filter(number=draft.position).defer("definition").first()
    return {
        "who": draft.changed_by,
        "when": draft.changed_at,
        "what": step.summary if step else "",
    }
