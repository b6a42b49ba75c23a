"""Translating a draft: undoable, without overwriting anybody, and knowing what was left behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from surveys.models import Questionnaire, QuestionnaireDraft, TranslationSource, User
from surveys.questionnaire import operations as ops
from surveys.questionnaire.places import EditError
from surveys.questionnaire.schema import DefinitionError
from surveys.questionnaire.texts import catalogue, languages
from surveys.questionnaire.translation_files import TranslationFileError
from surveys.services import drafts, translations
from surveys.services.translations import Saved, Typed
from tests.factories import NOW, QuestionnaireVersionFactory, UserFactory
from tests.surveys.staff import NO_PASSWORD

pytestmark = pytest.mark.django_db
EN, DE = catalogue("en")["questionnaire"], catalogue("de")["questionnaire"]


@pytest.fixture
def questionnaire() -> Questionnaire:
    found: Questionnaire = QuestionnaireVersionFactory().questionnaire
    return found


@pytest.fixture
def user() -> User:
    made: User = UserFactory(role=User.Role.DESIGNER, password=NO_PASSWORD)
    return made


def later(seconds: int) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def write(questionnaire: Questionnaire, user: User, name: str, text: str, **more: Any) -> Saved:
    language = more.get("language", "de")
    row = next(
        row for row in translations.table(questionnaire, language, NOW).rows if row.name == name
    )
    typed = {name: Typed(text, more.get("was", row.text))}
    return translations.set_texts(questionnaire, language, typed, user=user, now=NOW)


def reword(questionnaire: Questionnaire, user: User, text: str, was: str = EN["F1"]) -> None:
    """Change the source of F1's question, as the editor does."""
    operation = ops.SetText(at="F1.stem", language="en", text=text, was=was)
    drafts.apply(questionnaire.pk, operation, base_revision=0, user=user, now=NOW)


def left_behind(questionnaire: Questionnaire, language: str = "de") -> list[str]:
    rows = translations.table(questionnaire, language, NOW).rows
    return [row.name for row in rows if row.changed]


def undo(questionnaire: Questionnaire, user: User) -> None:
    drafts.undo(questionnaire.pk, base_revision=1_000, user=user, now=NOW)


def test_looking_begins_no_draft(questionnaire: Questionnaire) -> None:
    translations.overview(questionnaire, NOW)
    translations.table(questionnaire, "de", NOW)
    translations.as_csv(questionnaire, "de", NOW)

    assert not QuestionnaireDraft.objects.exists()


def test_typed_texts_are_one_step_that_can_be_undone(
    questionnaire: Questionnaire, user: User
) -> None:
    typed = {
        "F1.stem": Typed(" Neu\r\n gefragt? ", DE["F1"]),
        "thanks": Typed("", DE["thanks"]),
        "S1.stem": Typed(DE["S1"], DE["S1"]),
    }
    saved = translations.set_texts(questionnaire, "de", typed, user=user, now=NOW)
    draft = QuestionnaireDraft.objects.get()

    assert saved == Saved(2, {}, {})
    assert (draft.position, draft.edits.get(number=1).summary) == (1, "Translated 2 texts (de)")
    assert draft.definition["blocks"][0]["items"][0]["stem"]["de"] == "Neu gefragt?"
    assert "de" not in draft.definition["thanks"]
    undo(questionnaire, user)
    assert QuestionnaireDraft.objects.get().definition["thanks"]["de"] == DE["thanks"]


def test_nothing_typed_begins_no_draft(questionnaire: Questionnaire, user: User) -> None:
    assert write(questionnaire, user, "F1.stem", DE["F1"]) == Saved(0, {}, {})
    assert not QuestionnaireDraft.objects.exists()


def test_of_two_who_write_the_same_text_the_second_is_told(
    questionnaire: Questionnaire, user: User
) -> None:
    write(questionnaire, user, "F1.stem", "Erste Fassung")
    saved = translations.set_texts(
        questionnaire,
        "de",
        {
            "F1.stem": Typed("Zweite Fassung", DE["F1"]),
            "S1.stem": Typed("Ist es jetzt gut?", DE["S1"]),
        },
        user=user,
        now=NOW,
    )
    rows = {row.name: row.text for row in translations.table(questionnaire, "de", NOW).rows}

    assert saved == Saved(1, {}, {"F1.stem": "Erste Fassung"})
    assert (rows["F1.stem"], rows["S1.stem"]) == ("Erste Fassung", "Ist es jetzt gut?")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("F1.stem", "x" * 501, "It has 501 characters; at most 500 fit."),
        ("F1.options.1.label", "x" * 81, "It has 81 characters; at most 80 fit."),
        ("F1.stem", "a\u202eb", r"It contains '\\u202e', which turns or hides text."),
        ("F1.stem", "a\0b", r"It contains '\\x00', which turns or hides text."),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(
    questionnaire: Questionnaire, user: User, name: str, text: str, words: str
) -> None:
    assert write(questionnaire, user, name, text).refused == {name: words}
    assert not QuestionnaireDraft.objects.exists()


def test_a_text_that_is_gone_is_refused(questionnaire: Questionnaire, user: User) -> None:
    typed = {"F9.stem": Typed("x", "")}
    saved = translations.set_texts(questionnaire, "de", typed, user=user, now=NOW)

    assert saved.refused == {"F9.stem": "This text is not there any more."}


@pytest.mark.parametrize("language", ["en", "fi"])
def test_only_the_draft_s_other_languages_are_translated_into(
    questionnaire: Questionnaire, user: User, language: str
) -> None:
    with pytest.raises(LookupError):
        translations.set_texts(questionnaire, language, {}, user=user, now=NOW)


def test_a_source_changed_in_the_editor_marks_every_translation(
    questionnaire: Questionnaire, user: User
) -> None:
    reword(questionnaire, user, "How was it handled?")

    assert left_behind(questionnaire) == ["F1.stem"]
    assert left_behind(questionnaire, "he") == ["F1.stem"]
    assert [one.n_changed for one in translations.overview(questionnaire, NOW).languages] == [1] * (
        len(languages()) - 1
    )


def test_undo_and_redo_know_what_each_translation_was_made_from(
    questionnaire: Questionnaire, user: User
) -> None:
    reword(questionnaire, user, "How was it handled?")
    write(questionnaire, user, "F1.stem", "Wie war die Bearbeitung?")
    assert left_behind(questionnaire) == []
    undo(questionnaire, user)
    assert left_behind(questionnaire) == ["F1.stem"]
    undo(questionnaire, user)
    assert left_behind(questionnaire) == []
    drafts.redo(questionnaire.pk, base_revision=1_000, user=user, now=NOW)
    assert left_behind(questionnaire) == ["F1.stem"]


def test_a_source_changed_twice_still_names_the_oldest(
    questionnaire: Questionnaire, user: User
) -> None:
    reword(questionnaire, user, "How was it handled?")
    reword(questionnaire, user, "How well was it handled?", "How was it handled?")
    rows = translations.table(questionnaire, "de", NOW).rows

    assert [row.made_from for row in rows if row.changed] == [EN["F1"]]


def test_what_is_known_outlives_the_draft(questionnaire: Questionnaire, user: User) -> None:
    reword(questionnaire, user, "How was it handled?")
    QuestionnaireVersionFactory(
        questionnaire=questionnaire,
        number=2,
        definition=QuestionnaireDraft.objects.get().definition,
    )
    QuestionnaireDraft.objects.all().delete()

    assert left_behind(questionnaire) == ["F1.stem"]


def test_somebody_says_that_a_translation_still_fits(
    questionnaire: Questionnaire, user: User
) -> None:
    reword(questionnaire, user, "How was it handled?")
    translations.still_fits(questionnaire, "de", "F1.stem", NOW)
    translations.still_fits(questionnaire, "de", "F9.stem", NOW)

    assert left_behind(questionnaire) == []
    assert left_behind(questionnaire, "fr") == ["F1.stem"]


def test_an_added_language_comes_with_what_ships_and_is_not_required(
    questionnaire: Questionnaire, user: User
) -> None:
    translations.remove_language(questionnaire, "he", user=user, now=NOW)
    n = translations.add_language(questionnaire, "he", user=user, now=NOW)
    found = translations.overview(questionnaire, NOW)

    assert n == found.languages[0].n_texts
    assert (found.languages[-1].language, found.languages[-1].n_missing) == ("he", 0)
    assert (found.languages[-1].required, found.languages[0].required) == (False, True)


def test_another_language_begins_empty(questionnaire: Questionnaire, user: User) -> None:
    assert translations.add_language(questionnaire, "fi", user=user, now=NOW) == 0
    finnish = translations.overview(questionnaire, NOW).languages[-1]

    assert finnish.n_missing == finnish.n_texts
    assert translations.fill_shipped(questionnaire, "fi", user=user, now=NOW) == 0


def test_a_language_cannot_be_added_twice_nor_without_end(
    questionnaire: Questionnaire, user: User
) -> None:
    with pytest.raises(EditError):
        translations.add_language(questionnaire, "de", user=user, now=NOW)
    for number in range(40 - len(languages())):
        tag = f"q{chr(97 + number // 26)}{chr(97 + number % 26)}"
        translations.add_language(questionnaire, tag, user=user, now=NOW)
    with pytest.raises(EditError):
        translations.add_language(questionnaire, "fi", user=user, now=NOW)


def test_a_tag_that_is_none_is_refused(questionnaire: Questionnaire, user: User) -> None:
    with pytest.raises(DefinitionError):
        translations.add_language(questionnaire, "DE!", user=user, now=NOW)


def test_the_default_language_stays_and_is_always_required(
    questionnaire: Questionnaire, user: User
) -> None:
    with pytest.raises(EditError):
        translations.remove_language(questionnaire, "en", user=user, now=NOW)
    with pytest.raises(EditError):
        translations.require(questionnaire, "en", False, user=user, now=NOW)


def test_languages_are_required_and_released(questionnaire: Questionnaire, user: User) -> None:
    translations.require(questionnaire, "de", False, user=user, now=NOW)
    required = translations.overview(questionnaire, NOW).required
    assert required == tuple(tag for tag in languages() if tag != "de")
    translations.require(questionnaire, "de", True, user=user, now=NOW)
    assert translations.overview(questionnaire, NOW).required[1] == "de"
    with pytest.raises(EditError):
        translations.require(questionnaire, "fi", True, user=user, now=NOW)


def test_what_ships_fills_what_is_missing(questionnaire: Questionnaire, user: User) -> None:
    write(questionnaire, user, "F1.stem", "")
    assert translations.table(questionnaire, "de", NOW).n_shipped == 1
    assert translations.fill_shipped(questionnaire, "de", user=user, now=NOW) == 1
    assert translations.overview(questionnaire, NOW).languages[0].n_missing == 0


@pytest.mark.parametrize("write_", [translations.as_xliff, translations.as_csv])
def test_a_file_comes_back_without_changing_anything(
    questionnaire: Questionnaire, user: User, write_: Any
) -> None:
    write(questionnaire, user, "thanks", "")
    reword(questionnaire, user, "How was it handled?")
    before = QuestionnaireDraft.objects.values().get()
    judged = translations.take_file(
        questionnaire, write_(questionnaire, "de", NOW), user=user, now=NOW
    )

    assert (judged.taken, judged.confirmed, judged.refused) == ((), (), ())
    assert judged.n_empty == 1
    assert QuestionnaireDraft.objects.values().get() == before
    assert left_behind(questionnaire) == ["F1.stem"]


def test_a_file_is_one_step_and_settles_what_was_left_behind(
    questionnaire: Questionnaire, user: User
) -> None:
    reword(questionnaire, user, "How was it handled?")
    raw = translations.as_xliff(questionnaire, "de", NOW).decode()
    raw = raw.replace(DE["F1"], "Wie war die Bearbeitung?").replace(DE["S1"], "Alles gut?")
    judged = translations.take_file(questionnaire, raw.encode(), user=user, now=NOW)
    draft = QuestionnaireDraft.objects.get()

    assert judged.texts == {"F1.stem": "Wie war die Bearbeitung?", "S1.stem": "Alles gut?"}
    assert draft.edits.get(number=draft.position).summary == "Imported 2 texts (de)"
    assert left_behind(questionnaire) == []
    undo(questionnaire, user)
    assert left_behind(questionnaire) == ["F1.stem"]


def test_a_file_confirms_what_still_fits(questionnaire: Questionnaire, user: User) -> None:
    reword(questionnaire, user, "How was it handled?")
    raw = translations.as_xliff(questionnaire, "de", NOW).decode()
    judged = translations.take_file(
        questionnaire, raw.replace('"initial"', '"final"').encode(), user=user, now=NOW
    )

    assert [line.name for line in judged.confirmed] == ["F1.stem"]
    assert left_behind(questionnaire) == []


def test_a_file_made_before_the_source_changed_cannot_overwrite(
    questionnaire: Questionnaire, user: User
) -> None:
    raw = translations.as_xliff(questionnaire, "de", NOW).replace(DE["F1"].encode(), b"Neu?")
    reword(questionnaire, user, "How was it handled?")
    judged = translations.take_file(questionnaire, raw, user=user, now=NOW)

    assert [line.name for line in judged.refused] == ["F1.stem"]
    assert judged.taken == ()


def test_a_file_of_nonsense_changes_nothing(questionnaire: Questionnaire, user: User) -> None:
    for raw in (b"", b"<a/>", b"PK\x03\x04 a spreadsheet", b"\xff\xfe<\0"):
        with pytest.raises(TranslationFileError):
            translations.take_file(questionnaire, raw, user=user, now=NOW)
    assert not QuestionnaireDraft.objects.exists()
    assert not TranslationSource.objects.exists()
