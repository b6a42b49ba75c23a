"""Typical words of a cause, and nobody's name among them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.columns import FrameError
from analytics.metrics.function_words import FUNCTION_WORDS
from analytics.metrics.scrubbing import scrub, words
from analytics.metrics.terms import log_odds, terms


def test_log_odds_equal_the_formula_by_hand() -> None:
    # own 8 and 2, other 5 and 15, prior 1 and 1: odds 9/3 against 6/16
    delta, z = log_odds([8, 2], [5, 15], [1, 1])
    assert delta[0] == pytest.approx(np.log(9 / 3) - np.log(6 / 16))
    assert z[0] == pytest.approx(delta[0] / (1 / 9 + 1 / 6) ** 0.5)
    assert delta[1] == pytest.approx(-delta[0])


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("write to ann.lee+x@mail.example now", (), "write to … now"),
        ("call +49 (0) 30 / 1234-567 please", (), "call … please"),
        ("card 4111 1111 1111 1111.", (), "card …."),
        ("IBAN DE89 3704 0044 0532 0130 00", (), "IBAN …"),
        ("see https://x.example/a?b=c or @annlee", (), "see … or …"),
        ("Ann's bill and ANNA's, thanks ann", ("Ann Lee",), "… bill and ANNA's, thanks …"),
        ("Zoë said so", ("ZOË",), "… said so"),
        ("ｍａｉｌ ａ＠ｂ.example", (), "mail …"),
        ("paid 12.50 twice in 2025", (), "paid 12.50 twice in 2025"),
        ("(a|b)* stays", ("(a|b)*", ""), "(a|b)* stays"),
    ],
)
def test_scrub_leaves_out_what_names_a_person(text: str, names: tuple[str, ...], left: str) -> None:
    assert scrub(text, names) == left


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don’t  charge me 3 times, ok?", ["don't", "charge", "me", "times", "ok"]),
        ("समस्या हल हुई", ["समस्या", "हल", "हुई"]),
        ("請求書が二重", ["請求", "求書", "書が", "が二", "二重"]),
        ("ราคาแพง", ["รา", "าค", "คา", "าแ", "แพ", "พง"]),
        ("الفاتورة خاطئة", ["الفاتورة", "خاطئة"]),
        ("💥 !!", []),
        ("", []),
    ],
)
def test_words_of_any_script(text: str, found: list[str]) -> None:
    assert words(text) == found


def _comments() -> pd.DataFrame:
    billing = [f"the invoice was charged twice, Kim {k}" for k in range(60)]
    outage = ["the line was dead again"] * 60
    few = ["the parcel was broken"] * 49
    texts = billing + outage + few
    causes = ["billing"] * 60 + ["outage"] * 60 + ["parcel"] * 49
    customers = [f"c{k}" for k in range(60)] + ["same"] * 57 + ["x", "y", "z"]
    customers += [f"p{k}" for k in range(49)]
    table = pd.DataFrame({"cause_id": causes, "customer": customers, "text": texts})
    return table.assign(names=pd.Series([("Kim Doe",)] * len(table), dtype=object))


def test_terms_are_what_many_customers_of_this_cause_say() -> None:
    found = terms(_comments())
    assert found["cause_id"].unique().tolist() == ["billing"]  # outage: 4 customers; parcel: 49
    assert found["term"].tolist() == ["charged", "invoice", "twice"]
    assert found["customers"].tolist() == found["comments"].tolist() == [60, 60, 60]
    assert (found["z"] > 1.96).all()


def test_a_word_said_often_by_one_comment_counts_once() -> None:
    table = _comments()
    table.loc[0, "text"] = "refund " * 500
    assert "refund" not in terms(table, least_customers=1)["term"].tolist()[:3]


def test_terms_of_no_comments_are_none() -> None:
    empty = pd.DataFrame({"cause_id": [], "customer": [], "text": []})
    assert terms(empty).empty
    gone = _comments().assign(text=None)
    assert terms(gone).empty
    assert terms(_comments().assign(cause_id="only")).empty  # nothing to compare with
    with pytest.raises(FrameError, match="no column 'text'"):
        terms(empty[["cause_id", "customer"]])


@given(st.text(max_size=200), st.lists(st.text(max_size=12), max_size=3))
def test_any_text_is_scrubbed_and_split(text: str, names: list[str]) -> None:
    left = scrub(text, names)
    assert "@" not in words(left)
    assert all(len(word) >= 1 and not any(sign.isspace() for sign in word) for word in words(left))


@given(st.from_regex(r"[a-z0-9.]{1,12}@[a-z0-9]{1,10}\.[a-z]{2,5}", fullmatch=True), st.text())
def test_no_address_survives(address: str, around: str) -> None:
    assert address not in scrub(f"{around} {address} {around[:5]}")


@given(st.from_regex(r"[0-9]{6,19}", fullmatch=True))
def test_no_long_number_survives(number: str) -> None:
    spaced = " ".join(number[k : k + 4] for k in range(0, len(number), 4))
    for text in (number, spaced, f"no.{number}", f"({number})"):
        assert sum(sign.isdigit() for sign in scrub(text)) == 0


def test_words_of_grammar_alone_are_typical_of_nothing() -> None:
    own = ["and then the router until it broke"] * 60
    other = ["bill wrong again twice"] * 60
    comments = pd.DataFrame(
        {"cause_id": [1] * 60 + [2] * 60, "customer": range(120), "text": own + other}
    )
    found = terms(comments)
    assert set(found["term"][found["cause_id"] == 1]) == {"router", "broke"}
    assert "not" not in FUNCTION_WORDS


@pytest.mark.filterwarnings("error")
def test_where_everyone_says_the_same_word_it_is_typical_of_nobody() -> None:
    said = pd.DataFrame(
        {"cause_id": [1] * 60 + [2] * 60, "customer": range(120), "text": ["Late!"] * 120}
    )
    assert terms(said).empty
    assert terms(said[said["cause_id"] == 1]).empty
