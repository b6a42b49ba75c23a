import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics.reliability import (
    intraclass,
    needed_n,
    one_way,
    one_way_binary,
    reliability,
)

#: Yield of dyestuff from six batches, five samples each: Davies & Goldsmith 1972, table 6.1.
DYESTUFF = np.array(
    [
        [1545, 1440, 1440, 1520, 1580],
        [1540, 1555, 1490, 1560, 1495],
        [1595, 1550, 1605, 1510, 1560],
        [1445, 1440, 1595, 1465, 1545],
        [1595, 1630, 1515, 1635, 1625],
        [1520, 1455, 1450, 1480, 1445],
    ]
)
groups = st.lists(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=12,
)


def test_one_way_gives_the_published_components_of_dyestuff() -> None:
    found = one_way(np.full(6, 5), DYESTUFF.sum(axis=1), (DYESTUFF**2).sum(axis=1))
    assert (found.groups, found.n, round(found.size, 9)) == (6, 30, 5)
    assert (round(found.ms_between, 1), round(found.ms_within, 2)) == (11271.5, 2451.25)
    assert (round(found.between, 2), round(found.icc, 4)) == (1764.05, 0.4185)


def test_intraclass_gives_the_same_from_published_mean_squares() -> None:
    found = intraclass(11271.5, 2451.25, 5)
    assert (round(found.between, 2), round(found.icc, 4)) == (1764.05, 0.4185)


@pytest.mark.parametrize(
    ("icc", "for_comparison", "for_decisions"),
    [(0.02, 115, 196), (0.04, 56, 96), (0.10, 21, 36)],
)
def test_needed_n_gives_the_table(icc: float, for_comparison: int, for_decisions: int) -> None:
    found = [float(needed_n(icc, wanted)) for wanted in (0.7, 0.8)]
    assert found == [for_comparison, for_decisions]


def test_needed_n_of_agents_who_do_not_differ_is_nan() -> None:
    assert np.isnan(needed_n([0.0, np.nan, 0.5])).tolist() == [True, True, False]
    with pytest.raises(ValueError, match="between 0 and 1"):
        needed_n(0.1, 1.0)


def test_one_way_of_too_little_says_nothing() -> None:
    assert np.isnan(one_way_binary([3], [9]).icc)
    assert np.isnan(one_way_binary([1, 0, 1], [1, 1, 1]).icc)
    assert np.isnan(one_way_binary([], []).icc)
    assert np.isnan(one_way_binary([4, 4], [4, 4]).icc)


def test_one_way_refuses_what_no_answers_can_give() -> None:
    with pytest.raises(ValueError, match="between 0 and its n"):
        one_way_binary([5], [4])
    with pytest.raises(ValueError, match="sum of squares"):
        one_way([2, 2], [8, 8], [30, 32])
    with pytest.raises(ValueError, match="below 0"):
        one_way([-1, 2], [0, 2], [0, 2])


@given(groups)
def test_binary_equals_the_analysis_of_the_single_answers(pairs: list[tuple[int, int]]) -> None:
    answers = [np.r_[np.ones(x), np.zeros(n - x)] for x, n in pairs]
    found = one_way_binary(*np.transpose(pairs))
    if sum(map(len, answers)) == len(answers):
        assert np.isnan(found.ms_within)
        return
    grand = np.concatenate(answers).mean()
    between = sum(len(part) * (part.mean() - grand) ** 2 for part in answers) / (len(answers) - 1)
    within = sum(((part - part.mean()) ** 2).sum() for part in answers)
    within /= sum(map(len, answers)) - len(answers)
    assert np.allclose([found.ms_between, found.ms_within], [between, within], atol=1e-9)
    assert not found.icc < 0
    assert not found.icc > 1


@given(st.floats(0.001, 0.9), st.floats(0.05, 0.95))
def test_needed_n_is_the_first_that_reaches_the_wanted_reliability(
    icc: float, wanted: float
) -> None:
    n = float(needed_n(icc, wanted))
    assert float(reliability(icc, n)) >= wanted - 1e-9
    assert n == 1 or float(reliability(icc, n - 1)) < wanted + 1e-9
