"""Before and after an action: published examples, and what chance alone must not be taken for."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.columns import FloatArray
from analytics.metrics.interrupted import (
    Change,
    difference_in_differences,
    step_change,
    usable_weeks,
    verdict,
)
from analytics.metrics.tails import BoolArray, Family

#: Acute coronary events in Sicily, January 2002 to November 2006, and the age-standardised
#: population; smoking was banned in January 2005. Bernal, Cummins & Gasparrini 2017, IJE 46:348,
#: data of the supplement.
EVENTS = """
728 659 791 734 757 726 760 740 720 814 795 858 887 766 851 769 781 756 766 752 765 831 879 928 914
808 937 840 916 828 845 818 860 839 887 886 831 796 833 820 877 758 767 738 781 843 850 908 1021 859
976 888 962 838 810 876 843 936 912
"""
PEOPLE = """
379875.3 376495.5 377040.8 377116.4 377383.4 374113.1 379513.3 376295.5 374653.2 378485.6 375955.5
378349.7 376762.4 379032.3 379360.4 376162 377972.4 381830.7 379888.6 380872.2 380966.9 381240.4
382104.9 381802.7 381656.3 383680 383504.2 386462.9 383783.1 380836.8 383483 380906.2 382926.8
384052.4 384449.6 383428.4 388153.2 388373.2 386470.1 386033.2 383686.4 385509.3 385901.9 386516.6
388436.5 383255.2 390148.7 385874.9 391613.6 391750.4 394005.6 391364.9 391664.6 389022.3 391878.5
388575.3 392989 390018.8 390712.3
"""


def test_smoking_ban_of_sicily_has_the_published_effect() -> None:
    x, n = (np.array(numbers.split(), dtype=float) for numbers in (EVENTS, PEOPLE))
    change = step_change("poisson", x, n, 36, small_sample=False)
    assert (change.n_before, change.n_after) == (36, 23)
    assert round(change.ratio, 4) == 0.8944
    assert round(change.dispersion, 2) == 3.56
    assert (round(change.low, 3), round(change.high, 3)) == (0.839, 0.953)
    assert change.verdict == "verified"


def _cell(n: int, mean: float, squares: float) -> FloatArray:
    """n values of this mean whose squared deviations add up to `squares`."""
    steps = np.arange(n) - (n - 1) / 2
    return np.asarray(mean + steps * (squares / (steps**2).sum()) ** 0.5)


def test_incinerator_lowered_house_prices_by_the_published_difference() -> None:
    """Wooldridge's kielmc, rebuilt from the two regressions he prints (13.4 and 13.5).

    A regression on one dummy gives the standard errors s/√n₀ and s·√(1/n₀ + 1/n₁), hence n₀, n₁ and
    s of each year: (4,744.59/2,653.79)² − 1 = 123/56 of 179 houses, (5,827.71/3,093.0)² − 1 =
    102/40 of 142. The regression of all four cells needs no more than these.
    """
    years = [(123, 56, 82_517.23, -18_824.37, 2_653.79), (102, 40, 101_307.5, -30_688.27, 3_093.0)]
    prices, near, after = [], [], []
    for year, (far_n, near_n, mean, difference, error) in enumerate(years):
        squares = error**2 * far_n * (far_n + near_n - 2)
        part = far_n / (far_n + near_n)
        prices += [_cell(far_n, mean, squares * part)]
        prices += [_cell(near_n, mean + difference, squares * (1 - part))]
        near += [False] * far_n + [True] * near_n
        after += [bool(year)] * (far_n + near_n)
    found = difference_in_differences("gaussian", np.concatenate(prices), near, after)
    assert round(found.effect, 1) == -11_863.9
    assert found.error == pytest.approx(7_456.6, abs=0.5)
    assert found.verdict == "not shown"


def _weighted(x: FloatArray, n: FloatArray, design: FloatArray) -> tuple[FloatArray, float]:
    """Poisson regression by iterated least squares, written down once more."""
    beta = np.array([np.log(x.sum() / n.sum()), 0.0, 0.0])
    for _ in range(60):
        mean = n * np.exp(design @ beta)
        beta = beta + np.linalg.solve((design.T * mean) @ design, design.T @ (x - mean))
    mean = n * np.exp(design @ beta)
    return beta, float(((x - mean) ** 2 / mean).sum() / (len(x) - 3))


def test_step_equals_iterated_least_squares_by_hand() -> None:
    random = np.random.default_rng(6)
    n = random.uniform(0.5, 2, 40)
    x = random.poisson(60 * n * np.where(np.arange(40) >= 25, 0.7, 1)).astype(float)
    change = step_change("poisson", x, n, 25)
    weeks = np.arange(40)
    design = np.column_stack([np.ones(40), weeks >= 25, weeks - weeks.mean()]).astype(float)
    beta, dispersion = _weighted(x, n, design)
    assert np.allclose([change.ratio, change.dispersion], [np.exp(beta[1]), dispersion])


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_a_true_effect_is_verified_and_its_reverse_is_worse(family: Family) -> None:
    random = np.random.default_rng(7)
    n = np.full(40, 400)
    before, after = (0.4, 0.25) if family == "binomial" else (0.3, 0.15)
    level = np.where(np.arange(40) >= 25, after, before)
    for levels, action, said in ((level, 25, "verified"), (level[::-1], 15, "worse")):
        x = random.binomial(n, levels) if family == "binomial" else random.poisson(n * levels)
        assert step_change(family, x, n, action).verdict == said


def test_a_fall_that_was_under_way_is_no_effect() -> None:
    random = np.random.default_rng(8)
    n = np.full(50, 500)
    x = random.binomial(n, np.linspace(0.6, 0.2, 50))
    assert step_change("binomial", x, n, 30).verdict == "not shown"


def test_intervals_hold_no_change_as_often_as_they_say() -> None:
    random = np.random.default_rng(9)
    n = np.full(24, 80)
    held = 0
    for _ in range(200):
        noise = random.gamma(20, 1 / 20, 24)  # spread beyond Poisson
        change = step_change("poisson", random.poisson(n * 0.3 * noise), n, 14)
        held += change.low <= 1 <= change.high
    assert held / 200 == pytest.approx(0.95, abs=0.04)


def test_weeks_of_rollout_and_peak_are_left_out() -> None:
    usable = usable_weeks(30, 18, rollout=2, peak=[15, 16])
    assert np.flatnonzero(~usable).tolist() == [15, 16, 18, 19]
    with pytest.raises(ValueError, match="outside the 30 weeks"):
        usable_weeks(30, 18, peak=[30])
    n = np.full(30, 100)
    x = np.full(30, 20)
    x[[15, 16]] = 90  # the alarm
    change = step_change("binomial", x, n, 18, usable=usable)
    assert (change.n_before, change.n_after, change.verdict) == (16, 10, "not shown")
    assert change.ratio == pytest.approx(1)


@pytest.mark.parametrize(("weeks", "action"), [(19, 11), (19, 12), (40, 40), (0, 0)])
def test_too_few_weeks_say_so(weeks: int, action: int) -> None:
    change = step_change("poisson", np.full(weeks, 5), np.ones(weeks), action)
    assert change.verdict == "too little data"
    assert np.isnan(change.ratio)


def test_no_case_after_the_action_is_verified_not_infinite() -> None:
    x = np.r_[np.full(20, 6), np.zeros(10)]
    change = step_change("poisson", x, np.full(30, 50), 20)
    assert change.verdict == "verified"
    assert 0 < change.ratio < 0.2
    assert step_change("poisson", np.zeros(30), np.ones(30), 20).verdict == "too little data"


def test_verdict_reads_the_interval() -> None:
    found = [verdict(*pair) for pair in ((0.5, 0.9), (0.5, 1.1), (1.1, 2.0), (np.nan, np.nan))]
    assert found == ["verified", "not shown", "worse", "too little data"]


def _panel(
    effect: float, drift: float, seed: int
) -> tuple[FloatArray, BoolArray, BoolArray, FloatArray]:
    random = np.random.default_rng(seed)
    weeks = np.tile(np.arange(40.0), 4)
    affected = np.repeat([True, False, False, False], 40)
    after = weeks >= 25
    rate = 50 * np.exp(-0.01 * weeks + np.where(affected, drift * weeks, 0))
    x = random.poisson(rate * np.where(affected & after, effect, 1))
    return x.astype(float), affected, after, weeks


def test_difference_in_differences_sees_what_others_did_not_share() -> None:
    lowered = [difference_in_differences("poisson", *_panel(0.7, 0, k)) for k in range(20)]
    assert sum(found.low < 0.7 < found.high for found in lowered) >= 17
    assert {found.verdict for found in lowered if found.parallel} == {"verified"}
    assert sum(found.parallel for found in lowered) >= 17
    same = [difference_in_differences("poisson", *_panel(1, 0, k)) for k in range(20)]
    assert sum(found.verdict == "not shown" for found in same) >= 17


def test_difference_in_differences_is_withheld_where_trends_differed_before() -> None:
    x, affected, after, weeks = _panel(0.7, -0.03, 5)
    found = difference_in_differences("poisson", x, affected, after, weeks)
    assert (found.parallel, found.verdict) == (False, "not shown")
    assert found.trend_p < 0.05


def test_difference_in_differences_of_an_empty_cell_says_so() -> None:
    found = difference_in_differences(
        "poisson", [3, 4, 5], [True, True, False], [True, False, True]
    )
    assert found.verdict == "too little data"
    with pytest.raises(ValueError, match="as many"):
        difference_in_differences("poisson", [1, 2], [True], [False])


counts = st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def _finite(change: Change) -> bool:
    return bool(np.isfinite([change.ratio, change.low, change.high]).all())


@settings(max_examples=40)
@given(st.lists(counts, min_size=20, max_size=40), st.integers(0, 40))
def test_every_series_has_a_verdict_and_no_error(table: list[tuple[int, int]], action: int) -> None:
    x, n = np.transpose(table)
    change = step_change("binomial", x, n, action)
    if change.verdict == "too little data":
        assert np.isnan(change.ratio)
    else:
        assert _finite(change)
        assert change.low <= change.ratio <= change.high


@pytest.mark.parametrize(("before", "after"), [(12, 8), (26, 40)])
@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_where_nothing_changed_one_verdict_in_forty_at_most_says_so(
    family: Family, before: int, after: int
) -> None:
    random = np.random.default_rng(before)
    runs, weeks = 800, before + after
    n = random.integers(1, 30 if family == "binomial" else 2, (runs, weeks))
    x = random.binomial(n, 0.4) if family == "binomial" else random.poisson(9, (runs, weeks))
    told = Counter(step_change(family, *one, before).verdict for one in zip(x, n, strict=True))
    # Three standard errors of one in forty above it.
    assert max(told["verified"], told["worse"]) <= runs * (0.025 + 3 * 0.0055)
    assert told.total() == runs
