"""Volume × dismay × avoidable."""

import numpy as np
import pandas as pd
import pytest

from analytics.columns import AVOIDABLE, HISTOGRAM
from analytics.metrics.preventable import preventable
from analytics.metrics.shrinkage import pool_for


def _frame(rows: list[tuple[int, tuple[int, int], tuple[int, int]]]) -> pd.DataFrame:
    """cases, (dismayed, not), (avoidable, not)."""
    table = [
        [cases, rest, 0, 0, 0, hits, other, 0, 0, 0, avoidable]
        for cases, (hits, rest), (avoidable, other) in rows
    ]
    return pd.DataFrame(table, columns=["cases", *HISTOGRAM, *AVOIDABLE])


def test_it_is_the_product_of_cases_and_both_steadied_shares() -> None:
    found = preventable(_frame([(200, (40, 10), (30, 20)), (100, (5, 45), (25, 25))]))
    dismay = pool_for(np.array([40, 5]), np.array([50, 50]))
    avoid = pool_for(np.array([30, 25]), np.array([50, 50]))
    first = 200 * (40 + dismay.alpha) / (50 + dismay.strength)
    first *= (30 + avoid.alpha) / (50 + avoid.strength)
    assert found["preventable"][0] == pytest.approx(first)
    assert (found["preventable_low"] < found["preventable"]).all()
    assert (found["preventable"] < found["preventable_high"]).all()
    assert found["preventable"][0] > found["preventable"][1]


def test_its_interval_is_that_of_draws_from_both_posteriors() -> None:
    frame = _frame([(1_000, (40, 20), (30, 25)), (800, (15, 60), (40, 30))])
    found = preventable(frame)
    rng = np.random.default_rng(1)
    draws = 1_000.0 * np.ones(200_000)
    for hits, n, place in ((np.array([40, 15]), np.array([60, 75]), 0),
                           (np.array([30, 40]), np.array([55, 70]), 0)):  # fmt: skip
        pool = pool_for(hits, n)
        draws *= rng.beta(
            hits[place] + pool.alpha, n[place] - hits[place] + pool.beta, size=len(draws)
        )
    low, high = np.quantile(draws, [0.05, 0.95])
    assert found["preventable_low"][0] == pytest.approx(low, rel=0.03)
    assert found["preventable_high"][0] == pytest.approx(high, rel=0.03)


def test_a_cause_without_answers_leans_on_the_others_and_one_without_cases_costs_nothing() -> None:
    found = preventable(
        _frame([(50, (40, 10), (30, 20)), (70, (0, 0), (0, 0)), (0, (1, 0), (1, 0))])
    )
    assert found["preventable"][1] > 0
    assert found["preventable"][2] == 0
    assert not found.isna().any().any()


def test_without_one_answer_about_avoidability_there_is_nothing_to_say() -> None:
    found = preventable(_frame([(50, (40, 10), (0, 0))]))
    assert found.isna().all().all()
    assert len(preventable(_frame([]).astype("int64"))) == 0
