"""Key drivers: relaimpo's published example, and what must hold for any answers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.columns import FrameError
from analytics.metrics.drivers import drivers, lmg, relative_weights

#: Fertility and what goes along with it in 47 Swiss provinces, about 1888: Mosteller & Tukey 1977,
#: Data Analysis and Regression, p. 549 (R's `swiss`). Fertility, Agriculture, Examination,
#: Education, Catholic, Infant mortality.
SWISS = """
80.2 17.0 15 12 9.96 22.2|83.1 45.1 6 9 84.84 22.2|92.5 39.7 5 5 93.40 20.2
85.8 36.5 12 7 33.77 20.3|76.9 43.5 17 15 5.16 20.6|76.1 35.3 9 7 90.57 26.6
83.8 70.2 16 7 92.85 23.6|92.4 67.8 14 8 97.16 24.9|82.4 53.3 12 7 97.67 21.0
82.9 45.2 16 13 91.38 24.4|87.1 64.5 14 6 98.61 24.5|64.1 62.0 21 12 8.52 16.5
66.9 67.5 14 7 2.27 19.1|68.9 60.7 19 12 4.43 22.7|61.7 69.3 22 5 2.82 18.7
68.3 72.6 18 2 24.20 21.2|71.7 34.0 17 8 3.30 20.0|55.7 19.4 26 28 12.11 20.2
54.3 15.2 31 20 2.15 10.8|65.1 73.0 19 9 2.84 20.0|65.5 59.8 22 10 5.23 18.0
65.0 55.1 14 3 4.52 22.4|56.6 50.9 22 12 15.14 16.7|57.4 54.1 20 6 4.20 15.3
72.5 71.2 12 1 2.40 21.0|74.2 58.1 14 8 5.23 23.8|72.0 63.5 6 3 2.56 18.0
60.5 60.8 16 10 7.72 16.3|58.3 26.8 25 19 18.46 20.9|65.4 49.5 15 8 6.10 22.5
75.5 85.9 3 2 99.71 15.1|69.3 84.9 7 6 99.68 19.8|77.3 89.7 5 2 100.00 18.3
70.5 78.2 12 6 98.96 19.4|79.4 64.9 7 3 98.22 20.2|65.0 75.9 9 9 99.06 17.8
92.2 84.6 3 3 99.46 16.3|79.3 63.1 13 13 96.83 18.1|70.4 38.4 26 12 5.62 20.3
65.7 7.7 29 11 13.79 20.5|72.7 16.7 22 13 11.22 18.9|64.4 17.6 35 32 16.92 23.0
77.6 37.6 15 7 4.97 20.0|67.6 18.7 25 7 8.65 19.5|35.0 1.2 37 53 42.34 18.0
44.7 46.6 16 29 50.43 18.2|42.8 27.7 22 29 58.33 19.3
"""
NAMES = ["fertility", "agriculture", "examination", "education", "catholic", "infant_mortality"]
swiss = pd.DataFrame(
    [row.split() for line in SWISS.strip().splitlines() for row in line.split("|")],
    columns=NAMES,
    dtype=float,
)


def test_lmg_gives_relaimpos_published_parts() -> None:
    found = drivers(swiss, "fertility", NAMES[1:], draws=50, too_few=40)
    parts = found.table.set_index("predictor")["lmg"].round(8).to_dict()
    assert parts == {
        "agriculture": 0.05709122,
        "examination": 0.17117303,
        "education": 0.26013468,
        "catholic": 0.10557015,
        "infant_mortality": 0.11276592,
    }
    assert (found.n, round(found.r2, 4)) == (47, 0.7067)
    assert found.table["predictor"].iloc[0] == "education"
    assert round(found.table["weight"].sum(), 4) == 0.7067


def _equal(r: float, *, of: int, with_outcome: list[float]) -> np.ndarray:
    table = np.full((of + 1, of + 1), float(r))
    table[-1, :-1] = table[:-1, -1] = with_outcome
    np.fill_diagonal(table, 1)
    return table


def test_uncorrelated_predictors_have_their_squared_correlations() -> None:
    table = _equal(0, of=3, with_outcome=[0.5, 0.3, -0.2])
    assert np.allclose(lmg(table), [0.25, 0.09, 0.04])
    assert np.allclose(relative_weights(table), [0.25, 0.09, 0.04])


def test_with_two_predictors_both_methods_agree() -> None:
    # R² = (.36 + .16 − 2·.6·.4·.5)/.75 = .37333; LMG of the first (.36 + .37333 − .16)/2
    table = _equal(0.5, of=2, with_outcome=[0.6, 0.4])
    expected = [(0.36 + 28 / 75 - 0.16) / 2, (0.16 + 28 / 75 - 0.36) / 2]
    assert np.allclose(lmg(table), expected)
    assert np.allclose(relative_weights(table), expected)


def test_twins_share_what_they_explain() -> None:
    table = _equal(1, of=2, with_outcome=[0.6, 0.6])
    assert np.allclose(lmg(table), [0.18, 0.18])
    assert np.allclose(relative_weights(table), [0.18, 0.18])


def _answers(n: int, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    fix, cause, other = (random.integers(1, 6, n) for _ in range(3))
    again = np.clip(np.round(2 + 0.6 * fix - 0.3 * cause + random.normal(0, 0.7, n)), 1, 5)
    return pd.DataFrame({"f1": fix, "c1": cause, "s1": other, "o1": again})


def test_interval_holds_the_part_of_many_more_answers() -> None:
    truth = drivers(_answers(60_000, 2), "o1", ["f1", "c1", "s1"], draws=2).table
    few = drivers(_answers(400), "o1", ["f1", "c1", "s1"]).table
    assert few["predictor"].tolist() == truth["predictor"].tolist() == ["f1", "c1", "s1"]
    for name in ("lmg", "weight"):
        assert (few[f"{name}_low"] <= truth[name]).iloc[:2].all()
        assert (truth[name] <= few[f"{name}_high"]).iloc[:2].all()


def test_too_few_answers_say_nothing() -> None:
    found = drivers(_answers(99), "o1", ["f1", "c1"])
    assert found.too_few
    assert found.n == 99
    assert found.table[["lmg", "weight_high"]].isna().all(axis=None)
    same = _answers(300).assign(o1=4)
    assert drivers(same, "o1", ["f1"]).too_few
    assert drivers(same.iloc[:0], "o1", ["f1"]).n == 0


def test_a_predictor_that_never_varies_has_no_part() -> None:
    found = drivers(_answers(300).assign(s1=3), "o1", ["f1", "s1"], draws=20)
    assert found.table.set_index("predictor").loc["s1", "lmg"] == 0


def test_answers_that_are_not_complete_are_left_out() -> None:
    frame = _answers(400).astype(float)
    frame.loc[frame.index[::4], "c1"] = np.nan
    assert drivers(frame, "o1", ["f1", "c1"], draws=5).n == 300


def test_what_cannot_be_a_predictor_is_refused() -> None:
    with pytest.raises(FrameError, match="no column 'x'"):
        drivers(_answers(9), "o1", ["x"])
    with pytest.raises(ValueError, match="different predictors"):
        drivers(_answers(9), "o1", ["f1", "f1"])
    with pytest.raises(ValueError, match="different predictors"):
        drivers(_answers(9), "o1", [])


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_parts_are_not_negative_and_add_up_to_r2(seed: int, p: int) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(size=(p + 1, p + 8)) + random.normal(size=(1, p + 8))
    table = np.asarray(np.corrcoef(values)).reshape(p + 1, p + 1)
    solved = table[-1, :-1] @ np.linalg.solve(table[:-1, :-1], table[:-1, -1])
    for parts in (lmg(table), relative_weights(table)):
        assert np.isclose(parts.sum(), solved)
        assert (parts >= -1e-12).all()
    order = random.permutation(p)
    again = table[np.ix_([*order, p], [*order, p])]
    assert np.allclose(lmg(again), lmg(table)[order])


def test_counted_patterns_say_what_their_answers_say_one_by_one() -> None:
    random = np.random.default_rng(3)
    fix, cause = random.integers(1, 6, (2, 400))
    again = np.clip(fix - cause + random.integers(2, 5, 400), 1, 5)
    answers = pd.DataFrame({"fix": fix, "cause": cause, "again": again})
    counted = answers.groupby(["fix", "cause", "again"]).size().reset_index(name="n")
    nobody = pd.DataFrame({"fix": [1], "cause": [5], "again": [5], "n": [0]})
    counted = pd.concat([counted, nobody])
    one_by_one = drivers(answers, "again", ["fix", "cause"], draws=40)
    found = drivers(counted, "again", ["fix", "cause"], counts="n", draws=40)
    assert (found.n, found.r2) == (400, one_by_one.r2)
    pd.testing.assert_frame_equal(found.table, one_by_one.table)
