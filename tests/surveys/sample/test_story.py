"""The sample half year tells the founding story, and tells it the same way each time."""

from __future__ import annotations

import datetime as dt
from itertools import chain

import pytest

from surveys.sample import cast, story

NOW = dt.datetime(2026, 11, 1, 9, 30, tzinfo=dt.UTC)
N_CASES = 4000


@pytest.fixture(scope="module")
def told() -> list[story.StoryCase]:
    return list(story.tell(N_CASES, 1, NOW))


def _share(cases: list[story.StoryCase], item: str) -> float:
    ratings = [one.answers[item] for one in cases if one.answers and item in one.answers]
    return sum(rating in ("4", "5") for rating in ratings) / len(ratings)


def _flaw(told: list[story.StoryCase], *, since: bool) -> list[story.StoryCase]:
    starts_at = NOW - dt.timedelta(days=story.DAYS - story.FLAW_STARTS_ON_DAY)
    return [
        one
        for one in told
        if one.case["cause"] == cast.FLAW
        and (dt.datetime.fromisoformat(one.case["resolved_at"]) >= starts_at) == since
    ]


def test_tell_same_seed_same_story(told: list[story.StoryCase]) -> None:
    assert list(story.tell(N_CASES, 1, NOW)) == told
    assert list(story.tell(N_CASES, 2, NOW)) != told


def test_tell_has_the_promised_cast(told: list[story.StoryCase]) -> None:
    agents = set(chain.from_iterable(told_agents(one) for one in told))
    assert len(agents) == 40
    assert len({one.case["team"] for one in told}) == 5
    assert len({one.case["cause"] for one in told}) == 12


def told_agents(one: story.StoryCase) -> list[str]:
    return [agent["external_id"] for agent in one.case["agents"]]


def test_tell_flaw_raises_volume_and_dismay_but_not_the_fix(told: list[story.StoryCase]) -> None:
    before, since = _flaw(told, since=False), _flaw(told, since=True)
    assert len(since) > 2 * len(before)
    assert _share(since, "C1") > _share(before, "C1") + 0.3
    assert abs(_share(since, "F1") - _share(before, "F1")) < 0.1


def test_tell_leaves_nothing_to_be_sent_or_answered_before_it_was_due(
    told: list[story.StoryCase],
) -> None:
    latest = max(dt.datetime.fromisoformat(one.case["resolved_at"]) for one in told)
    assert latest <= NOW - dt.timedelta(hours=12)
    assert min(one.answer_delay for one in told) > dt.timedelta(0)
