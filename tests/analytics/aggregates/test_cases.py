"""Cases per cause: counted by day, and exact at every moment in between."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.core.cache import cache

from analytics import aggregates
from analytics.aggregates import cases, recount_cases, verify
from analytics.frames.selection import Selection
from analytics.frames.sent import cases_by_cause
from analytics.models import CaseChange, CaseDay
from surveys.models import Resolution
from tests.factories import NOW, CauseFactory, ResolutionFactory

pytestmark = pytest.mark.django_db

PERIOD = Selection(from_=(NOW - dt.timedelta(days=9)).date(), to=NOW.date())


@pytest.fixture(autouse=True)
def made() -> None:
    cache.clear()
    causes = [CauseFactory(), CauseFactory()]
    for k in range(20):
        # Every hour of the day, and some before the period.
        moment = NOW - dt.timedelta(days=k % 13, hours=5 * k % 24)
        ResolutionFactory(cause=[*causes, None][k % 3], resolved_at=moment)
    recount_cases()


def _are_right() -> None:
    for selection in (PERIOD, Selection()):
        found = cases_by_cause(selection)
        expected: Counter[int] = Counter()
        for one in Resolution.objects.exclude(cause=None):
            day = one.resolved_at.astimezone(dt.UTC).date()
            if selection.from_ is None or selection.from_ <= day <= NOW.date():
                expected[one.cause_id] += 1  # type: ignore[index]
        assert dict(zip(found["cause_id"], found["cases"], strict=True)) == expected
    assert verify() == []


def test_counted_cases_are_those_there_are() -> None:
    assert not CaseChange.objects.exists()
    assert CaseDay.objects.exists()
    _are_right()


def test_cases_that_come_change_and_go_are_seen_at_once_and_after_counting() -> None:
    _are_right()
    ResolutionFactory(cause=CauseFactory(), resolved_at=NOW)
    _are_right()
    one, other = Resolution.objects.exclude(cause=None)[:2]
    one.cause, one.resolved_at = CauseFactory(), NOW - dt.timedelta(days=4)
    one.save()
    _are_right()
    other.delete()
    _are_right()
    assert recount_cases(at_once=True) > 0
    assert not CaseChange.objects.exists()
    _are_right()


def test_a_few_changed_days_wait_for_a_minute() -> None:
    ResolutionFactory(cause=CauseFactory(), resolved_at=NOW)
    assert recount_cases() == 0
    for days in range(cases.FEW):
        ResolutionFactory(resolved_at=NOW - dt.timedelta(days=1 + days))
    assert recount_cases() == cases.FEW + 1
    assert recount_cases() == 0


def test_what_is_wrong_is_found_and_mended_by_a_rebuild() -> None:
    CaseDay.objects.update(n=7)
    CaseDay.objects.create(day=dt.date(2001, 1, 1), cause_id=1, n=3)
    assert {one.table for one in verify()} == {"analytics_caseday"}
    aggregates.rebuild()
    _are_right()
