"""What changed between two versions, and which trends it breaks."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.diff import Change, differences, restarted
from surveys.questionnaire.documents import from_builtins, to_builtins

FIX, CAUSE, CLOSING = 0, 1, 2


def changed(edit: Callable[[Any], object]) -> tuple[Change, ...]:
    document: Any = copy.deepcopy(to_builtins(default_definition()))
    edit(document)
    return differences(default_definition(), from_builtins(document, draft=True))


def items(document: Any, block: int) -> Any:
    return document["blocks"][block]["items"]


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, str, bool, bool]]:
    return [(c.path, c.item, c.kind, c.comparable, c.excusable) for c in changes]


def own_item(item_id: str = "X1") -> dict[str, object]:
    return {
        "id": item_id,
        "dimension": "fix.own",
        "type": "long_text",
        "stem": {"en": "What else?"},
    }


def test_a_definition_does_not_differ_from_itself() -> None:
    assert changed(lambda document: None) == ()


def test_another_wording_starts_the_trend_anew_but_may_be_excused() -> None:
    changes = changed(lambda d: items(d, FIX)[1]["stem"].update(en="How were you treated?"))
    assert changes == (
        Change(
            "$.blocks[0].items[1].stem.en",
            "F2",
            "wording",
            "The wording of F2 changed.",
            comparable=False,
            excusable=True,
            language="en",
            before="How well were you treated by the person who helped you?",
            after="How were you treated?",
        ),
    )


def test_a_translation_is_named_with_its_language() -> None:
    [change] = changed(lambda d: items(d, FIX)[1]["stem"].update(de="Wie war es?"))
    assert (change.sentence, change.comparable) == ("The wording of F2 changed in de.", False)


def test_other_quotation_marks_and_spaces_change_nothing_that_is_read() -> None:
    stem = to_builtins(default_definition())["blocks"][0]["items"][0]["stem"]["en"]  # type: ignore[index]
    [change] = changed(lambda d: items(d, FIX)[0]["stem"].update(en=f"{stem}  "))
    assert (change.comparable, change.excusable) == (True, False)


def test_a_reworded_option_starts_the_trend_anew() -> None:
    def reword(document: Any) -> None:
        items(document, CAUSE)[0]["options"][4]["label"]["en"] = "Enormously"

    assert told(changed(reword)) == [
        ("$.blocks[1].items[0].options[4].label.en", "C1", "labels", False, True)
    ]


def test_another_number_of_options_cannot_be_excused() -> None:
    assert told(changed(lambda d: items(d, CAUSE)[2]["options"].pop())) == [
        ("$.blocks[1].items[2].options", "C3", "scale", False, False)
    ]


def test_reversed_options_are_another_scale() -> None:
    def turn(document: Any) -> None:
        options = items(document, FIX)[0]["options"]
        labels = [option["label"] for option in options]
        for option, label in zip(options, reversed(labels), strict=True):
            option["label"] = label

    changes = changed(turn)
    assert told(changes)[0] == ("$.blocks[0].items[0].options", "F1", "scale", False, False)


def test_another_type_or_dimension_cannot_be_excused() -> None:
    def remake(document: Any) -> None:
        items(document, FIX)[3] |= {"type": "multiple", "dimension": "fix.result"}

    assert told(changed(remake)) == [
        ("$.blocks[0].items[3].type", "S1", "type", False, False),
        ("$.blocks[0].items[3].dimension", "S1", "dimension", False, False),
    ]


def test_what_is_put_in_front_moves_what_follows() -> None:
    changes = changed(lambda d: items(d, FIX).insert(2, own_item()))
    assert [(c.item, c.kind, c.comparable) for c in changes] == [
        ("X1", "added", True),
        ("F3", "order", False),
        ("S1", "order", False),
    ]
    assert [c.sentence for c in changes[1:]] == [
        "F3 now stands after X1.",
        "S1 now stands at place 5, no longer at place 4.",
    ]


def test_what_is_put_at_the_end_leaves_all_trends_alone() -> None:
    changes = changed(lambda d: items(d, FIX).append(own_item()))
    assert [(c.item, c.kind, c.comparable) for c in changes] == [("X1", "added", True)]


def test_an_item_on_another_page_is_another_question() -> None:
    def move(document: Any) -> None:
        items(document, CLOSING).append(items(document, FIX).pop())

    assert told(changed(move)) == [("$.blocks[2].items[3]", "S1", "order", False, False)]


def test_who_shares_a_place_by_lot_stands_before_nobody() -> None:
    def swap(document: Any) -> None:
        o1, c4, o2 = items(document, CLOSING)
        document["blocks"][CLOSING]["items"] = [o1, o2, c4]

    assert changed(swap) == ()


def test_a_removed_item_is_named_where_it_was() -> None:
    [change] = changed(lambda d: items(d, FIX).pop())
    assert told((change,)) == [("$.blocks[0].items[3]", "S1", "removed", True, False)]
    assert change.before == "Is the problem completely sorted out now?"


def test_other_skip_rules_ask_other_people() -> None:
    [change] = changed(lambda d: items(d, FIX)[1].pop("skip_when"))
    assert change.sentence == "F2 is now asked of other people: everyone is asked."
    assert change.before == "skipped where no person handled the case"
    assert not change.comparable


def test_a_language_comes_or_goes_without_breaking_a_trend() -> None:
    def drop(document: Any) -> None:
        document["languages"].remove("ar")
        document["languages"].append("tlh")

    changes = changed(drop)
    assert [(c.kind, c.sentence, c.comparable) for c in changes] == [
        ("language", "Newly offered: tlh.", True),
        ("language", "No longer offered: ar.", True),
    ]


def test_lead_in_thanks_and_comments_are_told_and_break_nothing() -> None:
    def edit(document: Any) -> None:
        document["lead_in"]["en"] = "Two things."
        document["thanks"]["en"] = "Thanks."
        document["blocks"][FIX]["comment"]["label"]["en"] = "And?"
        del document["blocks"][CAUSE]["comment"]

    changes = changed(edit)
    assert [(c.kind, c.comparable) for c in changes] == [
        ("lead_in", True),
        ("thanks", True),
        ("comment", True),
        ("comment", True),
    ]


def test_a_fixed_order_of_pages_breaks_every_trend() -> None:
    changes = changed(lambda d: d.update(randomise=False))
    assert list(restarted(changes)) == [""]


def test_settings_are_told() -> None:
    changes = changed(lambda d: items(d, FIX)[3].update(required=True, agent_visible=True))
    assert [c.sentence for c in changes] == [
        "S1 must now be answered.",
        "S1 is now shown to agents.",
    ]


@pytest.mark.parametrize("position", range(4))
def test_restarted_names_the_items_whose_figures_start_anew(position: int) -> None:
    changes = changed(lambda d: items(d, FIX)[position]["stem"].update(en="Otherwise?"))
    assert list(restarted(changes)) == [["F1", "F2", "F3", "S1"][position]]


@given(st.permutations(range(4)))
def test_an_order_is_a_change_of_exactly_what_moved(order: list[int]) -> None:
    """The first question of a page keeps its figures unless it is no longer the first."""

    def sort(document: Any) -> None:
        found = items(document, FIX)
        document["blocks"][FIX]["items"] = [found[place] for place in order]

    changes = changed(sort)
    assert (changes == ()) == (order == [0, 1, 2, 3])
    assert ("F1" in restarted(changes)) == (order[0] != 0)
