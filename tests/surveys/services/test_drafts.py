"""Drafts: nothing typed is lost, nothing is overwritten silently, everything can be taken back."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.models import DraftEdit, Questionnaire, QuestionnaireDraft, User
from surveys.questionnaire import operations as ops
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import to_builtins
from surveys.questionnaire.editing import EditError, fingerprint, value_at
from surveys.questionnaire.schema import DefinitionError
from surveys.services import drafts
from surveys.services.drafts import Applied, Conflict
from tests.factories import NOW, QuestionnaireVersionFactory, UserFactory
from tests.surveys.questionnaire.test_editing_sequences import OPERATIONS, seen
from tests.surveys.staff import NO_PASSWORD
from tests.threads import at_once

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def questionnaire() -> Questionnaire:
    made = Questionnaire.objects.create(slug="own", name="Own")
    QuestionnaireVersionFactory(questionnaire=made)
    return made


@pytest.fixture
def ada() -> User:
    return UserFactory(email="ada@example.org", name="Ada", password=NO_PASSWORD)


@pytest.fixture
def bert() -> User:
    return UserFactory(email="bert@example.org", name="Bert", password=NO_PASSWORD)


def write(
    questionnaire: Questionnaire,
    user: User | None,
    text: str,
    *,
    at: str = "F1.stem",
    was: str | None = None,
    base: int = 0,
    now: dt.datetime = NOW,
) -> Applied:
    found = value_at(drafts.look(questionnaire, now).definition, at)["en"]
    operation = ops.SetText(at=at, language="en", text=text, was=found if was is None else was)
    return drafts.apply(questionnaire.pk, operation, base_revision=base, user=user, now=now)


def go(step: Callable[..., Applied], questionnaire: Questionnaire, user: User | None) -> Applied:
    revision = QuestionnaireDraft.objects.get(questionnaire=questionnaire).revision
    return step(questionnaire.pk, base_revision=revision, user=user, now=NOW)


def stem(questionnaire: Questionnaire, at: str = "F1.stem") -> str:
    draft = QuestionnaireDraft.objects.get(questionnaire=questionnaire)
    return str(value_at(draft.definition, at)["en"])


def test_looking_begins_no_draft(questionnaire: Questionnaire) -> None:
    assert drafts.look(questionnaire, NOW).definition == to_builtins(default_definition())
    assert drafts.steps_of(drafts.look(questionnaire, NOW)) == drafts.Steps(None, None)
    assert not QuestionnaireDraft.objects.exists()


def test_the_first_change_begins_it_from_the_newest_version(
    questionnaire: Questionnaire, ada: User
) -> None:
    applied = write(questionnaire, ada, "How was it?")
    draft = QuestionnaireDraft.objects.get()
    assert (draft.base, draft.revision, draft.position) == (questionnaire.versions.get(), 1, 1)
    assert (draft.changed_by, draft.changed_at) == (ada, NOW)
    assert (applied.changed, applied.merged, applied.revision) == (True, False, 1)
    assert applied.summary == "Changed the question of F1"


def test_saying_what_stands_there_changes_nothing(questionnaire: Questionnaire, ada: User) -> None:
    write(questionnaire, ada, "How was it?")
    applied = write(questionnaire, ada, "How was it?")
    assert (applied.changed, applied.revision) == (False, 1)


def test_undo_and_redo_give_the_exact_documents(questionnaire: Questionnaire, ada: User) -> None:
    start = drafts.look(questionnaire, NOW).definition
    write(questionnaire, ada, "One")
    write(questionnaire, ada, "Two", now=NOW + MINUTE)
    after = QuestionnaireDraft.objects.get().definition
    assert go(drafts.undo, questionnaire, ada).summary == "Undone: Changed the question of F1"
    assert stem(questionnaire) == "One"
    go(drafts.undo, questionnaire, ada)
    assert QuestionnaireDraft.objects.get().definition == start
    with pytest.raises(EditError, match="nothing to undo"):
        go(drafts.undo, questionnaire, ada)
    go(drafts.redo, questionnaire, ada)
    go(drafts.redo, questionnaire, ada)
    assert QuestionnaireDraft.objects.get().definition == after
    with pytest.raises(EditError, match="nothing to redo"):
        go(drafts.redo, questionnaire, ada)
    assert QuestionnaireDraft.objects.get().revision == 6


def test_a_new_change_cuts_off_what_was_undone(questionnaire: Questionnaire, ada: User) -> None:
    write(questionnaire, ada, "One")
    go(drafts.undo, questionnaire, ada)
    write(questionnaire, ada, "Two", now=NOW + MINUTE)
    assert drafts.steps_of(QuestionnaireDraft.objects.get()).redo is None
    assert DraftEdit.objects.count() == 2


def test_a_sentence_typed_in_one_go_is_one_step(questionnaire: Questionnaire, ada: User) -> None:
    for second, text in enumerate(["H", "Ho", "How"]):
        write(questionnaire, ada, text, now=NOW + dt.timedelta(seconds=second))
    write(questionnaire, ada, "Thanks", at="thanks", now=NOW + dt.timedelta(seconds=3))
    assert [edit.number for edit in DraftEdit.objects.order_by("number")] == [0, 1, 2]
    go(drafts.undo, questionnaire, ada)
    assert stem(questionnaire) == "How"


def test_two_people_typing_are_not_one_step(
    questionnaire: Questionnaire, ada: User, bert: User
) -> None:
    write(questionnaire, ada, "Hers")
    write(questionnaire, bert, "His", base=1)
    assert DraftEdit.objects.count() == 3


def test_the_oldest_steps_are_dropped(
    questionnaire: Questionnaire, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MAX_STEPS", 5)
    for number in range(12):
        write(questionnaire, ada, f"Question {number}", now=NOW + number * MINUTE)
    assert DraftEdit.objects.count() == 6
    for _ in range(5):
        go(drafts.undo, questionnaire, ada)
    assert stem(questionnaire) == "Question 6"
    assert drafts.steps_of(QuestionnaireDraft.objects.get()).undo is None


def test_a_conflict_names_who_changed_what_when(
    questionnaire: Questionnaire, ada: User, bert: User
) -> None:
    was = value_at(drafts.look(questionnaire, NOW).definition, "F1.stem")["en"]
    write(questionnaire, ada, "Hers", now=NOW)
    write(questionnaire, bert, "Thanks", at="thanks", now=NOW + MINUTE)
    with pytest.raises(Conflict) as caught:
        write(questionnaire, bert, "His", was=was, now=NOW + 2 * MINUTE)
    conflict = caught.value
    assert (conflict.who, conflict.when, conflict.what) == (ada, NOW, "Changed the question of F1")
    assert (conflict.mine, conflict.theirs, conflict.revision) == ("His", "Hers", 2)
    assert stem(questionnaire) == "Hers"


def test_writing_to_a_deleted_question_names_who_deleted_it(
    questionnaire: Questionnaire, ada: User, bert: User
) -> None:
    was = value_at(drafts.look(questionnaire, NOW).definition, "F3.stem")["en"]
    gone = ops.DeleteItem(item="F3")
    drafts.apply(questionnaire.pk, gone, base_revision=0, user=ada, now=NOW)
    operation = ops.SetText(at="F3.stem", language="en", text="His", was=was)
    with pytest.raises(Conflict) as caught:
        drafts.apply(questionnaire.pk, operation, base_revision=0, user=bert, now=NOW)
    assert (caught.value.who, caught.value.what) == (ada, "Deleted F3")


def test_a_question_that_never_was_is_a_mistake_and_no_conflict(
    questionnaire: Questionnaire, ada: User
) -> None:
    gone = ops.DeleteItem(item="X9")
    with pytest.raises(EditError, match="not there"):
        drafts.apply(questionnaire.pk, gone, base_revision=0, user=ada, now=NOW)
    assert not QuestionnaireDraft.objects.exists()


def test_changes_of_different_things_both_hold(
    questionnaire: Questionnaire, ada: User, bert: User
) -> None:
    write(questionnaire, ada, "Hers")
    applied = write(questionnaire, bert, "Thanks", at="thanks", base=0)
    assert applied.merged
    assert (stem(questionnaire), stem(questionnaire, "thanks")) == ("Hers", "Thanks")


def test_undo_takes_nothing_back_that_its_user_never_saw(
    questionnaire: Questionnaire, ada: User, bert: User
) -> None:
    write(questionnaire, bert, "His")
    write(questionnaire, ada, "Thanks", at="thanks", base=1)
    with pytest.raises(Conflict) as caught:
        drafts.undo(questionnaire.pk, base_revision=1, user=bert, now=NOW)
    assert caught.value.who == ada
    drafts.undo(questionnaire.pk, base_revision=2, user=bert, now=NOW)
    assert stem(questionnaire) == "His"


def test_an_id_once_published_is_never_given_again(questionnaire: Questionnaire, ada: User) -> None:
    add = ops.AddItem(block="fix", kind="rating")
    definition = drafts.apply(questionnaire.pk, add, base_revision=0, user=ada, now=NOW)
    version = questionnaire.versions.get()
    questionnaire.versions.create(
        number=2, definition=definition.draft.definition, published_at=version.published_at
    )
    gone = ops.DeleteItem(item="X1")
    drafts.apply(questionnaire.pk, gone, base_revision=1, user=ada, now=NOW)
    applied = drafts.apply(questionnaire.pk, add, base_revision=2, user=ada, now=NOW)
    assert applied.place == "X2"


def test_replacing_is_one_step_and_refuses_to_overwrite(
    questionnaire: Questionnaire, ada: User, bert: User
) -> None:
    other = to_builtins(default_definition()) | {"randomise": False}
    first = drafts.replace(questionnaire.pk, other, "In", base_revision=0, user=ada, now=NOW)
    assert (first.changed, first.draft.base is not None) == (True, True)
    write(questionnaire, bert, "His")
    with pytest.raises(Conflict) as caught:
        drafts.replace(questionnaire.pk, other, "In", base_revision=0, user=ada, now=NOW)
    assert caught.value.who == bert
    drafts.replace(questionnaire.pk, other, "Imported", base_revision=1, user=ada, now=NOW)
    go(drafts.undo, questionnaire, ada)
    assert stem(questionnaire) == "His"


def test_replacing_with_what_cannot_be_read_keeps_the_draft(
    questionnaire: Questionnaire, ada: User
) -> None:
    with pytest.raises(DefinitionError):
        drafts.replace(questionnaire.pk, {"version": 1}, "In", base_revision=0, user=ada, now=NOW)
    assert not QuestionnaireDraft.objects.exists()


def test_deleting_what_somebody_changed_is_a_conflict(
    questionnaire: Questionnaire, ada: User, bert: User
) -> None:
    was = fingerprint(value_at(drafts.look(questionnaire, NOW).definition, "F2"))
    write(questionnaire, ada, "Hers", at="F2.stem")
    gone = ops.DeleteItem(item="F2", was=was)
    with pytest.raises(Conflict) as caught:
        drafts.apply(questionnaire.pk, gone, base_revision=0, user=bert, now=NOW)
    assert (caught.value.who, caught.value.theirs) == (ada, None)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(OPERATIONS, max_size=12))
def test_any_sequence_is_undone_and_done_again_exactly(operations: list[ops.Operation]) -> None:
    questionnaire = Questionnaire.objects.create(
        slug=f"q{Questionnaire.objects.count()}", name="Any"
    )
    history = [drafts.draft_of(questionnaire, None, NOW).definition]
    for minute, operation in enumerate(operations):
        try:
            applied = drafts.apply(
                questionnaire.pk,
                seen(history[-1], operation),
                base_revision=len(history) - 1,
                user=None,
                now=NOW + minute * MINUTE,
            )
        except (EditError, Conflict):
            continue
        if applied.changed:
            history.append(applied.draft.definition)
    stored = QuestionnaireDraft.objects.filter(questionnaire=questionnaire)
    for document in reversed(history[:-1]):
        go(drafts.undo, questionnaire, None)
        assert stored.get().definition == document
    for document in history[1:]:
        go(drafts.redo, questionnaire, None)
        assert stored.get().definition == document
    stored.delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_two_people_at_once_lose_nothing(attempt: int) -> None:
    questionnaire = Questionnaire.objects.create(slug="own", name="Own")
    was: dict[str, Any] = to_builtins(default_definition())
    people = [UserFactory(password=NO_PASSWORD) for _ in range(2)]
    conflicts: list[Conflict] = []
    lock = threading.Lock()

    def writer(user: User, at: str, text: str) -> Callable[[], None]:
        def write_() -> None:
            operation = ops.SetText(at=at, language="en", text=text, was=value_at(was, at)["en"])
            try:
                drafts.apply(questionnaire.pk, operation, base_revision=0, user=user, now=NOW)
            except Conflict as conflict:
                with lock:
                    conflicts.append(conflict)
            connection.close()

        return write_

    jobs = [writer(person, at, person.email) for person in people for at in ("F1.stem", "thanks")]
    own = [writer(people[0], "C1.stem", "Hers"), writer(people[1], "O1.stem", "His")]
    at_once(*jobs, *own)
    draft = QuestionnaireDraft.objects.get()
    assert (draft.revision, draft.position, draft.edits.count()) == (4, 4, 5)
    assert [stem(questionnaire, at) for at in ("C1.stem", "O1.stem")] == ["Hers", "His"]
    told = sorted((conflict.path, conflict.mine, conflict.theirs) for conflict in conflicts)
    assert [path for path, _, _ in told] == ["F1.stem", "thanks"]
    for path, mine, theirs in told:
        assert theirs == stem(questionnaire, path)
        assert {mine, theirs} == {person.email for person in people}
