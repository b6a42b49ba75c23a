"""Control charts: published examples, and the rate of false alarms that is promised."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics.metrics.control import (
    Chart,
    false_alarms_a_year,
    p_chart,
    sigmas_for,
    u_chart,
)
from analytics.metrics.tails import surprise, upper

#: Non-conforming orange juice cans, 30 samples of 50: Montgomery; qcc's `orangejuice`.
CANS = np.array(
    [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12,
     7, 13, 9, 6]
)  # fmt: skip
FIFTY = np.full(30, 50)
ALL = np.ones(30, dtype=bool)


def _limits(chart: Chart) -> tuple[float, float, float]:
    found = (chart.centre[0], chart.low[0, 0], chart.high[0, 0])
    return tuple(round(float(value), 4) for value in found)  # type: ignore[return-value]


def test_p_chart_gives_the_published_limits_and_signals() -> None:
    chart = p_chart(CANS, FIFTY, sigmas=3, baseline=ALL, laney=False, rounds=0)
    assert _limits(chart) == (0.2313, 0.0524, 0.4102)
    assert (np.flatnonzero(chart.signal[0]) + 1).tolist() == [15, 23]


def test_p_chart_drops_its_signals_from_the_baseline() -> None:
    chart = p_chart(CANS, FIFTY, sigmas=3, baseline=ALL, laney=False, rounds=1)
    assert _limits(chart) == (0.2150, 0.0407, 0.3893)
    assert (np.flatnonzero(~chart.baseline[0]) + 1).tolist() == [15, 23]


def test_p_chart_widens_by_laneys_sigma() -> None:
    chart = p_chart(CANS, FIFTY, sigmas=3, baseline=ALL)
    assert round(float(chart.sigma_z[0]), 4) == 1.6609
    assert _limits(chart) == (0.2313, 0, 0.5285)
    assert not chart.signal.any()


def test_u_chart_equals_the_formula_by_hand() -> None:
    # ū = 1,800 / 60 = 30 a unit; 30 ± 3·√(30/2)
    chart = u_chart(np.full(30, 60), np.full(30, 2.0), sigmas=3)
    assert _limits(chart) == (30, round(30 - 3 * 15**0.5, 4), round(30 + 3 * 15**0.5, 4))


def test_sigmas_and_false_alarms_follow_from_the_run_length() -> None:
    assert round(sigmas_for(370.3983), 6) == 3
    assert false_alarms_a_year(200, 1000) == 10.4
    with pytest.raises(ValueError, match="above 1"):
        sigmas_for(1)


def test_upper_is_the_exact_tail() -> None:
    # B(3, ½): P(X ≥ 2) = 4/8; Poisson(ln 2): P(X ≥ 1) = ½
    assert np.allclose(upper("binomial", [0, 2, 3, 4], 3, 0.5), [1, 0.5, 0.125, 0])
    assert np.allclose(upper("poisson", [0, 1], 1, np.log(2)), [1, 0.5])
    assert np.isnan(upper("binomial", 1, 0, 0.5))
    # Gamma(½ + 1) over 1, met with an equal exposure: P(X = 0) = (1/2)^1.5
    assert np.isclose(upper("poisson", 1, 1, 1.5, past=1), 1 - 0.5**1.5)


@given(st.integers(1, 400), st.integers(1, 20_000))
def test_nothing_lies_beyond_a_week_in_which_all_are_dismayed(n: int, known: int) -> None:
    """However the sizes round: with 4e-19 instead of 0 beyond, all of four is a surprise."""
    factor = 1 + n / known
    assert upper("binomial", n + factor, n, 0.3, factor) == 0
    above, _ = surprise("binomial", n, n, 0.3, factor)
    assert above == pytest.approx(float(upper("binomial", n, n, 0.3, factor)) / 2)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
@pytest.mark.parametrize("sizes", [(8, 30), (40, 150)])
def test_false_alarms_keep_the_promise(family: str, sizes: tuple[int, int]) -> None:
    random = np.random.default_rng(4)
    n = random.integers(*sizes, size=(1_600, 105))
    if family == "binomial":
        chart = p_chart(random.binomial(n, 0.2), n, arl=200, limits=False)
    else:
        chart = u_chart(random.poisson(0.1 * n), n, arl=200, limits=False)
    watched = ~chart.baseline
    watched[:, :25] = False
    rate = float((chart.signal[watched] != 0).mean())
    assert rate == pytest.approx(1 / 200, rel=0.15)


def test_small_weeks_have_exact_limits_that_the_signals_obey() -> None:
    random = np.random.default_rng(5)
    n = random.integers(0, 40, size=(20, 60))
    x = random.binomial(n, 0.1)
    chart = p_chart(x, n, arl=50)
    assert np.array_equal(chart.value > chart.high, chart.signal == 1)
    assert np.array_equal(chart.value < chart.low, chart.signal == -1)
    counts = u_chart(x, n, arl=50)
    assert np.array_equal(counts.value > counts.high, counts.signal == 1)
    assert np.array_equal(counts.value < counts.low, counts.signal == -1)


def test_a_jump_after_the_baseline_signals() -> None:
    x = np.r_[np.full(25, 10), np.full(5, 30)]
    chart = p_chart(x, np.full(30, 50))
    assert np.flatnonzero(chart.signal[0]).tolist() == [25, 26, 27, 28, 29]
    assert chart.baseline[0].sum() == 25


def test_chart_without_a_baseline_says_nothing() -> None:
    chart = p_chart(CANS[:19], FIFTY[:19])
    assert not chart.ready.any()
    assert np.isnan(chart.centre).all()
    assert np.isnan(chart.high).all()
    assert not chart.signal.any()
    empty = p_chart(np.zeros((2, 0)), np.zeros((2, 0)))
    assert empty.signal.shape == (2, 0)
    assert empty.ready.tolist() == [False, False]


def test_weeks_without_answers_have_no_point() -> None:
    n = np.where(np.arange(60) % 2, 50, 0)
    chart = p_chart(np.where(n > 0, 10, 0), n)
    assert np.isnan(chart.value[0, ::2]).all()
    assert np.isnan(chart.high[0, ::2]).all()
    assert chart.baseline[0].sum() == 25
    assert not chart.signal.any()


@pytest.mark.parametrize("hits", [0, 50])
def test_a_baseline_of_nobody_or_everybody_does_not_alarm_at_the_first_exception(hits: int) -> None:
    x = np.full(40, hits)
    x[30] += 1 if hits == 0 else -1
    assert not p_chart(x, np.full(40, 50)).signal.any()
    if hits == 0:
        assert not u_chart(x, np.full(40, 50)).signal.any()


@pytest.mark.parametrize(
    ("x", "n", "words"),
    [([5], [4], "between 0 and its n"), ([-1], [4], "below 0"), ([1, 2], [4], "one shape")],
)
def test_p_chart_refuses_what_is_no_count(x: list[int], n: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        p_chart(x, n)


weeks = st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
series = st.lists(weeks, min_size=30, max_size=40)


@settings(max_examples=25)
@given(st.lists(st.lists(weeks, min_size=30, max_size=30), min_size=1, max_size=4))
def test_a_cause_is_charted_alone_as_among_others(table: list[list[tuple[int, int]]]) -> None:
    pairs = np.array(table)
    together = p_chart(pairs[..., 0], pairs[..., 1], arl=50, limits=False)
    for place, row in enumerate(pairs):
        alone = p_chart(row[:, 0], row[:, 1], arl=50, limits=False)
        assert np.array_equal(alone.signal[0], together.signal[place])
        assert np.array_equal(alone.sigma_z[0], together.sigma_z[place])


@settings(max_examples=40)
@given(series, st.floats(10, 5_000))
def test_limits_enclose_the_centre_and_sigma_is_at_least_one(
    table: list[tuple[int, int]], arl: float
) -> None:
    x, n = np.transpose(table)
    chart = p_chart(x, n, arl=arl)
    assert (chart.sigma_z >= 1).all()
    if chart.ready[0] and 0 < chart.centre[0] < 1:
        assert (chart.low >= 0).all()
        assert (chart.high <= 1).all()
        assert (chart.low <= chart.high).all()
    assert not np.isnan(chart.signal).any()


@given(st.integers(1, 60), st.floats(0.02, 0.98), st.floats(1, 4))
def test_surprise_falls_with_the_count(n: int, centre: float, inflation: float) -> None:
    # A week worth less than two answers surprises nobody, and has one step only.
    assume(n >= 2 * inflation)
    above, below = surprise("binomial", np.arange(n + 1), n, centre, inflation)
    assert (np.diff(above) <= 1e-12).all()
    assert (np.diff(below) >= -1e-12).all()
