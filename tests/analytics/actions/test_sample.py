"""The sample tells of actions: one worked, of one it is not shown, one is too young."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from analytics import actions
from analytics.metrics.interrupted import step_change
from analytics.models import Action
from surveys.models import User
from surveys.sample import cast, story
from surveys.services import sample
from tests.factories import CauseFactory, UserFactory

#: A Sunday, as the sample's end may fall on any day.
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)


def _weekly(code: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Cases of a cause and of all by whole weeks before `NOW`, and the week its checks began in."""
    told = list(story.tell(sample.N_CASES, sample.SEED, NOW))
    ago = [(NOW - dt.datetime.fromisoformat(one.case["resolved_at"])).days // 7 for one in told]
    own = [week for week, one in zip(ago, told, strict=True) if one.case["cause"] == code]
    weeks = story.DAYS // 7
    hits, size = (np.bincount(part, minlength=weeks)[:weeks][::-1] for part in (own, ago))
    return hits, size, story.BILLS_CHECKED_FROM_DAY // 7


def test_checked_bills_are_fewer_and_it_can_be_told() -> None:
    assert step_change("poisson", *_weekly(cast.CHECKED)).verdict == "verified"
    assert step_change("poisson", *_weekly("faulty-router")).verdict == "not shown"


@pytest.mark.django_db
def test_actions_come_and_go_with_the_sample() -> None:
    real = CauseFactory(code="late-engineer")
    sample.load_sample(60, 1, NOW, lambda _: None)
    found = {one.cause.code: one for one in Action.objects.select_related("cause", "owner")}
    assert set(found) == {cast.CHECKED, "faulty-router", cast.FLAW}
    assert {one.owner.role for one in found.values() if one.owner} == {User.Role.MANAGER}
    late = {code for code, one in found.items() if one.dated_at.date() > one.began_on}
    assert late == {cast.FLAW}
    own = Action.objects.create(cause=real, title="Ours", began_on=NOW.date(), owner=UserFactory())
    sample.remove_sample_data()
    assert list(Action.objects.all()) == [own]


@pytest.mark.django_db
def test_no_action_is_made_up_about_real_causes() -> None:
    CauseFactory(code=cast.CHECKED)
    actions.load_sample(NOW)
    assert not Action.objects.exists()
