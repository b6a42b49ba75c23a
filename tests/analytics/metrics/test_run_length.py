import numpy as np
import pytest

from analytics.metrics.run_length import average_run_length, limit_for


@pytest.mark.parametrize(
    ("smoothing", "limit", "lengths"),
    [(0.2, 2.962, (500, 41.8, 10.5, 3.7)), (0.1, 2.814, (500, 31.3, 10.3, 4.4))],
)
def test_run_lengths_are_those_of_lucas_and_saccucci(
    smoothing: float, limit: float, lengths: tuple[float, ...]
) -> None:
    found = [average_run_length(limit, shift, smoothing) for shift in (0, 0.5, 1, 2)]
    assert round(found[0]) == lengths[0]
    assert [round(length, 1) for length in found[1:]] == list(lengths[1:])


@pytest.mark.parametrize(
    ("arl", "limit"), [(370, 2.859), (500, 2.962), (1000, 3.187), (2000, 3.396), (5000, 3.652)]
)
def test_limits_for_a_wanted_run_length(arl: float, limit: float) -> None:
    assert average_run_length(limit) == pytest.approx(arl, rel=0.003)
    assert limit_for(arl) == pytest.approx(limit, abs=0.001)
    assert average_run_length(limit_for(arl)) == pytest.approx(arl, rel=1e-5)


def test_without_smoothing_it_is_a_shewhart_chart() -> None:
    # Three sigmas: 1/(2·Φ(−3)) = 370.4 points
    assert round(average_run_length(3, 0, 1.0), 1) == 370.4


def test_run_length_agrees_with_a_simulated_chart() -> None:
    random = np.random.default_rng(3)
    level, alive, lengths = np.zeros(4_000), np.ones(4_000, dtype=bool), np.zeros(4_000)
    limit = 2.0 * (0.2 / 1.8) ** 0.5
    for _ in range(600):
        lengths += alive
        level = 0.2 * random.standard_normal(4_000) + 0.8 * level
        alive &= np.abs(level) <= limit
    assert lengths.mean() == pytest.approx(average_run_length(2.0), rel=0.06)


@pytest.mark.parametrize("arl", [1, float("nan"), 1e9])
def test_a_run_length_out_of_reach_is_refused(arl: float) -> None:
    with pytest.raises(ValueError, match="between 2 and 10 million"):
        limit_for(arl)


def test_a_chart_without_width_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        average_run_length(0)
