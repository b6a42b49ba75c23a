"""One flaw is one alarm, by whichever chart."""

import numpy as np
import pytest
from scipy import stats

from analytics.metrics.control import p_chart
from analytics.metrics.ewma import ewma_chart
from analytics.metrics.watching import false_alarms, up

QUIET = [30] * 30


def runs(hits: list[int]) -> list[tuple[int, int]]:
    """First and last weeks in which 100 answers a week are up."""
    x, n = np.array([hits]), np.full((1, len(hits)), 100)
    on = up(p_chart(x, n), ewma_chart("binomial", x, n))[0].astype(int)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on, [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def test_a_quiet_series_is_never_up() -> None:
    assert runs(QUIET) == []


def test_one_bad_week_is_up_until_the_level_is_back() -> None:
    [(first, last)] = runs([*QUIET, 60, 26, 26, 26, 26, 26, 26, 26])
    assert first == 30
    assert 30 < last < 37


def test_a_week_within_the_limits_does_not_make_two_alarms_of_one_flaw() -> None:
    assert runs([*QUIET, 50, 50, 34, 50, 50]) == [(30, 34)]


def test_a_fall_is_no_alarm() -> None:
    assert runs([*QUIET, 5, 5, 5]) == []


def promised(hits: list[int], n: list[int]) -> float:
    x, size = np.array([hits]), np.array([n])
    return float(false_alarms(x, size, p_chart(x, size, together=False, limits=False))[0])


def test_of_weeks_in_which_nothing_is_a_surprise_the_smoothed_chart_alone_is_false() -> None:
    # .3 of 4 answers: even all four come once in 123 weeks.
    assert promised([1, 1, 2, 1, 1] * 8, [4] * 40) == pytest.approx(52 * 0.0005)


def test_what_is_promised_is_what_the_limit_leaves_outside() -> None:
    hits, n = [3, 2, 4, 3, 3] * 8, [10] * 40
    chart = p_chart(np.array([hits]), np.array([n]), together=False)
    first = round(float(chart.high[0, -1]) * 10 + 0.5)
    # 25 weeks of the baseline: 75 of 250.
    outside = float(stats.betabinom.sf(first - 1, 10, 75.5, 175.5))
    assert promised(hits, n) == pytest.approx(52 * (outside + 0.0005), rel=0.01)


def test_of_large_weeks_the_promise_is_that_of_the_run_length() -> None:
    random = np.random.default_rng(5)
    n = random.poisson(2_000, (30, 40))
    x = random.binomial(n, 0.3)
    found = false_alarms(x, n, p_chart(x, n, together=False, limits=False))
    assert float(found.mean()) == pytest.approx(52 / 1000, rel=0.05)


def test_weeks_without_answers_and_series_without_a_baseline_promise_nothing() -> None:
    assert promised([30] * 30 + [0] * 13, [100] * 30 + [0] * 13) == 0
    assert promised([30] * 12, [100] * 12) == 0
