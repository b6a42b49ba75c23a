import inspect
import time
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.columns import HISTOGRAM, FrameError
from analytics.metrics import agents as agents_module
from analytics.metrics import ranks, ratings, shrinkage
from analytics.metrics.agents import adjusted, agents, rated, with_adjusted
from analytics.metrics.ranks import rank_intervals


def frame_of(rows: list[list[int]], ids: list[object] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(HISTOGRAM), dtype="int64")
    frame.insert(0, "agent_id", ids if ids is not None else list(range(len(rows))))
    return frame


def some_agents(number: int, seed: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    shares = random.beta(24, 6, size=number)
    satisfied = random.binomial(60, shares)
    return frame_of([[0, 60 - x, 0, 0, x] for x in satisfied])


def test_agents_has_the_columns_of_the_report() -> None:
    assert list(agents(some_agents(3)).columns) == [
        "agent_id", "n", "mean", "top2", "top2_low", "top2_high", "shrunk", "shrunk_low",
        "shrunk_high", "adjusted", "adjusted_low", "adjusted_high", "separable", "rank_low",
        "rank_high", "p_top_quarter", "p_bottom_quarter", "too_few", "indicative",
    ]  # fmt: skip


def test_agents_gives_wilson_mean_and_flags() -> None:
    table = agents(frame_of([[182, 0, 0, 0, 81], [0, 0, 0, 4, 5], [0, 0, 0, 0, 10], [0] * 5]))
    assert table["n"].tolist() == [263, 9, 10, 0]
    assert table[["top2_low", "top2_high"]].round(4).to_numpy().tolist()[0] == [
        0.2553,
        0.3662,
    ]
    assert round(table["mean"].tolist()[1], 4) == 4.5556
    assert table["too_few"].tolist() == [False, True, False, True]
    assert table["indicative"].tolist() == [False, False, True, False]
    assert table["rank_low"].isna().tolist() == [False, True, False, True]
    assert table.loc[3, ["mean", "top2", "shrunk", "shrunk_low"]].isna().all()


def test_agents_shrinks_towards_the_likelihood_pool_from_ten_on() -> None:
    frame = some_agents(12)
    pool = shrinkage.fit(frame["h5"], [60] * 12)
    table = agents(frame)
    expected = (frame["h5"] + pool.alpha) / (60 + pool.strength)
    assert np.allclose(table["shrunk"], expected, atol=1e-12)


def test_agents_below_ten_use_the_wider_pool() -> None:
    wider, few = some_agents(40), some_agents(4, seed=6)
    pool = shrinkage.fit(wider["h5"], [60] * 40)
    table = agents(few, wider=wider)
    assert np.allclose(table["shrunk"], (few["h5"] + pool.alpha) / (60 + pool.strength), atol=1e-12)


def test_agents_of_clearly_different_shares_have_sure_ranks() -> None:
    table = agents(frame_of([[300, 0, 0, 0, 700], [50, 0, 0, 0, 950], [600, 0, 0, 0, 400]]))
    assert table["rank_low"].tolist() == [2, 1, 3]
    assert table["rank_high"].tolist() == [2, 1, 3]
    assert table["p_top_quarter"].tolist() == [0, 1, 0]
    assert table["p_bottom_quarter"].tolist() == [0, 0, 1]


def test_agents_alike_may_have_any_rank() -> None:
    table = agents(frame_of([[10, 0, 0, 0, 40]] * 20))
    # Any 18 neighbouring of 20 ranks are 90 %.
    assert set(table["rank_high"] - table["rank_low"]) <= {16, 17, 18}
    assert set(table["rank_low"]) <= {1, 2, 3}


def test_agents_single_is_rank_one_without_chances() -> None:
    table = agents(frame_of([[10, 0, 0, 0, 40]]))
    assert table[["rank_low", "rank_high"]].to_numpy().tolist()[0] == [1, 1]
    assert np.isnan(table["p_top_quarter"].tolist()[0])


def test_agents_of_nobody_is_an_empty_table() -> None:
    table = agents(pd.DataFrame(columns=["agent_id", *HISTOGRAM]))
    assert len(table) == 0
    assert "rank_low" in table.columns


def test_agents_refuses_an_agent_named_twice() -> None:
    with pytest.raises(FrameError, match="twice"):
        agents(frame_of([[1] * 5, [1] * 5], ids=["a", "a"]))


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.integers(0, 15), min_size=5, max_size=5), min_size=1, max_size=14),
    st.randoms(use_true_random=False),
)
def test_agents_do_not_depend_on_the_order_of_rows(rows: list[Any], random: Random) -> None:
    frame = frame_of(rows, ids=[f"agent-{place}" for place in range(len(rows))])
    order = list(range(len(rows)))
    random.shuffle(order)
    straight = agents(frame, draws=200)
    shuffled = agents(frame.iloc[order], draws=200)
    pd.testing.assert_frame_equal(shuffled, straight.iloc[order].reset_index(drop=True))


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 15), min_size=5, max_size=5), min_size=1, max_size=14))
def test_agents_intervals_contain_their_estimates(rows: list[list[int]]) -> None:
    table = agents(frame_of(rows), draws=200)
    answered = table[table["n"] > 0]
    for name in ("top2", "shrunk"):
        assert (answered[f"{name}_low"] >= 0).all()
        assert (answered[f"{name}_low"] <= answered[name]).all()
        assert (answered[name] <= answered[f"{name}_high"]).all()
        assert (answered[f"{name}_high"] <= 1).all()
    ranked = table[~table["too_few"]]
    assert (ranked["rank_low"] >= 1).all()
    assert (ranked["rank_low"] <= ranked["rank_high"]).all()
    assert (ranked["rank_high"] <= len(ranked)).all()


def test_agents_modules_know_no_cause_rating() -> None:
    for module in (agents_module, ranks, ratings, shrinkage):
        source = inspect.getsource(module)
        assert "import causes" not in source
        assert "metrics.matrix" not in source
    with pytest.raises(TypeError):
        agents(some_agents(3), causes=some_agents(3))  # type: ignore[call-arg]


@pytest.mark.slow
def test_agents_two_hundred_take_less_than_the_page_has() -> None:
    frame = some_agents(200)
    agents(frame)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        agents(frame)
        times.append(time.perf_counter() - start)
    # 100 ms on a quiet machine; the allowance is for a busy one.
    assert min(times) < 0.5


def test_rank_intervals_of_more_units_than_classes_stay_within_the_units() -> None:
    random = np.random.default_rng(2)
    a = random.uniform(1, 60, size=1_500)
    result = rank_intervals(a, 60 - a + 1, draws=100)
    assert result.low.min() >= 1
    assert result.high.max() <= 1_500
    assert (result.low <= result.high).all()
    best = int(np.argmax(a))
    assert result.low[best] == 1


def test_rank_intervals_cover_the_true_rank_as_often_as_they_say() -> None:
    random = np.random.default_rng(9)
    covered = []
    for _ in range(20):
        true = random.beta(24, 6, size=40)
        x = random.binomial(50, true)
        result = rank_intervals(x + 24, 50 - x + 6, draws=2_000)
        rank = (-true).argsort().argsort() + 1
        covered.append(((result.low <= rank) & (rank <= result.high)).mean())
    assert 0.88 < float(np.mean(covered)) < 0.97


def strata_of(rows: list[tuple[str, str, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["agent_id", "stratum", "n", "top2"])


def test_adjusted_gives_agents_who_do_what_their_mix_expects_the_company_share() -> None:
    # Easy cases: 90 of 100; hard ones: 40 of 100; company 130 of 200 = .65.
    table = adjusted(
        strata_of(
            [
                ("a", "easy", 60, 54),
                ("a", "hard", 30, 12),
                ("b", "easy", 40, 36),
                ("b", "hard", 70, 28),
            ]
        )
    )
    assert table["agent_id"].tolist() == ["a", "b"]
    # Raw they differ by 15 points; that the strata are pulled in a little leaves a third of one.
    assert np.allclose(table["adjusted"], [0.65, 0.65], atol=0.003)
    assert table["separable"].tolist() == [True, True]
    assert (table["adjusted_low"] < 0.65).all()
    assert (table["adjusted_high"] > 0.65).all()


def test_adjusted_lifts_who_got_the_hard_cases() -> None:
    table = adjusted(
        strata_of(
            [
                ("a", "easy", 90, 81),
                ("a", "hard", 10, 4),
                ("b", "easy", 30, 27),
                ("b", "hard", 70, 42),
            ]
        )
    ).set_index("agent_id")
    assert table["adjusted"].to_dict()["b"] > 0.77 > 69 / 100
    assert table["adjusted"].to_dict()["a"] < 0.77 < 85 / 100


def test_adjusted_of_an_agent_alone_on_their_cases_is_not_separable() -> None:
    table = adjusted(
        strata_of(
            [
                ("a", "hardware", 99, 40),
                ("a", "billing", 1, 1),
                ("b", "billing", 100, 90),
                ("c", "billing", 99, 80),
            ]
        )
    ).set_index("agent_id")
    assert table["separable"].to_dict() == {"a": False, "b": True, "c": True}
    assert table.loc["a", ["adjusted", "adjusted_low", "adjusted_high"]].isna().all()


def test_adjusted_without_a_single_hit_is_nan_not_zero() -> None:
    table = adjusted(strata_of([("a", "easy", 10, 0), ("b", "easy", 10, 0)]))
    assert table["adjusted"].isna().all()
    assert not table["separable"].any()


def test_adjusted_refuses_more_hits_than_answers() -> None:
    with pytest.raises(FrameError, match="'top2' exceeds"):
        adjusted(strata_of([("a", "easy", 10, 11)]))


def test_ranks_are_by_the_same_mix_of_cases_not_by_what_landed_on_the_desk() -> None:
    # With every kind of case "hard" does better than "easy", who is sent what pleases everybody.
    strata = strata_of(
        [
            ("hard", "simple", 400, 392),
            ("hard", "angry", 1_600, 800),
            ("easy", "simple", 1_600, 1_440),
            ("easy", "angry", 400, 120),
        ]
    )
    sums = strata.groupby("agent_id")[["n", "top2"]].sum()
    frame = frame_of(
        [[int(n - x), 0, 0, 0, int(x)] for n, x in sums.to_numpy()], ids=list(sums.index)
    )
    assert agents(frame).set_index("agent_id")["rank_low"].to_dict() == {"easy": 1, "hard": 2}
    table = agents(frame, strata).set_index("agent_id")
    assert table["top2"].to_dict()["hard"] < table["top2"].to_dict()["easy"]
    assert table["rank_low"].to_dict() == table["rank_high"].to_dict() == {"easy": 2, "hard": 1}


def test_nobody_who_is_not_separable_has_a_rank_or_takes_a_place() -> None:
    strata = strata_of(
        [
            ("alone", "hardware", 99, 90),
            ("alone", "billing", 1, 1),
            ("b", "billing", 100, 90),
            ("c", "billing", 99, 20),
        ]
    )
    frame = frame_of([[9, 0, 0, 0, 91], [10, 0, 0, 0, 90], [79, 0, 0, 0, 20]], ids=["alone", *"bc"])
    table = agents(frame, strata).set_index("agent_id")
    assert table["rank_low"].isna().to_dict() == {"alone": True, "b": False, "c": False}
    assert table.loc[["b", "c"], "rank_high"].tolist() == [1, 2]


def test_ranks_put_together_later_are_those_of_one_go() -> None:
    strata = strata_of([(one, kind, 40, 20 + k) for k, one in enumerate("abcd") for kind in "xy"])
    frame = frame_of([[40 - 2 * k, 0, 0, 0, 40 + 2 * k] for k in range(4)], ids=list("abcd"))
    together = with_adjusted(rated(frame), adjusted(strata))
    pd.testing.assert_frame_equal(together, agents(frame, strata))


cells = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["easy", "hard", "odd"]),
        st.integers(0, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    ),
    max_size=12,
)


@given(cells, st.randoms(use_true_random=False))
def test_adjusted_is_a_share_within_its_interval_in_any_order(
    rows: list[Any], random: Random
) -> None:
    flat = [(agent, stratum, n, x) for agent, stratum, (n, x) in rows]
    table = adjusted(strata_of(flat).astype({"n": "int64", "top2": "int64"}))
    known = table[table["separable"]]
    assert known["adjusted"].between(0, 1).all()
    assert (known["adjusted_low"] <= known["adjusted"] + 1e-12).all()
    assert (known["adjusted"] <= known["adjusted_high"] + 1e-12).all()
    random.shuffle(flat)
    again = adjusted(strata_of(flat).astype({"n": "int64", "top2": "int64"}))
    pd.testing.assert_frame_equal(again, table)


def test_agents_carry_adjusted_and_keep_agents_without_strata() -> None:
    frame = frame_of([[6, 0, 0, 0, 54], [4, 0, 0, 0, 36], [1, 0, 0, 0, 9]], ids=["a", "b", "c"])
    table = agents(frame, strata_of([("b", "easy", 40, 36), ("a", "easy", 60, 54)]))
    assert np.allclose(table["adjusted"], [0.9, 0.9, np.nan], equal_nan=True)
    assert table["separable"].tolist() == [True, True, False]
