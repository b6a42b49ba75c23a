"""One flaw is one alarm, by whichever chart."""

import numpy as np

from analytics.metrics.control import p_chart
from analytics.metrics.ewma import ewma_chart
from analytics.metrics.watching import up

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
