"""What may be posted to a question of each type, and what is made of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.asking import CauseName, Facts
from surveys.questionnaire.parsing import Parsed, parse_answers, read_date, read_number
from tests.surveys.every_type import every_type

CAUSES = (CauseName("net.outage", "Outage"), CauseName('b"i<l', "Wrong bill"))
FACTS = Facts(human_handled=True, n_agents=1, causes=CAUSES)
DEFINITION = every_type()
IDS = [item.id for item in DEFINITION.items]


def parse(posted: dict[str, Any], block: str | None = None) -> Parsed:
    return parse_answers(DEFINITION, "", FACTS, posted, block=block)


@pytest.mark.parametrize(
    ("item", "posted", "answer"),
    [
        ("X1", "5", 5),
        ("X2", "7", 7),
        ("X3", "11", 11),
        ("X4", "2", 2),
        ("X5", "4", 4),
        ("X6", ["3", "1"], (1, 3)),
        ("X7", "  two\r\nlines ", "two lines"),
        ("X7", "", ""),
        ("X7", "x" * 200, "x" * 200),
        ("X8", "two\r\nlines", "two\nlines"),
        ("X9", " 500 ", 500),
        ("X9", "−5", -5),
        ("X9", "٤٢", 42),
        ("X9", " ", ""),
        ("X10", "2026-11-21", "2026-11-21"),
        ("X10", "21.11.2026", "2026-11-21"),
        ("X10", "٢٠٢٦/١١/٢١", "2026-11-21"),
        ("X10", "", ""),
        ("X11", 'b"i<l', 'b"i<l'),
        ("X11", "", ""),
        ("X12", "0", 0),
        ("X12", "10", 10),
    ],
)
def test_valid_post_is_the_answer(item: str, posted: Any, answer: Any) -> None:
    assert parse({item: posted}) == Parsed({item: answer}, {}, {})


@pytest.mark.parametrize(
    ("item", "posted", "error"),
    [
        ("X1", "6", "invalid_option"),
        ("X2", "8", "invalid_option"),
        ("X3", "0", "invalid_option"),
        ("X4", "yes", "invalid_option"),
        ("X6", ["1", "5"], "invalid_option"),
        ("X6", ["1", "4"], "exclusive_with_others"),
        ("X7", "x" * 201, "answer_too_long"),
        ("X8", "x" * 4001, "answer_too_long"),
        ("X9", "501", "number_out_of_range"),
        ("X9", "-6", "number_out_of_range"),
        ("X9", "1.5", "number_invalid"),
        ("X9", "9" * 4000, "number_invalid"),
        ("X9", "²", "number_invalid"),
        ("X10", "2026-02-30", "date_invalid"),
        ("X10", "3/4/2026", "date_invalid"),
        ("X10", "0000-01-01", "date_invalid"),
        ("X11", "no.such", "invalid_option"),
        ("X12", "11", "invalid_option"),
        ("X12", "00", "invalid_option"),
        ("X12", "١", "invalid_option"),
    ],
)
def test_invalid_post_is_a_fault_and_no_answer(item: str, posted: Any, error: str) -> None:
    parsed = parse({item: posted})
    assert (parsed.answers, parsed.errors) == ({}, {item: error})


def test_what_was_typed_is_kept_beside_its_fault() -> None:
    parsed = parse({"X7": "x" * 201, "X9": "many", "X10": "soon"})
    assert parsed.kept == {"X7": "x" * 201, "X9": "many", "X10": "soon"}


def test_unticking_counts_only_on_the_own_page() -> None:
    assert parse({}, block="fix").answers == {"F3": (), "X6": ()}
    assert parse({}, block="cause").answers == {}


def test_a_cause_picker_is_not_asked_without_causes() -> None:
    nothing = Facts(human_handled=True, n_agents=1)
    assert parse_answers(DEFINITION, "", nothing, {"X11": "net.outage"}) == Parsed({}, {}, {})


@given(
    st.dictionaries(
        st.sampled_from([*IDS, "fix_comment", "cause_comment", "page", "", "f1"]),
        st.one_of(
            st.text(max_size=300),
            st.lists(st.text(max_size=20), max_size=4),
            st.integers(-20, 600).map(str),
            st.lists(st.integers(0, 12).map(str), max_size=4),
            st.dates().map(str),
        ),
    ),
    st.sampled_from([None, "fix", "cause", "closing", "other"]),
)
def test_any_post_is_read_and_what_is_read_reads_again(
    posted: dict[str, Any], block: str | None
) -> None:
    parsed = parse(posted, block)
    assert set(parsed.answers).isdisjoint(parsed.errors)
    assert set(parsed.kept) <= set(parsed.errors)
    again = {
        name: [str(value) for value in answer] if isinstance(answer, tuple) else str(answer)
        for name, answer in parsed.answers.items()
    }
    reread = parse(again).answers
    blank = {name for name, answer in parsed.answers.items() if answer == ()}
    assert {**dict.fromkeys(blank, ()), **reread} == parsed.answers


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_a_day_is_read_as_it_is_written(day: dt.date) -> None:
    assert read_date(day.isoformat()) == day.isoformat()
    assert read_date(f"{day.day}. {day.month}.{day.year}") == day.isoformat()


@given(st.integers(-(10**12) + 1, 10**12 - 1))
def test_a_number_is_read_as_it_is_written(number: int) -> None:
    assert read_number(f" {number}\u200e") == number
