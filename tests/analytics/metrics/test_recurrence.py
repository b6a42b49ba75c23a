"""Kaplan–Meier: the published remission times, and customers who come back."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics.intervals import wilson
from analytics.metrics.recurrence import kaplan_meier, recurrence, returns

#: Weeks of remission under 6-MP, + still in remission: Freireich et al. 1963, Blood 21:699.
WEEKS = [
    "6", "6", "6", "6+", "7", "9+", "10", "10+", "11+", "13", "16", "17+", "19+", "20+", "22", "23",
    "25+", "32+", "32+", "34+", "35+",
]  # fmt: skip
#: Week, at risk, survival, its standard error, log(−log) limits: as Stata's `sts list` prints them.
PUBLISHED = [
    (6, 21, 0.8571, 0.0764, 0.6197, 0.9516),
    (7, 17, 0.8067, 0.0869, 0.5631, 0.9228),
    (10, 15, 0.7529, 0.0963, 0.5032, 0.8894),
    (13, 12, 0.6902, 0.1068, 0.4316, 0.8491),
    (16, 11, 0.6275, 0.1141, 0.3675, 0.8049),
    (22, 7, 0.5378, 0.1282, 0.2678, 0.7468),
    (23, 6, 0.4482, 0.1346, 0.1881, 0.6801),
]
DAY = dt.date(2026, 6, 1)


def test_kaplan_meier_gives_the_published_table() -> None:
    days = [int(week.rstrip("+")) for week in WEEKS]
    found = kaplan_meier(days, [not week.endswith("+") for week in WEEKS], 35)
    low, high = found.interval()
    error = found.survival * np.sqrt(found.variance)
    for week, at_risk, *numbers in PUBLISHED:
        values = (part[0, week] for part in (found.survival, error, low, high))
        assert [round(float(value), 4) for value in values] == numbers
        assert found.at_risk[0, week] == at_risk


def _case(customer: str | None, cause: str, resolved: int, opened: int | None) -> dict[str, object]:
    begun = None if opened is None else DAY + dt.timedelta(days=opened)
    return {
        "customer": customer,
        "cause_id": cause,
        "resolved_on": DAY + dt.timedelta(days=resolved),
        "opened_on": begun,
    }


def test_returns_are_of_the_same_customer_and_cause() -> None:
    cases = pd.DataFrame(
        [
            _case("ann", "billing", 0, -2),
            _case("ann", "billing", 40, 30),  # back after 30 days
            _case("ann", "outage", 10, 5),
            _case("bob", "billing", 50, None),
            _case("bob", "billing", 20, None),  # back after 30 days, by its resolution
            _case("cat", "billing", 10, 0),
            _case("cat", "billing", 12, 8),  # opened before the first was resolved
            _case(None, "billing", 1, 0),
            _case("dan", "billing", 200, 190),  # after the end
        ]
    )
    found = returns(cases, DAY + dt.timedelta(days=100))
    rows = found.sort_values(["cause_id", "days", "came"]).to_numpy().tolist()
    assert rows == [
        ["billing", 0, True],
        ["billing", 30, True],
        ["billing", 30, True],
        ["billing", 50, False],
        ["billing", 60, False],
        ["billing", 88, False],
        ["outage", 90, False],
    ]


def test_recurrence_without_a_return_has_a_limit_and_no_zero_certainty() -> None:
    watched = pd.DataFrame({"cause_id": ["a"] * 20, "days": [100] * 20, "came": [False] * 20})
    row = recurrence(watched).iloc[0]
    assert (row["recurrence"], row["recurrence_low"]) == (0, 0)
    assert row["recurrence_high"] == pytest.approx(float(wilson(0, 20).high))


def test_recurrence_says_nothing_before_anyone_was_watched_for_long() -> None:
    watched = pd.DataFrame({"cause_id": ["a", "a"], "days": [5, 60], "came": [True, False]})
    row = recurrence(watched).iloc[0]
    assert (row["cases"], row["came"], row["watched"]) == (2, 1, 0)
    assert np.isnan(row["recurrence"])
    empty = pd.DataFrame({"cause_id": [], "days": [], "came": []})
    assert recurrence(empty).empty
    assert returns(
        pd.DataFrame(columns=["customer", "cause_id", "resolved_on", "opened_on"]), DAY
    ).empty


def test_days_before_the_beginning_are_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        kaplan_meier([-1], [True], 90)


rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 120), st.booleans()), min_size=1, max_size=60
)


@given(rows)
def test_groups_are_estimated_together_as_alone(table: list[tuple[int, int, bool]]) -> None:
    group, days, came = (np.array(part) for part in zip(*table, strict=True))
    together = kaplan_meier(days, came, 90, group, 4)
    low, high = together.interval()
    assert (np.diff(together.survival, axis=1) <= 1e-12).all()
    some = together.at_risk > 0
    assert (low[some] <= together.survival[some] + 1e-12).all()
    assert (together.survival[some] <= high[some] + 1e-12).all()
    for one in range(4):
        alone = kaplan_meier(days[group == one], came[group == one], 90)
        assert np.array_equal(alone.survival[0], together.survival[one])


@given(rows)
def test_without_censoring_it_is_the_plain_share(table: list[tuple[int, int, bool]]) -> None:
    days = np.array([row[1] for row in table])
    found = kaplan_meier(days, np.ones(len(days), dtype=bool), 90)
    assert np.isclose(found.survival[0, -1], (days > 90).mean())
