import datetime as dt
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.columns import HISTOGRAM
from analytics.metrics.trend import Bucket, trend


def daily_of(rows: list[tuple[dt.date, list[int]]]) -> pd.DataFrame:
    frame = pd.DataFrame([cells for _, cells in rows], columns=list(HISTOGRAM), dtype="int64")
    frame.insert(0, "day", [day for day, _ in rows])
    return frame


def test_trend_weeks_start_on_monday_and_gaps_stay() -> None:
    table = trend(
        daily_of([(dt.date(2026, 1, 4), [1, 0, 0, 0, 1]), (dt.date(2026, 1, 20), [0, 0, 0, 2, 2])]),
        "week",
    )
    assert table["start"].tolist() == [
        dt.date(2025, 12, 29), dt.date(2026, 1, 5), dt.date(2026, 1, 12), dt.date(2026, 1, 19),
    ]  # fmt: skip
    assert table["end"].tolist()[0] == dt.date(2026, 1, 4)
    assert table["n"].tolist() == [2, 0, 0, 4]
    assert table["partial"].tolist() == [True, False, False, True]
    assert np.array_equal(table["top2"], [0.5, np.nan, np.nan, 1.0], equal_nan=True)
    assert table["top2_low"].isna().tolist() == [False, True, True, False]


def test_trend_gathers_quarters() -> None:
    one = [0, 0, 0, 0, 1]
    days = [dt.date(2026, 1, 5), dt.date(2026, 3, 31), dt.date(2026, 4, 1)]
    table = trend(daily_of([(day, one) for day in days]), "quarter")
    assert table["start"].tolist() == [dt.date(2026, 1, 1), dt.date(2026, 4, 1)]
    assert table["n"].tolist() == [2, 1]


def test_trend_of_no_answers_covers_the_asked_dates() -> None:
    table = trend(
        pd.DataFrame(columns=["day", *HISTOGRAM]),
        "month",
        share_name="dismayed",
        since=dt.date(2026, 1, 1),
        until=dt.date(2026, 3, 31),
    )
    assert table["n"].tolist() == [0, 0, 0]
    assert table["partial"].tolist() == [False, False, False]
    assert table["dismayed"].isna().all()


def test_trend_of_nothing_at_all_is_empty() -> None:
    table = trend(pd.DataFrame(columns=["day", *HISTOGRAM]), "day")
    assert len(table) == 0
    assert "top2_high" in table.columns


def test_trend_takes_timestamps_as_days() -> None:
    daily = daily_of([(dt.date(2026, 3, 28), [0, 0, 0, 0, 1])])
    stamps = daily.assign(day=pd.to_datetime(daily["day"]))
    pd.testing.assert_frame_equal(trend(stamps, "day"), trend(daily, "day"))


def test_trend_refuses_to_lose_a_day() -> None:
    daily = daily_of([(dt.date(2026, 3, 28), [0, 0, 0, 0, 1])])
    with pytest.raises(ValueError, match="outside the asked dates"):
        trend(daily, "day", since=dt.date(2026, 4, 1))
    with pytest.raises(ValueError, match="bucket must be"):
        trend(daily, "year")  # type: ignore[arg-type]


days = st.lists(
    st.tuples(
        st.dates(dt.date(2025, 10, 1), dt.date(2026, 4, 30)),
        st.lists(st.integers(0, 9), min_size=5, max_size=5),
    ),
    min_size=1,
    max_size=40,
)


@given(days, st.sampled_from(["day", "week", "month"]), st.randoms(use_true_random=False))
def test_trend_conserves_totals_in_any_order(
    rows: list[Any], bucket: Bucket, random: Random
) -> None:
    table = trend(daily_of(rows), bucket)
    expected = np.sum([cells for _, cells in rows], axis=0)
    assert table[list(HISTOGRAM)].sum().tolist() == expected.tolist()
    assert table["n"].sum() == expected.sum()
    step = dt.timedelta(days=1)
    assert [end + step for end in table["end"][:-1]] == table["start"][1:].tolist()
    random.shuffle(rows)
    pd.testing.assert_frame_equal(trend(daily_of(rows), bucket), table)
