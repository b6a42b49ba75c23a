"""Agents and strata at once, against statsmodels and against hand-made counts."""

import numpy as np
import pytest
import statsmodels.api as sm

from analytics.metrics import casemix


def made(answers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Four agents, three strata of very different hits, every agent mostly in one of them."""
    random = np.random.default_rng(11)
    agent, stratum = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
    n = np.where(agent % 3 == stratum, 6 * answers, answers)
    odds = np.array([0.2, 0.6, -0.2, 0.4])[agent] + np.array([2.0, 0.0, -2.0])[stratum]
    return agent, stratum, np.column_stack([n, random.binomial(n, 1 / (1 + np.exp(-odds)))])


def test_standardise_equals_a_logistic_regression_on_agents_and_strata() -> None:
    agent, stratum, cells = made(20_000)
    design = np.column_stack([np.eye(4)[agent], np.eye(3)[stratum][:, 1:]])
    hits = np.column_stack([cells[:, 1], cells[:, 0] - cells[:, 1]])
    model = sm.GLM(hits, design, family=sm.families.Binomial()).fit()
    effects = np.concatenate([[0.0], model.params[4:]])
    within = 1 / (1 + np.exp(-(model.params[:4, None] + effects)))
    mix = np.bincount(stratum, weights=cells[:, 0]) / cells[:, 0].sum()
    bend = within * (1 - within) * mix
    slopes = np.column_stack([np.diag(bend.sum(axis=1)), bend[:, 1:]])
    error = np.sqrt(np.einsum("ij,jk,ik->i", slopes, model.cov_params(), slopes))
    found = casemix.standardise(casemix.pairs(agent, stratum, cells))
    # So many answers leave nothing of the prior of the strata; it moves no result by a hundredth
    # of its own standard error.
    assert np.abs(found.value - within @ mix) == pytest.approx(0, abs=2e-5)
    assert (found.high - found.low) / (2 * 1.959964) == pytest.approx(error, rel=0.01)


def test_an_agent_of_hits_alone_has_a_share_below_one_and_an_interval() -> None:
    agent, stratum = np.array([0, 1, 1]), np.array([0, 0, 1])
    cells = np.array([[12, 12], [60, 30], [60, 20]])
    found = casemix.standardise(casemix.pairs(agent, stratum, cells))
    assert 0.8 < found.value[0] < 1
    assert 0.4 < found.low[0] < found.value[0] < found.high[0] < 1


def test_strata_beyond_the_most_count_as_one() -> None:
    many = casemix.MOST_STRATA + 40
    stratum = np.arange(many).repeat(2)
    agent = np.tile([0, 1], many)
    n = np.where(stratum < 40, 1, 10)
    counted = casemix.pairs(agent, stratum, np.column_stack([n, n // 2]))
    assert counted.width == casemix.MOST_STRATA
    assert counted.n.sum() == n.sum()
    # The forty thin ones, and one of the rest, are together.
    assert np.bincount(counted.stratum, weights=counted.n).max() == 40 * 2 + 20


def test_alone_is_the_part_of_ones_own_answers_in_their_strata() -> None:
    agent, stratum = np.array([0, 0, 1]), np.array([0, 1, 1])
    counted = casemix.pairs(agent, stratum, np.array([[30, 3], [10, 1], [30, 3]]))
    assert counted.alone() == pytest.approx([(30 + 10 * 10 / 40) / 40, 30 / 40])


def test_nothing_counted_gives_nothing() -> None:
    none = np.zeros(0, np.int64)
    counted = casemix.pairs(none, none, np.zeros((0, 2), np.int64))
    assert [len(one) for one in casemix.standardise(counted)] == [0, 0, 0]


def test_joined_is_the_part_of_all_answers_that_shared_strata_tie_together() -> None:
    # 0 and 2 by stratum 0, 2 and 4 by stratum 3: 60 of 100 answers; 1 and 3 by stratum 1.
    agent, stratum = np.array([0, 1, 2, 3, 2, 4]), np.array([0, 1, 0, 1, 3, 3])
    n = np.array([10, 20, 10, 20, 30, 10])
    counted = casemix.pairs(agent, stratum, np.column_stack([n, n // 2]))
    assert counted.joined() == pytest.approx([0.6, 0.4, 0.6, 0.4, 0.6])


def test_joined_follows_a_long_chain_to_its_end() -> None:
    agent = np.arange(40).repeat(2)
    stratum = (agent + np.tile([0, 1], 40))[::-1]
    counted = casemix.pairs(agent, stratum, np.full((80, 2), [2, 1]))
    assert counted.joined() == pytest.approx(np.ones(40))
