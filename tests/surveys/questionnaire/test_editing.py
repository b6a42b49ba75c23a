"""One change at a time: what it does, what it refuses, and what two people at once get."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from surveys.questionnaire import operations as ops
from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import from_builtins, to_builtins
from surveys.questionnaire.editing import EditError, StaleError, fingerprint, perform, value_at
from surveys.questionnaire.schema import AnswerRule, CaseRule

Document = dict[str, Any]


@pytest.fixture
def document() -> Document:
    return to_builtins(default_definition())


def ids(document: Document, block: str) -> list[str]:
    return [item["id"] for item in value_at(document, block)["items"]]


def done(document: Document, *operations: ops.Operation) -> Document:
    for operation in operations:
        document = perform(document, operation).document
    return document


def text(at: str, new: str, was: str, language: str = "en") -> ops.SetText:
    return ops.SetText(at=at, language=language, text=new, was=was)


def test_a_change_leaves_the_document_it_began_from_alone(document: Document) -> None:
    before = copy.deepcopy(document)
    perform(document, ops.DeleteItem(item="F2"))
    assert document == before


@pytest.mark.parametrize(
    "at", ["lead_in", "thanks", "F1.stem", "F2.stem_several", "S1.options.2.label"]
)
def test_a_text_is_written_in_one_language(document: Document, at: str) -> None:
    was = value_at(document, at)
    changed = done(document, text(at, "  New\r\n words ", was["en"]))
    assert value_at(changed, at) == {**was, "en": "New words"}


def test_a_comment_is_worded(document: Document) -> None:
    was = value_at(document, "fix.comment.label.en")
    changed = done(document, text("fix.comment.label", "Anything else?", was))
    assert value_at(changed, "fix.comment.label.en") == "Anything else?"


def test_a_blank_takes_a_translation_away_but_not_the_default_text(document: Document) -> None:
    was = value_at(document, "F1.stem")
    changed = done(document, text("F1.stem", " ", was["de"], "de"), text("F1.stem", "", was["en"]))
    kept = {language: words for language, words in was.items() if language != "de"}
    assert value_at(changed, "F1.stem") == {**kept, "en": ""}


def test_an_optional_text_comes_and_goes(document: Document) -> None:
    changed = done(document, text("F1.hint", "One tap", ""))
    assert value_at(changed, "F1.hint") == {"en": "One tap"}
    assert done(changed, text("F1.hint", "", "One tap")) == document


def test_two_people_writing_the_same_text_are_told_both_texts(document: Document) -> None:
    was = value_at(document, "F1.stem.en")
    changed = done(document, text("F1.stem", "Hers", was))
    with pytest.raises(StaleError) as stale:
        perform(changed, text("F1.stem", "His", was))
    assert (stale.value.path, stale.value.mine, stale.value.theirs) == ("F1.stem", "His", "Hers")


def test_two_people_writing_the_same_words_agree(document: Document) -> None:
    was = value_at(document, "F1.stem.en")
    changed = done(document, text("F1.stem", "Same", was))
    assert done(changed, text("F1.stem", "Same", was)) == changed


def test_two_people_writing_different_texts_both_hold(document: Document) -> None:
    stem = value_at(document, "F1.stem")
    hers, his = text("F1.stem", "Hers", stem["en"]), text("F1.stem", "Seins", stem["de"], "de")
    assert done(document, hers, his) == done(document, his, hers)


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (text("F1.stem", "x" * 10_000, "?"), "10,000 characters"),
        (text("F1.options.1.label", "x" * 81, "?"), "at most 80"),
        (text("F1.stem", "left \u202e right", "?"), "turns or hides"),
        (text("F1.stem", "[[link]]", "?"), "turns or hides"),
        (text("F1.stem", "x", "?", "tlh"), "not among the languages"),
        (text("F1.steam", "x", ""), "no such text"),
        (text("F1.options.two.label", "x", ""), "no such option"),
        (text("blocks", "x", ""), "no such text"),
        (ops.SetField(at="F1.dimension", value="cause.overall", was="fix.overall"), "no such fie"),
        (ops.SetField(at="F1.headline", value=False, was=True), "no such field"),
        (ops.SetField(at="default_language", value="tlh", was="en"), "not among the languages"),
        (ops.SetField(at="F1.rotation", value="A B", was=None), "Expected"),
        (ops.SetField(at="F3.options.1.exclusive", value=True, was=False), "standard question"),
        (ops.AddItem(block="fix", kind="F1"), "asked already"),
        (ops.AddItem(block="fix", kind="essay"), "no type"),
        (ops.AddOption(item="F1"), "standard question"),
        (ops.ChangeType(item="F1", type="nps", was="rating"), "standard question"),
        (ops.MoveItem(item="F1", block="closing"), "opens the fix page"),
        (ops.MoveItem(item="F2", block="cause"), "would bleed"),
        (ops.MoveItem(item="O1", block="fix"), "would bleed"),
        (ops.SetComment(block="closing", on=True, was=False), "neither report"),
        (ops.RemoveLanguage(language="en"), "default language"),
        (
            ops.AddRule(item="F3", rule=CaseRule(fact="channel", op="in", values=("a\u202eb",))),
            "turn or hide",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    document: Document, operation: ops.Operation, message: str
) -> None:
    if isinstance(operation, ops.SetText) and operation.was == "?":
        was = value_at(document, operation.at)["en"]
        operation = text(operation.at, operation.text, was, operation.language)
    with pytest.raises(EditError) as error:
        perform(document, operation)
    assert message in error.value.message
    assert not isinstance(error.value, StaleError)


@pytest.mark.parametrize(
    "kind",
    [
        *("rating", "yes_no", "single", "multiple", "short_text", "long_text"),
        *("number", "date", "nps", "cause_picker"),
    ],
)
@pytest.mark.parametrize("block", ["fix", "cause", "closing"])
def test_a_question_of_each_type_begins_complete_but_for_its_words(
    document: Document, kind: str, block: Any
) -> None:
    edited = perform(document, ops.AddItem(block=block, kind=kind))
    assert edited.place == "X1"
    assert ids(edited.document, block)[-1] == "X1"
    assert value_at(edited.document, "X1.stem") == {"en": ""}
    assert from_builtins(edited.document, draft=True).item("X1").type == kind


def test_a_new_question_never_gets_an_id_that_was_published(document: Document) -> None:
    edited = perform(document, ops.AddItem(block="fix", kind="rating"), taken={"X1", "X2"})
    assert edited.place == "X3"


def test_a_standard_question_comes_back_as_it_was(document: Document) -> None:
    back = ops.AddItem(block="fix", kind="F2", after="F1")
    assert done(document, ops.DeleteItem(item="F2"), back) == document


def test_a_page_holds_twenty_questions(document: Document) -> None:
    for _ in range(16):
        document = done(document, ops.AddItem(block="fix", kind="single"))
    with pytest.raises(EditError, match="at most 20"):
        perform(document, ops.AddItem(block="fix", kind="single"))


def test_a_duplicate_stands_beside_and_opens_nothing(document: Document) -> None:
    changed = done(document, ops.DuplicateItem(item="F1"))
    assert ids(changed, "fix") == ["F1", "X1", "F2", "F3", "S1"]
    assert "headline" not in value_at(changed, "X1")


def test_deleting_what_somebody_changed_is_a_conflict(document: Document) -> None:
    was = fingerprint(value_at(document, "F3"))
    changed = done(document, text("F3.stem", "Other", value_at(document, "F3.stem.en")))
    with pytest.raises(StaleError):
        perform(changed, ops.DeleteItem(item="F3", was=was))


def test_writing_to_what_somebody_deleted_is_a_conflict(document: Document) -> None:
    changed = done(document, ops.DeleteItem(item="F3"))
    with pytest.raises(StaleError):
        perform(changed, text("F3.stem", "Other", "Did you"))


def test_deleting_takes_the_rules_that_name_the_question(document: Document) -> None:
    rule = ops.AddRule(item="S1", rule=AnswerRule(item="F3", values=(5,)))
    changed = done(document, rule, ops.DeleteItem(item="F3"))
    assert value_at(changed, "S1.skip_when") is None


def test_moving_within_and_across_pages(document: Document) -> None:
    changed = done(document, ops.MoveItem(item="F3", block="fix", after="F1"))
    assert ids(changed, "fix") == ["F1", "F3", "F2", "S1"]
    changed = done(changed, ops.MoveItem(item="F3", block="fix"))
    assert ids(changed, "fix") == ["F3", "F1", "F2", "S1"]
    changed = done(changed, ops.MoveItem(item="C3", block="closing", after="O1"))
    assert ids(changed, "closing") == ["O1", "C3", "C4", "O2"]


def test_an_own_question_follows_the_side_of_its_page(document: Document) -> None:
    changed = done(document, ops.AddItem(block="fix", kind="rating"))
    changed = done(changed, ops.MoveItem(item="X1", block="cause", after="C1"))
    assert value_at(changed, "X1.dimension") == "cause.own"
    assert ids(changed, "cause")[1] == "X1"


def test_moves_of_different_questions_both_hold(document: Document) -> None:
    seen = tuple(ids(document, "fix"))
    changed = done(
        document,
        ops.DeleteItem(item="F2"),
        ops.AddItem(block="fix", kind="rating", after="F1"),
        ops.MoveItem(item="S1", block="fix", after="F1", was=seen),
    )
    assert ids(changed, "fix") == ["F1", "S1", "X1", "F3"]


def test_two_moves_of_the_same_question_are_a_conflict(document: Document) -> None:
    seen = tuple(ids(document, "fix"))
    changed = done(document, ops.MoveItem(item="S1", block="fix", after="F1", was=seen))
    with pytest.raises(StaleError):
        perform(changed, ops.MoveItem(item="S1", block="fix", was=seen))


def _own(document: Document, kind: str = "multiple") -> Document:
    return done(document, ops.AddItem(block="fix", kind=kind))


def test_a_new_option_comes_before_none_of_these_and_rules_follow(document: Document) -> None:
    changed = done(
        _own(document),
        ops.AddItem(block="fix", kind="rating"),
        ops.AddRule(item="X2", rule=AnswerRule(item="X1", values=(1, 3))),
        ops.AddOption(item="X1"),
    )
    assert [o.get("exclusive", False) for o in value_at(changed, "X1.options")] == [
        *(False, False, False, True)
    ]
    assert value_at(changed, "X2.skip_when")[0]["values"] == [1, 4]


def test_options_are_removed_and_moved_and_rules_follow(document: Document) -> None:
    changed = done(
        _own(document),
        ops.AddItem(block="fix", kind="rating"),
        ops.AddRule(item="X2", rule=AnswerRule(item="X1", values=(3,))),
    )
    first, last = (fingerprint(value_at(changed, f"X1.options.{n}")) for n in (1, 3))
    moved = done(changed, ops.MoveOption(item="X1", value=3, to=1, was=last))
    assert value_at(moved, "X2.skip_when")[0]["values"] == [1]
    removed = done(changed, ops.RemoveOption(item="X1", value=1, was=first))
    assert value_at(removed, "X2.skip_when")[0]["values"] == [2]
    gone = done(changed, ops.RemoveOption(item="X1", value=3, was=last))
    assert value_at(gone, "X2.skip_when") is None
    with pytest.raises(StaleError):
        perform(moved, ops.RemoveOption(item="X1", value=3, was=last))


def test_a_scale_gets_longer_and_shorter(document: Document) -> None:
    rating = _own(document, "rating")
    longer = done(rating, ops.SetPoints(item="X1", points=7, was=5))
    assert [option["value"] for option in value_at(longer, "X1.options")] == [1, 2, 3, 4, 5, 6, 7]
    assert value_at(longer, "X1.options.7.label") == {"en": ""}
    assert done(longer, ops.SetPoints(item="X1", points=5, was=7)) == rating
    with pytest.raises(StaleError):
        perform(longer, ops.SetPoints(item="X1", points=11, was=5))
    with pytest.raises(EditError, match="standard question"):
        perform(document, ops.SetPoints(item="F1", points=7, was=5))
    with pytest.raises(EditError, match="Only a rating"):
        perform(_own(document), ops.SetPoints(item="X1", points=7, was=3))


def test_fields_comments_languages_and_pages(document: Document) -> None:
    changed = done(
        document,
        ops.SetField(at="F2.required", value=True, was=False),
        ops.SetField(at="F2.rotation", value="pair", was=None),
        ops.SetField(at="randomise", value=False, was=True),
        ops.SetField(at="required_languages", value=["en", "de"], was=None),
        ops.SetComment(block="fix", on=False, was=True),
        ops.AddLanguage(language="tlh"),
        ops.RemoveLanguage(language="ar"),
        ops.RemoveLanguage(language="de"),
    )
    closing = fingerprint(value_at(changed, "closing"))
    changed = done(changed, ops.RemoveBlock(block="closing", was=closing))
    assert value_at(changed, "F2.required") is True
    assert value_at(changed, "F2.rotation") == "pair"
    assert changed["randomise"] is False
    assert changed["required_languages"] == ["en"]
    assert value_at(changed, "fix.comment") is None
    assert {"tlh", "ar", "de"} & set(changed["languages"]) == {"tlh"}
    assert "ar" not in value_at(changed, "F1.stem")
    assert [block["id"] for block in changed["blocks"]] == ["fix", "cause"]
    back = done(changed, ops.AddBlock(block="closing"))
    assert value_at(back, "closing")["items"] == []


def test_a_rule_is_added_once_and_removed_by_what_it_says(document: Document) -> None:
    add = ops.AddRule(item="F3", rule=CaseRule(fact="channel", op="in", values=("phone",)))
    changed = done(document, add, add)
    (rule,) = value_at(changed, "F3.skip_when")
    remove = ops.RemoveRule(item="F3", was=fingerprint(rule))
    assert done(changed, remove) == document
    with pytest.raises(StaleError):
        perform(document, remove)


def test_a_flag_changed_by_two_is_a_conflict(document: Document) -> None:
    changed = done(document, ops.SetField(at="F2.rotation", value="pair", was=None))
    with pytest.raises(StaleError) as stale:
        perform(changed, ops.SetField(at="F2.rotation", value="other", was=None))
    assert (stale.value.mine, stale.value.theirs) == ("other", "pair")


def test_a_questionnaire_too_large_is_refused(document: Document) -> None:
    document = copy.deepcopy(document)
    document["languages"] = [f"{a}{b}" for a in "abcdef" for b in "abcdef"] + ["en"]
    long = dict.fromkeys(document["languages"], "x" * 500)
    item = {"dimension": "fix.own", "type": "short_text", "stem": long, "hint": long}
    for number in range(1, 8):
        document["blocks"][0]["items"].append({**item, "id": f"X{number}"})
    refused = {}
    for number in range(8, 14):
        try:
            document = done(document, ops.DuplicateItem(item="X1"))
        except EditError as error:
            refused[number] = error.message
    assert set(refused.values()) <= {"The questionnaire would be larger than 256 KiB."}
    assert refused
