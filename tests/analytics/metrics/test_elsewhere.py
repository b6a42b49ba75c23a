"""Own agents by what the others' cases were like: fair, as sure as it says, and of sums alone."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analytics.columns import FrameError
from analytics.metrics import casemix
from analytics.metrics.agents import adjusted
from analytics.metrics.elsewhere import adjusted_elsewhere


def many_others(answers: int, effects: np.ndarray, level: float = 0.3) -> pd.DataFrame:
    random = np.random.default_rng(4)
    agent, stratum = np.repeat(np.arange(20), len(effects)), np.tile(np.arange(len(effects)), 20)
    hits = random.binomial(answers, 1 / (1 + np.exp(-(level + effects[stratum]))))
    return pd.DataFrame({"agent_id": agent + 100, "stratum": stratum, "n": answers, "top2": hits})


@pytest.mark.parametrize("split", [(50, 40, 10), (20, 60, 20)])
def test_an_own_share_is_that_of_a_regression_with_the_strata_given(
    split: tuple[int, int, int],
) -> None:
    effects, n = np.array([1.5, 0.0, -1.5]), np.array([60, 90, 30])
    misses = n - np.array(split)
    model = sm.GLM(
        np.column_stack([split, misses]), np.ones((3, 1)), sm.families.Binomial(), offset=effects
    ).fit()
    within = 1 / (1 + np.exp(-(model.params[0] + effects)))
    mix = np.array([0.2, 0.3, 0.5])
    value, slope = float(within @ mix), float((within * (1 - within)) @ mix)
    step = 1.959964 * slope * float(model.bse[0]) / (value * (1 - value))
    own = pd.DataFrame({"agent_id": 1, "stratum": range(3), "n": n})
    # How many of each kind of case were hits is not asked for: the sum is all that counts.
    found = adjusted_elsewhere(
        own,
        pd.Series({1: 100}),
        many_others(50_000, effects),
        pd.DataFrame({"stratum": range(3), "n": [20, 30, 50]}),
    ).iloc[:1]
    limits = found[["adjusted_low", "adjusted_high"]].to_numpy(float)[0]
    # So many other answers leave nothing open about the strata.
    assert found["adjusted"].to_numpy(float) == pytest.approx([value], abs=1e-3)
    odds = np.log(limits) - np.log(1 - limits)
    assert float(odds[1] - odds[0]) / 2 == pytest.approx(step, rel=0.01)


def test_what_is_not_known_of_the_strata_makes_the_interval_wider() -> None:
    effects = np.array([1.5, -1.5])
    own = pd.DataFrame({"agent_id": [1, 1], "stratum": [0, 1], "n": [190, 10]})
    mix = pd.DataFrame({"stratum": [0, 1], "n": [1, 1]})
    widths = []
    for answers in (50_000, 20):
        found = adjusted_elsewhere(own, pd.Series({1: 150}), many_others(answers, effects), mix)
        low, high = found[["adjusted_low", "adjusted_high"]].to_numpy(float)[0]
        widths.append(high - low)
    assert widths[1] > 1.05 * widths[0]


def test_others_are_told_as_all_agents_are_when_nobody_is_left_out() -> None:
    others = many_others(40, np.array([1.0, 0.0, -0.5]))
    none = others.iloc[:0]
    found = adjusted_elsewhere(
        none[["agent_id", "stratum", "n"]], pd.Series(dtype="int64"), others, others
    )
    pd.testing.assert_frame_equal(found, adjusted(others), check_dtype=False)


def test_an_own_agent_among_whose_cases_no_other_worked_is_not_separable() -> None:
    others = many_others(40, np.array([1.0, 0.0]))
    own = pd.DataFrame({"agent_id": [1, 2], "stratum": [9, 0], "n": [60, 60]})
    found = adjusted_elsewhere(own, pd.Series({1: 30, 2: 30}), others, others)
    told = found.set_index("agent_id")["separable"].to_dict()
    assert (told[1], told[2], told[100]) == (False, True, True)
    assert found.loc[0, ["adjusted", "adjusted_low", "adjusted_high"]].isna().all()


def test_nobody_is_separable_where_there_are_no_others() -> None:
    own = pd.DataFrame({"agent_id": [1, 2], "stratum": [0, 0], "n": [60, 60]})
    none = pd.DataFrame({name: [] for name in ("agent_id", "stratum", "n", "top2")}, dtype="int64")
    found = adjusted_elsewhere(own, pd.Series({1: 30, 2: 60}), none, own)
    assert found["separable"].tolist() == [False, False]
    assert found["adjusted"].isna().all()


def test_strata_beyond_the_most_count_as_one() -> None:
    effects = np.linspace(-1, 1, casemix.MOST_STRATA + 30)
    others = many_others(10, effects)
    own = pd.DataFrame({"agent_id": 1, "stratum": range(len(effects) + 3), "n": 2})
    found = adjusted_elsewhere(own, pd.Series({1: len(effects)}), others, others)
    low, value = found[["adjusted_low", "adjusted"]].to_numpy(float)[0]
    assert 0 < low < value < 1


def test_a_frame_without_its_columns_is_refused() -> None:
    others = many_others(10, np.zeros(2))
    with pytest.raises(FrameError, match="stratum"):
        adjusted_elsewhere(others[["agent_id", "n"]], pd.Series({1: 1}), others, others)
