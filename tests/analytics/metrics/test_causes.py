from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.columns import AVOIDABLE, HISTOGRAM, RECURRENCE, FrameError
from analytics.metrics.causes import causes
from analytics.metrics.shrinkage import fit, pool_for, posterior

COLUMNS = ["cause_id", "cases", *HISTOGRAM, *AVOIDABLE, *RECURRENCE]


def frame_of(rows: list[list[object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def cause(code: str, cases: int, n: int, dismayed: int) -> list[object]:
    return [code, cases, n - dismayed, 0, 0, 0, dismayed, 0, 0, 0, 0, 0, 0, 0, 0, 0]


def test_causes_has_the_columns_of_the_report() -> None:
    assert list(causes(frame_of([cause("billing", 10, 8, 4)])).columns) == [
        "cause_id", "cases", "n", "mean", "dismayed", "dismayed_low", "dismayed_high", "shrunk",
        "shrunk_low", "shrunk_high", "index", "index_low", "index_high", "avoidable",
        "avoidable_low", "avoidable_high", "avoidable_n", "recurrent", "recurrent_low",
        "recurrent_high", "recurrent_n", "share_of_dismay", "share_of_dismay_low",
        "share_of_dismay_high", "too_few",
    ]  # fmt: skip


def test_causes_index_is_cases_times_the_shrunk_share() -> None:
    rows = [cause(f"c{place:02}", 10 * (place + 1), 20, place) for place in range(12)]
    pool = fit(range(12), [20] * 12)
    table = causes(frame_of(rows)).set_index("cause_id")
    for place in range(12):
        share = (place + pool.alpha) / (20 + pool.strength)
        row = table.loc[f"c{place:02}"]
        assert abs(row["shrunk"] - share) < 1e-12
        assert abs(row["index"] - 10 * (place + 1) * share) < 1e-9
        assert row["index_low"] < row["index"] < row["index_high"]
    assert table.index.tolist() == [f"c{place:02}" for place in range(11, -1, -1)]
    assert abs(table["share_of_dismay"].sum() - 1) < 1e-12


def test_causes_few_answer_for_are_not_hidden() -> None:
    table = causes(frame_of([cause("silent", 500, 0, 0), cause("loud", 50, 40, 20)]))
    assert table["cause_id"].tolist() == ["silent", "loud"]
    silent = table.loc[0]
    assert silent["too_few"]
    assert np.isnan(silent["dismayed"])
    assert abs(silent["index"] - 500 * 20.5 / 41) < 1e-9


def test_causes_without_any_answer_have_no_index() -> None:
    table = causes(frame_of([cause("b", 5, 0, 0), cause("a", 7, 0, 0)]))
    assert table["cause_id"].tolist() == ["a", "b"]
    assert (
        table[["index", "shrunk", "share_of_dismay", "avoidable", "recurrent"]].isna().all().all()
    )


def test_causes_avoidable_and_recurrent_count_the_right_options() -> None:
    row = ["billing", 100, 1, 2, 3, 4, 5, 1, 2, 3, 4, 10, 6, 3, 1, 90]
    table = causes(frame_of([row]))
    assert (table["avoidable"].tolist()[0], table["avoidable_n"].tolist()[0]) == (0.7, 20)
    assert (table["recurrent"].tolist()[0], table["recurrent_n"].tolist()[0]) == (0.4, 10)
    assert table["dismayed"].tolist()[0] == 0.6
    assert round(table["mean"].tolist()[0], 6) == round(55 / 15, 6)


def test_causes_give_avoidable_and_recurrent_their_wilson_interval() -> None:
    # 81 of 263 is the first example of Newcombe 1998, table I: 0.2553 to 0.3662.
    row = ["billing", 300, 0, 0, 0, 0, 9, 100, 50, 32, 40, 41, 182, 80, 1, 7]
    found = causes(frame_of([row])).loc[0]
    for name in ("avoidable", "recurrent"):
        assert found[f"{name}_n"] == 263
        assert found[name] == 81 / 263
        limits = (round(found[f"{name}_low"], 4), round(found[f"{name}_high"], 4))
        assert limits == (0.2553, 0.3662)


def test_causes_nobody_said_were_avoidable_or_recurrent_have_no_interval_either() -> None:
    found = causes(frame_of([cause("billing", 9, 6, 3)])).loc[0]
    assert (found["avoidable_n"], found["recurrent_n"]) == (0, 0)
    names = [f"{name}{end}" for name in ("avoidable", "recurrent") for end in ("", "_low", "_high")]
    assert found[names].isna().all()


def test_causes_share_of_dismay_has_the_interval_of_its_posterior() -> None:
    dismayed, n = np.array([90, 30, 12, 5]), np.array([120, 90, 40, 30])
    cases = np.array([300, 500, 200, 90])
    rows = [cause(*row) for row in zip("abcd", cases, n, dismayed, strict=True)]
    table = causes(frame_of(rows)).set_index("cause_id").sort_index()
    a, b = posterior(pool_for(dismayed, n), dismayed, n)
    drawn = cases * np.random.default_rng(1).beta(a, b, (200_000, 4))
    limits = np.quantile(drawn / drawn.sum(axis=1, keepdims=True), [0.05, 0.95], axis=0)
    assert np.abs(table["share_of_dismay_low"] - limits[0]).max() < 0.005
    assert np.abs(table["share_of_dismay_high"] - limits[1]).max() < 0.005


def test_causes_share_of_dismay_of_the_only_cause_is_certain() -> None:
    table = causes(frame_of([cause("a", 9, 8, 4), cause("b", 0, 6, 3)]))
    names = ["share_of_dismay", "share_of_dismay_low", "share_of_dismay_high"]
    assert table[names].to_numpy().tolist() == [[1, 1, 1], [0, 0, 0]]


def test_causes_too_few_is_below_five() -> None:
    table = causes(frame_of([cause("a", 9, 4, 1), cause("b", 1, 5, 1)]))
    assert dict(zip(table["cause_id"], table["too_few"], strict=True)) == {"a": True, "b": False}


def test_causes_refuses_a_cause_named_twice_and_a_missing_histogram() -> None:
    with pytest.raises(FrameError, match="twice"):
        causes(frame_of([cause("a", 9, 4, 1)] * 2))
    with pytest.raises(FrameError, match="no column 'h1'"):
        causes(frame_of([cause("a", 9, 4, 1)]).drop(columns="h1"))


def test_causes_of_nothing_is_an_empty_table() -> None:
    assert len(causes(pd.DataFrame(columns=COLUMNS))) == 0


counts = st.lists(st.integers(0, 40), min_size=15, max_size=15)


@settings(max_examples=40)
@given(st.lists(counts, min_size=1, max_size=14), st.randoms(use_true_random=False))
def test_causes_do_not_depend_on_the_order_of_rows(rows: list[Any], random: Random) -> None:
    named = [[f"cause-{place:02}", *row] for place, row in enumerate(rows)]
    straight = causes(frame_of(named))
    assert straight["cases"].sum() == sum(row[0] for row in rows)
    assert straight["n"].sum() == sum(sum(row[1:6]) for row in rows)
    index = straight["index"].dropna()
    assert index.is_monotonic_decreasing
    known = straight[straight["n"] > 0]
    part = straight.dropna(subset=["share_of_dismay"])
    assert (part["share_of_dismay_low"] <= part["share_of_dismay"] + 1e-12).all()
    assert (part["share_of_dismay_high"] >= part["share_of_dismay"] - 1e-12).all()
    assert (known["shrunk_low"].between(0, 1) & (known["shrunk_low"] <= known["shrunk"])).all()
    assert (known["shrunk_high"].between(0, 1) & (known["shrunk_high"] >= known["shrunk"])).all()
    random.shuffle(named)
    pd.testing.assert_frame_equal(causes(frame_of(named)), straight)
