"""The adjusted share against a truth that is known: what landed on the desk, and what did not."""

import numpy as np
import pandas as pd
import pytest

from analytics.metrics.agents import adjusted

AGENTS, CAUSES, ANSWERS, RUNS = 60, 12, 12_000, 12


def _run(seed: int) -> tuple[float, float, float, float]:
    """RMSE of raw and adjusted share, slope of adjusted on true share, coverage of the interval.

    Specialised routing: 70 % of an agent's cases come from one cause. The truth is the share an
    agent would have on the company's mix of causes. The cause makes the fix harder, not the agent
    worse. As in the calculation of science.md section 4: 60 agents, 12 causes, 12,000 answers.
    """
    random = np.random.default_rng(seed)
    quality, hard = random.normal(0, 0.4, AGENTS), random.normal(0, 0.9, CAUSES)
    home = random.integers(0, CAUSES, AGENTS)
    agent = random.integers(0, AGENTS, ANSWERS)
    own = random.random(ANSWERS) < 0.7
    cause = np.where(own, home[agent], random.integers(0, CAUSES, ANSWERS))
    chance = 1 / (1 + np.exp(-(0.9 + quality[:, None] - hard)))
    top2 = (random.random(ANSWERS) < chance[agent, cause]).astype(np.int64)
    truth = chance @ (np.bincount(cause, minlength=CAUSES) / ANSWERS)
    rows = pd.DataFrame({"agent_id": agent, "stratum": cause, "n": 1, "top2": top2})
    found = adjusted(rows.groupby(["agent_id", "stratum"], as_index=False).sum())
    value = found["adjusted"].to_numpy()
    raw = np.bincount(agent, weights=top2) / np.bincount(agent)
    held = (found["adjusted_low"] <= truth) & (truth <= found["adjusted_high"])
    error, adjusted_error = (np.sqrt(np.mean((part - truth) ** 2)) for part in (raw, value))
    slope = np.polyfit(truth, value, 1)[0]
    return float(error), float(adjusted_error), float(slope), float(held.mean())


def test_adjusted_share_is_fair_and_does_not_shrink_true_differences() -> None:
    runs = np.array([_run(seed) for seed in range(RUNS)])
    raw, found, slope, held = runs.mean(axis=0)
    assert raw > 0.08
    assert found <= 0.6 * raw
    # The mean of 12 slopes has a standard error of about 0.02.
    assert slope == pytest.approx(1, abs=0.05)
    assert held == pytest.approx(0.95, abs=0.03)


def test_an_agent_who_is_alone_with_a_cause_is_called_not_separable() -> None:
    rows = pd.DataFrame(
        {
            "agent_id": ["alone", "alone", "a", "a", "b", "b"],
            "stratum": ["router", "billing", "billing", "line", "billing", "line"],
            "n": [90, 10, 50, 50, 50, 50],
            "top2": [20, 8, 40, 30, 38, 33],
        }
    )
    found = adjusted(rows).set_index("agent_id")
    assert found["separable"].to_dict() == {"a": True, "alone": False, "b": True}
    assert found["adjusted"].isna().to_dict() == {"a": False, "alone": True, "b": False}
