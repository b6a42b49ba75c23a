"""Which questions a respondent meets, and what their post means."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.default import default_definition
from surveys.questionnaire.documents import decode, encode
from surveys.questionnaire.rendering import (
    ARMS,
    Answer,
    Arm,
    Facts,
    Rotation,
    clean_comment,
    headline_item,
    is_complete,
    not_sorted_out,
    pages,
    parse_answers,
    parse_preselect,
    thanks,
)
from surveys.questionnaire.schema import MAX_COMMENT_CHARACTERS, Definition
from surveys.questionnaire.texts import languages

DEFINITION = default_definition()
ONE_PERSON = Facts(human_handled=True, n_agents=1)
NOBODY = Facts(human_handled=False, n_agents=0)
SEVERAL = Facts(human_handled=True, n_agents=3)

ITEM_IDS = ["F1", "F2", "F3", "S1", "C1", "C2", "C3", "O1", "C4", "O2"]
field_names = st.sampled_from([*ITEM_IDS, "fix_comment", "cause_comment"]) | st.text(max_size=9)
field_values = st.sampled_from(["", "0", "1", "5", "6", "05", "-1", "1.0", "٣", "²"]) | st.text()
posts = st.dictionaries(field_names, field_values | st.lists(field_values, max_size=6), max_size=14)


ROTATIONS = ("C4", "O2")


def shown(arm: Arm, rotation: Rotation, facts: Facts) -> list[tuple[str, list[str]]]:
    return [
        (page.block, [item.id for item in page.items])
        for page in pages(DEFINITION, arm, rotation, facts, "en", {}, company="Acme")
    ]


def test_pages_follow_the_arm_and_close_with_the_closing_items() -> None:
    assert shown("fix_first", "C4", ONE_PERSON) == [
        ("fix", ["F1", "F2", "F3", "S1"]),
        ("cause", ["C1", "C2", "C3"]),
        ("closing", ["O1", "C4"]),
    ]
    assert shown("cause_first", "O2", NOBODY) == [
        ("cause", ["C1", "C2", "C3"]),
        ("fix", ["F1", "F3", "S1"]),
        ("closing", ["O1", "O2"]),
    ]


@pytest.mark.parametrize(
    ("arm", "rotation", "facts"), list(product(ARMS, ROTATIONS, [ONE_PERSON, NOBODY, SEVERAL]))
)
def test_nobody_is_asked_more_than_nine_items(arm: Arm, rotation: Rotation, facts: Facts) -> None:
    built = pages(DEFINITION, arm, rotation, facts, "en", {}, company="Acme")

    numbers = [item.number for page in built for item in page.items]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == (8 if facts == NOBODY else 9)
    assert {page.n_questions for page in built} == {len(numbers)}


def test_pages_link_to_their_neighbours_and_lead_in_once() -> None:
    first, second, third = pages(DEFINITION, "cause_first", "O2", ONE_PERSON, "en", {}, company="A")

    assert [
        (p.number, p.total, p.previous_block, p.next_block, p.last) for p in (first, second, third)
    ] == [
        (1, 3, None, "fix", False),
        (2, 3, "cause", "closing", False),
        (3, 3, "fix", None, True),
    ]
    assert [bool(page.lead_in) for page in (first, second, third)] == [True, False, False]
    assert [page.comment.id if page.comment else None for page in (first, second, third)] == [
        "cause_comment",
        "fix_comment",
        None,
    ]


def test_headline_of_the_arm_is_the_first_question_of_its_first_page() -> None:
    assert headline_item(DEFINITION, "fix_first").id == "F1"
    assert headline_item(DEFINITION, "cause_first").id == "C1"


def test_several_people_are_spoken_of_in_the_plural() -> None:
    def stem(facts: Facts) -> str:
        return pages(DEFINITION, "fix_first", "C4", facts, "en", {}, company="A")[0].items[1].stem

    assert stem(ONE_PERSON) == "How well were you treated by the person who helped you?"
    assert stem(SEVERAL) == "How well were you treated by the people who helped you?"


def test_company_is_filled_into_stems_and_language_falls_back() -> None:
    definition = decode(encode(DEFINITION))
    built = pages(definition, "cause_first", "C4", ONE_PERSON, "xx", {}, company="{n}<b>")

    assert built[0].items[1].stem == "Could {n}<b> have prevented this problem?"
    assert thanks(definition, "de", company="A").startswith("Ihre Antworten helfen")


def test_answers_and_tapped_rating_are_marked() -> None:
    answers: dict[str, Answer] = {"F1": 2, "F3": (1, 4), "fix_comment": "slow"}
    page = pages(
        DEFINITION, "fix_first", "C4", ONE_PERSON, "en", answers, company="A", preselect={"F1": 4}
    )[0]

    marked = {
        item.id: ([option.value for option in item.options if option.selected], item.preselected)
        for item in page.items
    }
    assert marked == {
        "F1": ([4], True),
        "F2": ([], False),
        "F3": ([1, 4], False),
        "S1": ([], False),
    }
    assert page.comment is not None
    assert page.comment.value == "slow"


def test_parse_accepts_items_of_any_page() -> None:
    parsed = parse_answers(
        DEFINITION,
        "O2",
        ONE_PERSON,
        {"O2": "5", "F1": ["4"], "C1": "1", "F3": ["4", "1", "4"], "cause_comment": " a\r\nb\0 "},
    )

    assert parsed.answers == {"F1": 4, "F3": (1, 4), "C1": 1, "O2": 5, "cause_comment": "a\nb"}
    assert parsed.errors == {}


def test_parse_ignores_what_is_not_asked_and_what_is_unknown() -> None:
    parsed = parse_answers(
        DEFINITION, "O2", NOBODY, {"F2": "5", "C4": "1", "X1": "1", "page": "fix", "F1": ""}
    )

    assert parsed.answers == {}
    assert parsed.errors == {}


@pytest.mark.parametrize("value", ["0", "6", "-1", "1.0", "05", " 4", "4 ", "٣", "1e0", "4\n", "x"])
def test_parse_refuses_a_value_that_is_no_option(value: str) -> None:
    parsed = parse_answers(DEFINITION, "C4", ONE_PERSON, {"F1": value, "C1": "2"})

    assert parsed.errors == {"F1": "invalid_option"}
    assert parsed.answers == {"C1": 2}


def test_parse_takes_the_options_each_item_has() -> None:
    highest = {"F1": 5, "F2": 5, "F3": 5, "S1": 4, "C1": 5, "C2": 5, "C3": 4, "O1": 5, "C4": 6}
    for item, top in highest.items():
        kept = parse_answers(DEFINITION, "C4", ONE_PERSON, {item: str(top)})
        refused = parse_answers(DEFINITION, "C4", ONE_PERSON, {item: str(top + 1)})
        assert kept.answers == {item: (top,) if item == "F3" else top}
        assert refused.errors == {item: "invalid_option"}


def test_none_of_these_with_something_else_is_an_error() -> None:
    both = parse_answers(DEFINITION, "C4", ONE_PERSON, {"F3": ["1", "5"]})
    alone = parse_answers(DEFINITION, "C4", ONE_PERSON, {"F3": ["5"]})

    assert (both.answers, both.errors) == ({}, {"F3": "none_with_others"})
    assert (alone.answers, alone.errors) == ({"F3": (5,)}, {})


def test_unticking_everything_takes_the_answer_back_on_its_own_page_only() -> None:
    own = parse_answers(DEFINITION, "C4", ONE_PERSON, {"F1": "4"}, block="fix")
    other = parse_answers(DEFINITION, "C4", ONE_PERSON, {"C1": "4"}, block="cause")

    assert own.answers == {"F1": 4, "F3": ()}
    assert other.answers == {"C1": 4}


def test_comment_too_long_is_refused_and_kept_for_the_form() -> None:
    fits = "ä" * MAX_COMMENT_CHARACTERS
    parsed = parse_answers(
        DEFINITION, "C4", ONE_PERSON, {"fix_comment": fits, "cause_comment": fits + "!"}
    )

    assert parsed.answers == {"fix_comment": fits}
    assert parsed.errors == {"cause_comment": "comment_too_long"}
    assert parsed.kept == {"cause_comment": fits + "!"}


def test_comment_keeps_every_character_a_person_types() -> None:
    typed = "Zeile\teins\nשלום 👩‍👧 \u202eabc <b> =1+1"

    assert clean_comment(f" {typed}\x00\x07\ud83d\x85\n") == typed


@given(posts, st.sampled_from(ROTATIONS), st.sampled_from([ONE_PERSON, NOBODY, SEVERAL]))
def test_parse_never_raises_and_yields_only_what_is_asked(
    posted: dict[str, str | list[str]], rotation: Rotation, facts: Facts
) -> None:
    parsed = parse_answers(DEFINITION, rotation, facts, posted, block="fix")

    built = pages(DEFINITION, "fix_first", rotation, facts, "en", {}, company="A")
    asked = {item.id for page in built for item in page.items}
    assert set(parsed.answers) | set(parsed.errors) <= asked | {"fix_comment", "cause_comment"}
    assert not set(parsed.answers) & set(parsed.errors)
    again = parse_answers(DEFINITION, rotation, facts, as_posted(parsed.answers))
    assert {**parsed.answers, **again.answers} == parsed.answers
    for value in parsed.answers.values():
        assert isinstance(value, int | tuple) or value.encode().decode() == value


def as_posted(answers: dict[str, Answer]) -> dict[str, str | list[str]]:
    return {
        name: [str(part) for part in value] if isinstance(value, tuple) else str(value)
        for name, value in answers.items()
    }


@given(st.sampled_from(languages()), st.sampled_from(ARMS), st.text(max_size=3_000))
def test_pages_are_bounded_whatever_the_company_is_called(
    language: str, arm: Arm, company: str
) -> None:
    built = pages(DEFINITION, arm, "C4", SEVERAL, language, {}, company=company)

    words = [item.stem for page in built for item in page.items]
    assert sum(map(len, words)) < 9 * 700


def test_preselect_takes_headlines_only() -> None:
    query = {"F1": ["4"], "C1": "9", "F2": "5", "fix_comment": "x", "utm": "y"}

    assert parse_preselect(DEFINITION, "C4", ONE_PERSON, query) == {"F1": 4}


def with_rule() -> Definition:
    """O1 is not asked of those whose problem is not sorted out."""
    document = encode(DEFINITION).replace(
        b'"id":"O1"', b'"id":"O1","skip_when":[{"on":"answer","item":"S1","values":[2,3]}]'
    )
    return decode(document)


def test_answer_rule_skips_by_stored_and_by_posted_answer() -> None:
    definition = with_rule()

    def parsed(posted: dict[str, str], stored: dict[str, Answer]) -> dict[str, Answer]:
        return parse_answers(definition, "C4", ONE_PERSON, posted, answers=stored).answers

    assert parsed({"O1": "5"}, {}) == {"O1": 5}
    assert parsed({"O1": "5"}, {"S1": 3}) == {}
    assert parsed({"O1": "5", "S1": "2"}, {"S1": 1}) == {"S1": 2}
    closing = pages(definition, "fix_first", "C4", ONE_PERSON, "en", {"S1": 3}, company="A")[-1]
    assert [(item.id, item.number) for item in closing.items] == [("C4", 8)]


def test_response_is_complete_with_both_headlines() -> None:
    assert not is_complete(DEFINITION, "C4", ONE_PERSON, {"F1": 1, "S1": 1})
    assert is_complete(DEFINITION, "C4", ONE_PERSON, {"F1": 1, "C1": 5})


def test_case_not_sorted_out_is_offered_for_reopening() -> None:
    answers: list[dict[str, Answer]] = [{}, {"S1": 1}, {"S1": 2}, {"S1": 3}, {"S1": 4}]
    assert [not_sorted_out(given_) for given_ in answers] == [False, False, True, True, False]
