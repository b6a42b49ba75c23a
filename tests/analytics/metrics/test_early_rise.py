"""A rise within the weeks that limits are made from is told, and chance hardly ever makes one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.metrics.control import p_chart
from analytics.metrics.early_rise import early_rise


def plainly(x: list[int], n: list[int], arl: float = 1_000) -> int:
    """The same for one cause, parting by parting."""
    weeks = [week for week, size in enumerate(n) if size][:25]
    m = len(weeks)
    best, where = -math.inf, -1
    for cut in range(4, m - 3):
        parts = weeks[:cut], weeks[cut:]
        hits = [sum(x[w] for w in part) for part in parts]
        sizes = [sum(n[w] for w in part) for part in parts]
        shares = [h / s for h, s in zip(hits, sizes, strict=True)]
        p = sum(hits) / sum(sizes)
        if min(sizes) * min(p, 1 - p) < 5:
            continue
        within = sum(
            n[w] * (x[w] / n[w] - share) ** 2
            for part, share in zip(parts, shares, strict=True)
            for w in part
        )
        chance = sum(h * (1 - s) for h, s in zip(hits, shares, strict=True)) / sum(sizes)
        spread = max(1.0, within / chance / (m - 2)) if chance else 1.0
        error = math.sqrt(spread * p * (1 - p) * sum(1 / s for s in sizes))
        height = (shares[1] - shares[0]) / error
        if height > best + 1e-9:
            best, where = height, weeks[cut]
    if m < 20 or best <= stats.t.ppf(1 - 1 / (arl * (m - 7)), m - 2):
        return -1
    return where


def test_rise_that_limits_of_both_levels_cannot_show_is_found() -> None:
    """The sample's story: cases of a cause from 70 to 270 of 1,000 after twelve weeks."""
    n = np.full((1, 25), 150)
    x = np.array([[10, 12, 9, 11, 10, 13, 8, 10, 12, 11, 9, 10, *[41, 38, 43, 40, 39, 42, 40] * 2]])
    x = x[:, :25]
    assert not (p_chart(x, n).signal > 0).any()
    assert early_rise(x, n).tolist() == [12]


@pytest.mark.parametrize(("n", "p"), [(5, 0.3), (20, 0.3), (60, 0.1), (300, 0.02), (400, 0.3)])
@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_chance_makes_fewer_than_one_in_a_thousand(n: int, p: float, spread: float) -> None:
    rng = np.random.default_rng(n)
    sizes = np.full((20_000, 25), n)
    shares = np.full(sizes.shape, p)
    if spread > 1:
        between = (spread - 1) / (n - 1)
        shares = rng.beta(p * (1 / between - 1), (1 - p) * (1 / between - 1), sizes.shape)
    found = early_rise(rng.binomial(sizes, shares), sizes) >= 0
    assert found.sum() <= stats.binom.ppf(0.999, len(found), 1 / 1_000)


def test_jump_of_twenty_points_is_nearly_always_found_where_it_was() -> None:
    rng = np.random.default_rng(1)
    sizes = np.full((2_000, 25), 60)
    found = early_rise(rng.binomial(sizes, np.where(np.arange(25) < 14, 0.3, 0.5)), sizes)
    assert (found >= 0).mean() > 0.98
    assert np.median(found[found >= 0]) == 14
    falls = early_rise(rng.binomial(sizes, np.where(np.arange(25) < 14, 0.5, 0.3)), sizes)
    assert (falls < 0).all()


@pytest.mark.parametrize(
    ("x", "n"),
    [
        ([0] * 25, [10] * 25),
        ([10] * 25, [10] * 25),
        ([0] * 25, [0] * 25),
        ([0] * 6 + [60] * 13, [60] * 19),  # too few weeks
        ([0] * 20 + [1] * 5, [1] * 25),  # too few answers
        ([1], [3]),
    ],
)
def test_nothing_is_told_of_too_little(x: list[int], n: list[int]) -> None:
    assert early_rise([x], [n]).tolist() == [-1]


def test_steps_of_certainty_are_found() -> None:
    assert early_rise([[0] * 12 + [50] * 13], [[50] * 25]).tolist() == [12]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1)), min_size=1, max_size=40),
    st.integers(0, 30),
    st.floats(0, 1),
)
def test_it_is_what_one_cause_after_the_other_gives(
    weeks: list[tuple[int, float]], jump_at: int, jump: float
) -> None:
    n = [size for size, _ in weeks]
    x = [
        min(size, round(size * min(1.0, 0.2 * share + (jump if at >= jump_at else 0))))
        for at, (size, share) in enumerate(weeks)
    ]
    assert early_rise([x, x], [n, n]).tolist() == [plainly(x, n)] * 2
