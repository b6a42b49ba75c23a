"""One flaw is one alarm, by whichever chart: of a week, of two together, or of the EWMA."""

import numpy as np
import pytest
from scipy import stats

from analytics.metrics.control import p_chart
from analytics.metrics.ewma import ewma_chart
from analytics.metrics.two_weeks import together_up
from analytics.metrics.watching import false_alarms, up, watch

QUIET = [30] * 30


def runs(hits: list[int]) -> list[tuple[int, int]]:
    """First and last weeks in which 100 answers a week are up."""
    x, n = np.array([hits]), np.full((1, len(hits)), 100)
    on = up(p_chart(x, n).signal > 0, ewma_chart("binomial", x, n))[0].astype(int)
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
    return float(false_alarms(x, size, p_chart(x, size, arl=1_400, together=False))[0])


def test_two_weeks_that_are_no_surprise_by_themselves_are_one_together() -> None:
    # Of 100 answers 30 are usual; 43 come once in 250 weeks, twice 43 once in 15,000 such pairs.
    x, n = np.array([[*QUIET, 43, 43, 30, 30]]), np.full((1, 34), 100)
    found = watch(x, n)
    assert not found.control.signal.any()
    assert np.flatnonzero(found.together[0]).tolist() == [31]
    assert found.up[0, 31]
    assert not found.up[0, :31].any()


def test_two_weeks_are_told_by_the_tail_of_their_sum() -> None:
    """The first sum outside is the first whose tails, about the share of the baseline in doubt,
    have a logarithmic mean below 1/2,800."""
    base, size = 25 * 100, 200
    factor = 1 + size / base

    def tail(count: float) -> float:
        ends = (count / factor, count / factor + 1)
        here, beyond = (
            stats.beta.cdf((25 * 30 + 0.5) / (base + 1), k, size / factor - k + 1) for k in ends
        )
        return float((here - beyond) / np.log(here / beyond))

    first = next(count for count in range(60, 200) if tail(count) < 1 / 2_800)
    for second, outside in ((first - 41, False), (first - 40, True)):
        x, n = np.array([[*QUIET, 40, second]]), np.full((1, 32), 100)
        chart = p_chart(x, n, arl=1_400, together=False)
        assert bool(together_up(x, n, chart, arl=1_400)[0, -1]) is outside


@pytest.mark.parametrize(
    ("hits", "n"),
    [
        # A week without answers between them: there are no two weeks.
        ([*QUIET, 43, 0, 43], [*[100] * 31, 0, 100]),
        # Within the baseline, and without one.
        ([30] * 10 + [43, 43] + [30] * 20, [100] * 32),
        ([30] * 10 + [43, 43], [100] * 12),
    ],
)
def test_two_weeks_are_watched_after_the_baseline_where_both_have_answers(
    hits: list[int], n: list[int]
) -> None:
    x, size = np.array([hits]), np.array([n])
    chart = p_chart(x, size, arl=1_400, together=False)
    assert not together_up(x, size, chart, arl=1_400).any()


def test_nothing_at_all_is_no_series() -> None:
    found = watch(np.zeros((2, 0)), np.zeros((2, 0)))
    assert found.up.shape == found.together.shape == (2, 0)
    assert false_alarms(np.zeros((2, 0)), np.zeros((2, 0)), found.control).tolist() == [0, 0]


def test_of_weeks_in_which_nothing_is_a_surprise_the_smoothed_chart_alone_is_false() -> None:
    # .3 of 2 answers: even four of four come once in 123 pairs of weeks.
    assert promised([1, 0, 1, 0, 1] * 8, [2] * 40) == pytest.approx(52 * 0.0005)


def test_what_is_promised_is_what_the_limit_leaves_outside() -> None:
    hits, n = [3, 2, 4, 3, 3] * 8, [10] * 40
    chart = p_chart(np.array([hits]), np.array([n]), arl=1_400, together=False)
    first = round(float(chart.high[0, -1]) * 10 + 0.5)
    # 25 weeks of the baseline: 75 of 250.
    one = float(stats.betabinom.sf(first - 1, 10, 75.5, 175.5))
    twos = [float(stats.betabinom.sf(k, 20, 75.5, 175.5)) for k in range(20)]
    told = [52 * (0.7 * (one + two) + 0.0005) for two in twos]
    # By one of the whole numbers that two weeks can be above, whose chance is about 1/2,800.
    nearest = min(range(20), key=lambda k: abs(told[k] - promised(hits, n)))
    assert promised(hits, n) == pytest.approx(told[nearest], rel=0.01)
    assert 0.3 < twos[nearest] * 2_800 < 3


def test_of_large_weeks_the_promise_is_that_of_the_run_length() -> None:
    random = np.random.default_rng(5)
    n = random.poisson(2_000, (30, 40))
    x = random.binomial(n, 0.3)
    found = false_alarms(x, n, p_chart(x, n, arl=1_400, together=False, limits=False))
    assert float(found.mean()) == pytest.approx(52 / 1000, rel=0.05)


def test_weeks_without_answers_and_series_without_a_baseline_promise_nothing() -> None:
    assert promised([30] * 30 + [0] * 13, [100] * 30 + [0] * 13) == 0
    assert promised([30] * 12, [100] * 12) == 0
