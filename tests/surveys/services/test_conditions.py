"""What a policy asks of a case, and how that is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.services.conditions import covers, faults, hold, in_words

CASE = {
    "channel": "phone",
    "product": "Fibre",
    "severity": "high",
    "tags": ["vip", "press"],
    "human_handled": True,
    "n_agents": 2,
}


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({}, True),
        ({"channel": ["phone", "chat"]}, True),
        ({"channel": ["chat"]}, False),
        ({"channel": {"not": ["chat"]}}, True),
        ({"channel": {"not": ["chat", "phone"]}}, False),
        ({"team": ["Mobile"]}, False),
        ({"team": {"not": ["Mobile"]}}, True),
        ({"tags": ["vip"]}, True),
        ({"tags": ["other"]}, False),
        ({"tags": {"not": ["press"]}}, False),
        ({"tags": {"not": ["other"]}}, True),
        ({"human_handled": True}, True),
        ({"human_handled": False}, False),
        ({"n_agents": {"min": 2}}, True),
        ({"n_agents": {"max": 1}}, False),
        ({"n_agents": {"min": 1, "max": 2}}, True),
        ({"channel": ["phone"], "severity": {"not": ["high"]}}, False),
    ],
)
def test_hold_asks_for_every_condition(conditions: dict[str, Any], holds: bool) -> None:
    assert hold(conditions, CASE) is holds


def test_hold_of_a_fact_nobody_said() -> None:
    assert not hold({"severity": ["low"]}, {})
    assert hold({"severity": {"not": ["low"]}, "tags": {"not": ["vip"]}}, {})
    assert hold({"human_handled": False, "n_agents": {"max": 0}}, {})


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({}, "every case"),
        (
            {"channel": ["phone", "chat"], "product": ["Fibre"], "severity": {"not": ["low"]}},
            "phone or chat cases of product Fibre, unless severity is low",
        ),
        (
            {"team": ["A", "B", "C"], "cause": ["plan-change"], "tags": ["vip"]},
            "cases of team A, B or C with cause Plan change tagged vip",
        ),
        (
            {"channel": {"not": ["mail"]}, "tags": {"not": ["vip", "press"]}},
            "every case, unless channel is mail, or it is tagged vip or press",
        ),
        ({"human_handled": True}, "cases handled by a person"),
        ({"human_handled": False}, "cases handled by a machine alone"),
        ({"n_agents": {"min": 2}}, "cases with at least 2 agents"),
        ({"n_agents": {"max": 1}}, "cases with at most 1 agent"),
        ({"n_agents": {"min": 1, "max": 1}}, "cases with exactly 1 agent"),
        ({"n_agents": {"min": 1, "max": 3}}, "cases with 1 to 3 agents"),
    ],
)
def test_in_words(conditions: dict[str, Any], words: str) -> None:
    assert in_words(conditions, {"plan-change": "Plan change"}) == words


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        ({"channel": ["phone"], "severity": {"not": ["low"]}}, []),
        ({"colour": ["red"]}, ["conditions.colour"]),
        ({"a\x00": ["red"]}, ["conditions"]),
        ({"channel": []}, ["conditions.channel"]),
        ({"channel": True}, ["conditions.channel"]),
        ({"channel": {"nor": ["a"]}}, ["conditions.channel"]),
        ({"channel": {"not": 1}}, ["conditions.channel"]),
        ({"channel": {"not": []}}, ["conditions.channel.not"]),
        ({"channel": {"not": ["a", "b\x00"]}}, ["conditions.channel.not[1]"]),
        ({"tags": ["x" * 201, ""]}, ["conditions.tags[0]", "conditions.tags[1]"]),
        ({"human_handled": ["yes"]}, ["conditions.human_handled"]),
        ({"n_agents": []}, ["conditions.n_agents"]),
        ({"n_agents": {}}, ["conditions.n_agents"]),
        ({"n_agents": {"min": 51}}, ["conditions.n_agents.min"]),
        ({"n_agents": {"min": ["1"]}}, ["conditions.n_agents.min"]),
        ({"n_agents": {"min": 3, "max": 2}}, ["conditions.n_agents"]),
    ],
)
def test_faults_name_the_place(conditions: dict[str, Any], fields: list[str]) -> None:
    assert [field for field, _ in faults(conditions)] == fields


_VALUES = st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True)
_WANTED = _VALUES | st.builds(lambda values: {"not": values}, _VALUES)
_COUNTS = st.fixed_dictionaries(
    {}, optional={"min": st.integers(0, 3), "max": st.integers(0, 3)}
).filter(bool)
_CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "channel": _WANTED,
        "product": _WANTED,
        "human_handled": st.booleans(),
        "n_agents": _COUNTS,
    },
)
_FACTS = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["", *"abcd"]),
        "product": st.sampled_from(["", *"abcd"]),
        "human_handled": st.booleans(),
        "n_agents": st.integers(0, 4),
    }
)


@given(outer=_CONDITIONS, inner=_CONDITIONS, facts=_FACTS)
def test_covers_is_true_only_where_every_case_is_taken(
    outer: dict[str, Any], inner: dict[str, Any], facts: dict[str, Any]
) -> None:
    assert covers({}, inner)
    assert covers(inner, inner)
    if covers(outer, inner) and hold(inner, facts):
        assert hold(outer, facts)
