"""The table of translations: what is missing, what was left behind, what cannot be taken."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.places import EditError, fingerprint, text_place
from surveys.questionnaire.schema import walk_texts
from surveys.questionnaire.texts import catalogue, languages
from surveys.questionnaire.translating import (
    entries,
    fault,
    left_behind,
    made_now,
    progress,
    required_languages,
    rows,
    shipped,
    what,
    with_texts,
)

DEFAULT: Any = to_builtins(default_definition())


def changed(**texts: str) -> Any:
    """The default document with F1's question set per language."""
    document = copy.deepcopy(DEFAULT)
    document["blocks"][0]["items"][0]["stem"].update(texts)
    return document


def without(document: Any, language: str, name: str) -> Any:
    return with_texts(document, language, {name: ""})


def test_every_text_of_a_definition_has_a_line_of_its_own() -> None:
    lines = list(entries(DEFAULT))

    assert len({line.name for line in lines}) == len(lines)
    assert sorted(map(str, (line.texts for line in lines))) == sorted(
        str(dict(text)) for _, text in walk_texts(from_builtins(DEFAULT))
    )


def test_every_line_can_be_written_to_by_its_name() -> None:
    for entry in entries(DEFAULT):
        place = text_place(DEFAULT, entry.name)
        assert (place.texts, place.limit) == (entry.texts, entry.limit)


def test_of_two_items_under_one_id_only_the_first_is_shown() -> None:
    document = changed()
    document["blocks"][1]["items"][0]["id"] = "F1"

    assert [entry.name for entry in entries(document)].count("F1.stem") == 1


def test_an_absent_hint_needs_no_translation() -> None:
    document = changed()
    assert "F1.hint" not in {entry.name for entry in entries(document)}
    document["blocks"][0]["items"][0]["hint"] = {"en": "Think of yesterday"}
    assert progress(document, "de", {}).n_missing == 1


def test_progress_counts_missing_changed_and_faulty_texts() -> None:
    document = without(DEFAULT, "de", "thanks")
    document = with_texts(document, "de", {"C2.stem": "Ohne Platzhalter"})
    sources = {("F1.stem", "de", fingerprint(catalogue("de")["questionnaire"]["F1"])): "Older"}
    found = progress(document, "de", sources)

    assert (found.n_missing, found.n_changed, found.n_faults) == (1, 1, 1)
    assert found.n_texts == len(list(entries(DEFAULT)))
    assert found.n_translated == found.n_texts - 1


@pytest.mark.parametrize("language", [tag for tag in languages() if tag != "en"])
def test_default_questionnaire_is_complete_in_every_language(language: str) -> None:
    found = progress(DEFAULT, language, {})

    assert (found.n_missing, found.n_changed, found.n_faults) == (0, 0, 0)


def test_all_languages_are_required_until_some_are_marked() -> None:
    assert required_languages(DEFAULT) == languages()
    assert required_languages({**DEFAULT, "required_languages": ["en", "de"]}) == ("en", "de")


def test_a_translation_whose_source_moved_on_names_what_it_was_made_from() -> None:
    before, after = changed(), changed(en="How satisfied are you with the handling?")
    sources = left_behind(before, after)
    row = next(row for row in rows(after, "de", sources) if row.name == "F1.stem")

    assert row.changed
    assert row.made_from == catalogue("en")["questionnaire"]["F1"]
    assert {name for name, _, _ in sources} == {"F1.stem"}
    assert {language for _, language, _ in sources} == set(languages()) - {"en"}


def test_a_source_put_back_leaves_nothing_to_look_at() -> None:
    before, after = changed(), changed(en="Something else")
    sources = left_behind(before, after)

    assert not any(row.changed for row in rows(before, "de", sources))


def test_a_translation_written_anew_is_made_from_the_source_beside_it() -> None:
    before = changed(en="Something else")
    after = changed(en="Something else", de="Etwas anderes")

    assert made_now(before, after) == {
        ("F1.stem", "de", fingerprint("Etwas anderes")): "Something else"
    }
    assert left_behind(before, after) == {}


def test_moving_an_item_makes_nothing_new() -> None:
    after = copy.deepcopy(DEFAULT)
    after["blocks"][0]["items"].reverse()

    assert (made_now(DEFAULT, after), left_behind(DEFAULT, after)) == ({}, {})


@pytest.mark.parametrize(
    ("source", "text", "words"),
    [
        ("{company}?", "Von {company}?", ""),
        ("{company}?", "Von ihr?", "It lacks {company}, which the source has."),
        ("Us?", "{company}?", "It has {company}, which the source has not."),
        ("{company}", "{firma}", "It lacks {company}, which the source has."),
        ("Us?", "x" * 81, "It has 81 characters; at most 80 fit."),
        ("Us?", "Wir\u202e?", r"It contains '\\u202e', which turns or hides text."),
        ("Us?", "[[survey_url]]", "It contains '[[', which turns or hides text."),
    ],
)
def test_fault_says_what_is_wrong_with_a_translation(source: str, text: str, words: str) -> None:
    assert fault(source, text, 80) == words


def test_a_blank_takes_a_translation_away() -> None:
    document = without(DEFAULT, "de", "F1.stem")

    assert "de" not in document["blocks"][0]["items"][0]["stem"]
    assert "de" in DEFAULT["blocks"][0]["items"][0]["stem"]


def test_an_unknown_name_cannot_be_written_to() -> None:
    with pytest.raises(EditError):
        with_texts(DEFAULT, "de", {"F9.stem": "x"})


def test_what_ships_fills_exactly_the_untouched_texts() -> None:
    document = changed(en="A question of our own")
    for name in ("F1.stem", "F1.options.2.label", "F2.stem_several", "fix.comment.label", "thanks"):
        document = without(document, "de", name)
    words = catalogue("de")["questionnaire"]

    assert shipped(document, "de") == {
        "F1.options.2.label": words["F1_2"],
        "F2.stem_several": words["F2_several"],
        "fix.comment.label": words["fix_comment"],
        "thanks": words["thanks"],
    }
    assert shipped(document, "fi") == {}
    assert shipped({**document, "default_language": "fi"}, "de") == {}


def test_what_ships_is_the_whole_default_questionnaire() -> None:
    bare = copy.deepcopy(DEFAULT)
    for entry in entries(DEFAULT):
        bare = without(bare, "he", entry.name)

    assert with_texts(bare, "he", shipped(bare, "he")) == DEFAULT


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lead_in", "Lead-in"),
        ("F1.stem", "F1, question"),
        ("F1.options.2.label", "F1, option 2"),
        ("F2.stem_several", "F2, question for several people"),
        ("fix.comment.label", "Comment of the fix page"),
        ("nonsense", "nonsense"),
        ("F1.nonsense", "F1.nonsense"),
        ("", ""),
    ],
)
def test_what_names_a_text_in_words(name: str, words: str) -> None:
    assert what(name) == words
