from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.columns import HISTOGRAM, FrameError
from analytics.metrics.ratings import histogram, merge, summarise, total

answers = st.lists(
    st.tuples(
        st.sampled_from(["billing", "network", None]),
        st.integers(1, 3),
        st.one_of(st.none(), st.integers(1, 5)),
    ),
    max_size=60,
)


def frame_of(rows: list[tuple[str | None, int, int | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["cause", "agent", "rating"])
    return frame.assign(rating=frame["rating"].astype("float64"))


def test_histogram_counts_each_rating_per_group() -> None:
    frame = pd.DataFrame({"agent": [7, 7, 3, 7], "rating": [5, 1, 4, 5]})
    cells = histogram(frame, "agent", "rating")
    assert cells.to_dict("list") == {
        "agent": [3, 7], "h1": [0, 1], "h2": [0, 0], "h3": [0, 0], "h4": [1, 0], "h5": [0, 2],
    }  # fmt: skip


def test_histogram_of_more_than_127_answers_does_not_overflow() -> None:
    frame = pd.DataFrame({"agent": [1] * 1_000, "rating": [5] * 1_000})
    assert histogram(frame, "agent", "rating")["h5"].tolist() == [1_000]


@pytest.mark.parametrize("rating", [0, 6, 2.5])
def test_histogram_refuses_what_is_no_rating(rating: float) -> None:
    with pytest.raises(FrameError, match="ratings other than 1 to 5"):
        histogram(pd.DataFrame({"agent": [1], "rating": [rating]}), "agent", "rating")


@given(answers)
def test_histogram_totals_in_are_totals_out(rows: list[tuple[str | None, int, int | None]]) -> None:
    frame = frame_of(rows)
    cells = histogram(frame, ["cause", "agent"], "rating")
    expected = [int((frame["rating"] == score).sum()) for score in range(1, 6)]
    assert total(cells).tolist() == expected
    assert list(cells.columns) == ["cause", "agent", *HISTOGRAM]


@given(answers, st.lists(st.integers(0, 60), max_size=3), st.randoms(use_true_random=False))
def test_merge_of_any_partition_equals_the_batch(
    rows: list[Any], cuts: list[int], random: Random
) -> None:
    batch = histogram(frame_of(rows), ["cause", "agent"], "rating")
    random.shuffle(rows)
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [frame_of(rows[a:b]) for a, b in pairwise(edges)]
    merged = merge(
        [histogram(part, ["cause", "agent"], "rating") for part in parts], ["cause", "agent"]
    )
    assert merged.astype(object).where(merged.notna(), None).to_numpy().tolist() == (
        batch.astype(object).where(batch.notna(), None).to_numpy().tolist()
    )


def test_summarise_gives_number_mean_and_share() -> None:
    frame = pd.DataFrame([[9, 182, 0, 0, 0, 81], [8, 0, 0, 0, 0, 0]], columns=["agent", *HISTOGRAM])
    table = summarise(frame, share_name="dismayed")
    assert list(table.columns) == [
        "agent", *HISTOGRAM, "n", "mean", "dismayed", "dismayed_low", "dismayed_high",
    ]  # fmt: skip
    assert table["n"].tolist() == [263, 0]
    shares = table[["mean", "dismayed", "dismayed_low", "dismayed_high"]].round(4)
    assert shares.to_numpy().tolist()[0] == [2.2319, 0.308, 0.2553, 0.3662]
    assert shares.isna().to_numpy().tolist()[1] == [True] * 4


def test_summarise_refuses_counts_that_are_not_whole() -> None:
    frame = pd.DataFrame([[0.5, 0, 0, 0, 0]], columns=list(HISTOGRAM))
    with pytest.raises(FrameError, match="column 'h1' must be integer, is float64"):
        summarise(frame)


def test_summarise_refuses_counts_below_zero() -> None:
    with pytest.raises(FrameError, match="below 0"):
        summarise(pd.DataFrame([[-1, 0, 0, 0, 0]], columns=list(HISTOGRAM)))


@given(st.lists(st.lists(st.integers(0, 50), min_size=5, max_size=5), min_size=1, max_size=8))
def test_summarise_does_not_depend_on_the_order_of_rows(rows: list[list[int]]) -> None:
    frame = pd.DataFrame(rows, columns=list(HISTOGRAM))
    turned = summarise(frame.iloc[::-1]).iloc[::-1]
    pd.testing.assert_frame_equal(turned, summarise(frame))
    assert np.array_equal(summarise(frame)["n"], np.sum(rows, axis=1))
