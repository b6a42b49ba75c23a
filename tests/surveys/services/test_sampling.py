"""One rate for all cases, or more for agents with few answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.services.sampling import (
    NO_VOLUMES,
    Volume,
    Volumes,
    answered_share,
    answers_needed,
    rate_for,
)
from surveys.services.scheduling import Reason, not_in_sample
from tests.surveys.services.test_scheduling import RULE

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
VOLUMES = Volumes({"busy": Volume(1000, 0.3), "some": Volume(200, 0.3), "few": Volume(20, 0.3)})


@pytest.mark.parametrize(
    ("agents", "rate"),
    [
        ([("busy", 1.0)], 0.1),  # 30 of 300 expected
        ([("some", 1.0)], 0.5),  # 30 of 60
        ([("few", 1.0)], 1.0),  # 30 of 6: never above 1
        ([("new", 1.0)], 1.0),
        ([("busy", 0.5), ("some", 0.5)], 0.5),  # the highest need
        ([("busy", 0.6), ("few", 0.4)], 0.1),  # who did less than half has no figure from it
        ([], 0.05),
    ],
)
def test_rate_for_makes_each_agent_reach_the_target(
    agents: list[tuple[str, float]], rate: float
) -> None:
    assert rate_for(0.05, 30, agents, VOLUMES) == pytest.approx(rate)


def test_rate_for_keeps_the_base_as_floor_and_without_a_target() -> None:
    assert rate_for(0.25, 30, [("busy", 1.0)], VOLUMES) == 0.25
    assert rate_for(0.25, None, [("few", 1.0)], VOLUMES) == 0.25
    assert rate_for(1.0, 30, [("busy", 1.0)], VOLUMES) == 1.0


@given(
    base=st.floats(0, 1),
    target=st.integers(1, 500),
    cases=st.floats(0, 1e6),
    answered=st.floats(0, 1),
)
def test_rate_for_lies_between_the_base_and_one_and_reaches_what_it_can(
    base: float, target: int, cases: float, answered: float
) -> None:
    volumes = Volumes({"a": Volume(cases, answered)})
    rate = rate_for(base, target, [("a", 1.0)], volumes)
    assert base <= rate <= 1
    assert rate == 1 or rate * cases * answered >= target * (1 - 1e-9)


def test_the_lot_falls_as_often_as_the_rate_says_and_alike_again() -> None:
    rule = replace(RULE, sample_rate=0.1, agent_target=30)
    some = [("some", 1.0)]
    drawn = [not_in_sample(rule, "desk", str(n), NOW, some, VOLUMES) for n in range(2000)]
    assert drawn == [not_in_sample(rule, "desk", str(n), NOW, some, VOLUMES) for n in range(2000)]
    assert 900 < sum(reason is None for reason in drawn) < 1100
    assert set(drawn) == {
        None,
        Reason(
            "sampled_out",
            "Not in the sample of 50 %, drawn so that each agent gets 30 answers a month",
        ),
    }
    assert not_in_sample(rule, "desk", "1", NOW, [("new", 1.0)], NO_VOLUMES) is None


def test_answered_share_is_pulled_towards_the_companys() -> None:
    assert answered_share(0, 0) == pytest.approx(0.2)
    assert answered_share(0, 0, 0.4) == pytest.approx(0.4)
    assert answered_share(500, 950) == pytest.approx(0.51)


@pytest.mark.parametrize(
    ("icc", "at_07", "at_08"), [(0.02, 115, 196), (0.04, 56, 96), (0.10, 21, 36)]
)
def test_answers_needed(icc: float, at_07: int, at_08: int) -> None:
    assert (answers_needed(0.7, icc), answers_needed(0.8, icc)) == (at_07, at_08)
