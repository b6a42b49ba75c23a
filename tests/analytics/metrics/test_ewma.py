"""EWMA charts: NIST's example, exact spreads, and the promised rate of false alarms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.metrics.control import p_chart
from analytics.metrics.ewma import Smoothed, ewma, ewma_chart, ewma_spread
from analytics.metrics.tails import Family

#: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4.
NIST = [
    52, 47, 53, 49.3, 50.1, 47, 51, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6,
    52.4, 53.6, 52.1,
]  # fmt: skip


def test_ewma_gives_nists_published_values_within_their_limits() -> None:
    smooth = ewma(NIST, 50, 0.3)
    assert [round(float(value), 2) for value in smooth[:3]] == [50.6, 49.52, 50.56]
    assert [round(float(value), 2) for value in smooth[-2:]] == [51.94, 51.99]
    half = 3 * float(ewma_spread(np.full(400, 2.0539**2), 0.3)[-1])
    assert np.allclose([50 - half, 50 + half], [47.4115, 52.5884], atol=1e-4)
    assert ((smooth > 50 - half) & (smooth < 50 + half)).all()


def test_spread_is_exact_for_points_of_any_variance() -> None:
    # z₃ = λx₃ + λ(1−λ)x₂ + λ(1−λ)²x₁ with λ = ½: variance 4/4 + 2/16 + 1/64
    assert np.isclose(ewma_spread([1, 2, 4], 0.5)[-1] ** 2, 4 / 4 + 2 / 16 + 1 / 64)
    equal = ewma_spread(np.ones(5), 0.2)
    weeks = np.arange(1, 6)
    assert np.allclose(equal**2, 0.2 / 1.8 * (1 - 0.8 ** (2 * weeks)))


def test_a_missing_point_moves_nothing() -> None:
    assert ewma([1, np.nan, 1], 0, 0.5).tolist() == [0.5, 0.5, 0.75]
    assert np.allclose(ewma_spread([1, np.nan, 1], 0.5), ewma_spread([1, 1], 0.5)[[0, 0, 1]])


def test_false_alarms_keep_the_promise() -> None:
    """The time an alarm stands is part of the weeks: at ARL₀ = 300 it costs a twentieth."""
    random = np.random.default_rng(8)
    alarms = weeks = 0
    for sizes, level in (((20, 80), 0.2), ((100, 400), 0.1)):
        n = random.integers(*sizes, size=(1_600, 130))
        chart = ewma_chart("binomial", random.binomial(n, level), n, arl=300)
        alarms += int(chart.alarm.sum())
        weeks += int((~np.isnan(chart.level)).sum())
    assert alarms / weeks == pytest.approx(1 / 300, rel=0.15)


def test_a_small_lasting_shift_is_found_sooner_than_by_a_p_chart_of_as_many_false_alarms() -> None:
    random = np.random.default_rng(9)
    n = np.full((600, 120), 50)
    x = random.binomial(n, np.r_[np.full(60, 0.2), np.full(60, 0.3)])
    found = [
        np.where(above.any(axis=1), above.argmax(axis=1) + 1, 60).mean()
        for above in (
            ewma_chart("binomial", x, n).signal[:, 60:] == 1,
            p_chart(x, n, limits=False).signal[:, 60:] == 1,
            p_chart(x, n, sigmas=3, laney=False, limits=False).signal[:, 60:] == 1,
        )
    ]
    assert found[0] < found[2] < found[1]
    assert found[0] < found[1] / 2


def test_one_flaw_is_one_alarm_and_the_chart_keeps_signalling() -> None:
    x = np.r_[np.full(40, 10), np.full(30, 25)]
    chart = ewma_chart("binomial", x, np.full(70, 50))
    assert chart.alarm.sum() == 1
    first = int(chart.alarm[0].argmax())
    assert 40 <= first <= 42
    assert (chart.signal[0, first:] == 1).all()
    assert np.isnan(chart.level[0, :25]).all()


def test_chart_of_cases_finds_a_fall() -> None:
    random = np.random.default_rng(2)
    x = np.r_[random.poisson(40, 60), random.poisson(20, 20)]
    chart = ewma_chart("poisson", x, np.full(80, 2.0))
    assert not chart.alarm[0, :60].any()
    assert (chart.signal[0, 65:] == -1).all()
    assert round(float(chart.centre[0])) == 20


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_chart_without_a_baseline_says_nothing(family: Family) -> None:
    for weeks in (0, 1, 19):
        chart = ewma_chart(family, np.zeros((2, weeks)), np.ones((2, weeks)))
        assert chart.signal.shape == (2, weeks)
        assert not chart.ready.any()
        assert not chart.alarm.any()
        assert np.isnan(chart.level).all()


weeks = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def _same(one: Smoothed, other: Smoothed, row: int) -> bool:
    return all(
        np.array_equal(getattr(one, name)[0], getattr(other, name)[row], equal_nan=True)
        for name in ("level", "low", "high", "signal", "alarm")
    )


@settings(max_examples=12)
@given(st.lists(st.lists(weeks, min_size=40, max_size=40), min_size=1, max_size=3))
def test_a_cause_is_charted_alone_as_among_others(table: list[list[tuple[int, int]]]) -> None:
    pairs = np.array(table)
    families: tuple[Family, ...] = ("binomial", "poisson")
    for family in families:
        together = ewma_chart(family, pairs[..., 0], pairs[..., 1], arl=20)
        for place, row in enumerate(pairs):
            alone = ewma_chart(family, row[:, 0], row[:, 1], arl=20)
            assert _same(alone, together, place)
        shown = ~np.isnan(together.level)
        outside = (together.level > together.high) | (together.level < together.low)
        assert np.array_equal(outside[shown], (together.signal != 0)[shown])
        assert (together.signal[~shown] == 0).all()
