"""A definition survives the round trip, and a faulty one is refused at the place of its fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import check, decode, encode, from_builtins, to_builtins
from surveys.questionnaire.schema import MAX_DEFINITION_BYTES, DefinitionError


def faulty(change: Callable[[Any], None]) -> str:
    """The default definition as JSON after one change."""
    document = json.loads(encode(default_definition()))
    change(document)
    return json.dumps(document)


def test_default_definition_survives_both_round_trips() -> None:
    definition = default_definition()

    assert decode(encode(definition)) == definition
    assert from_builtins(to_builtins(definition)) == definition
    assert encode(decode(encode(definition))) == encode(definition)


def test_default_definition_asks_the_ten_items_in_order() -> None:
    definition = default_definition()

    assert [(block.id, [item.id for item in block.items]) for block in definition.blocks] == [
        ("fix", ["F1", "F2", "F3", "S1"]),
        ("cause", ["C1", "C2", "C3"]),
        ("closing", ["O1", "C4", "O2"]),
    ]
    assert {item.id: item.dimension for item in definition.items} == {
        "F1": "fix.overall",
        "F2": "fix.agent",
        "F3": "fix.process",
        "S1": "fix.outcome",
        "C1": "cause.overall",
        "C2": "cause.avoidable",
        "C3": "cause.recurrence",
        "O1": "outcome.repurchase",
        "C4": "cause.expectation",
        "O2": "outcome.forgiveness",
    }
    assert [item.id for item in definition.items if item.headline] == ["F1", "C1"]
    assert definition.comment_ids == ("fix_comment", "cause_comment")


def test_default_definition_words_the_headlines_as_the_design_does() -> None:
    definition = default_definition()

    f1, c1 = definition.item("F1"), definition.item("C1")
    assert f1.stem["en"] == (
        "Thinking only about how your problem was handled, how satisfied are you?"
    )
    assert [option.label["en"] for option in f1.options] == [
        "Very dissatisfied",
        "Dissatisfied",
        "Neither",
        "Satisfied",
        "Very satisfied",
    ]
    assert c1.stem["en"] == (
        "Leaving aside how it was handled, how much did it bother you that this problem happened "
        "at all?"
    )
    assert [option.label["en"] for option in c1.options] == [
        "Not at all",
        "A little",
        "Moderately",
        "A lot",
        "A great deal",
    ]


def set_unknown_field(d: Any) -> None:
    d["blocks"][0]["items"][0]["headlin"] = True


def set_wrong_type(d: Any) -> None:
    d["blocks"][0]["items"][1]["id"] = 7


def set_gap_in_values(d: Any) -> None:
    d["blocks"][1]["items"][0]["options"][2]["value"] = 4


def set_item_twice(d: Any) -> None:
    d["blocks"][1]["items"][1]["id"] = "C1"


def set_direction_override(d: Any) -> None:
    d["lead_in"]["de"] = "Hallo \u202e"


def set_skeleton_bracket(d: Any) -> None:
    d["blocks"][0]["items"][0]["stem"]["en"] = "Click [[unsubscribe_url]]"


def set_blank(d: Any) -> None:
    d["thanks"]["fr"] = "  "


def drop_default_language(d: Any) -> None:
    del d["thanks"]["en"]


def set_rule_on_later_item(d: Any) -> None:
    d["blocks"][0]["items"][1]["skip_when"] = [{"on": "answer", "item": "S1", "values": [1]}]


def set_rule_across_sides(d: Any) -> None:
    d["blocks"][1]["items"][1]["skip_when"] = [{"on": "answer", "item": "F1", "values": [1]}]


def set_rule_without_option(d: Any) -> None:
    d["blocks"][0]["items"][2]["skip_when"] = [{"on": "answer", "item": "F1", "values": [6]}]


def set_skipped_headline(d: Any) -> None:
    d["blocks"][0]["items"][0]["skip_when"] = [
        {"on": "fact", "fact": "n_agents", "op": "gt", "value": 1}
    ]


def set_exclusive_rating(d: Any) -> None:
    d["blocks"][0]["items"][0]["options"][0]["exclusive"] = True


def set_foreign_default(d: Any) -> None:
    d["default_language"] = "xx"


def set_other_version(d: Any) -> None:
    d["version"] = 2


def set_long_stem(d: Any) -> None:
    d["blocks"][0]["items"][0]["stem"]["en"] = "x" * 501


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (set_unknown_field, "$.blocks[0].items[0]"),
        (set_wrong_type, "$.blocks[0].items[1].id"),
        (set_gap_in_values, "$.blocks[1].items[0].options"),
        (set_item_twice, "$.blocks[1].items[1].id"),
        (set_direction_override, "$.lead_in.de"),
        (set_skeleton_bracket, "$.blocks[0].items[0].stem.en"),
        (set_blank, "$.thanks.fr"),
        (drop_default_language, "$.thanks"),
        (set_rule_on_later_item, "$.blocks[0].items[1].skip_when[0].item"),
        (set_rule_across_sides, "$.blocks[1].items[1].skip_when[0].item"),
        (set_rule_without_option, "$.blocks[0].items[2].skip_when[0].values"),
        (set_skipped_headline, "$.blocks[0].items[0].headline"),
        (set_exclusive_rating, "$.blocks[0].items[0].options[0].exclusive"),
        (set_foreign_default, "$.default_language"),
        (set_other_version, "$.version"),
        (set_long_stem, "$.blocks[0].items[0].stem[...]"),
    ],
)
def test_decode_names_the_path_of_the_fault(change: Callable[[Any], None], path: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        decode(faulty(change))

    assert caught.value.path == path


def test_draft_may_be_incomplete_but_not_harmful() -> None:
    blank = faulty(set_blank)
    assert decode(blank, draft=True).thanks["fr"] == "  "
    with pytest.raises(DefinitionError):
        decode(blank)
    with pytest.raises(DefinitionError) as caught:
        decode(faulty(set_direction_override), draft=True)
    assert caught.value.path == "$.lead_in.de"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"blocks":' * 50_000,
        b'{"version": 1, "lead_in": {"en": "\\ud800"}}',
        '{"version": "\ud800"}',
        b" " * (MAX_DEFINITION_BYTES + 1),
    ],
)
def test_decode_refuses_what_is_no_definition(document: bytes | str) -> None:
    with pytest.raises(DefinitionError) as caught:
        decode(document)

    assert caught.value.path.startswith("$")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_from_builtins_refuses_any_other_value(document: object) -> None:
    with pytest.raises(DefinitionError):
        from_builtins(document)


def test_closing_item_may_depend_on_an_earlier_answer() -> None:
    def rule(d: Any) -> None:
        d["blocks"][2]["items"][0]["skip_when"] = [{"on": "answer", "item": "S1", "values": [3]}]

    definition = decode(faulty(rule))

    check(definition)
    assert len(definition.item("O1").skip_when) == 1
