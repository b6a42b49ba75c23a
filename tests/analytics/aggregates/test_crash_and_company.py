"""Killed at any statement, or in company of another applier: each answer is counted once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from analytics import aggregates
from analytics.aggregates.rebuilding import rebuild_range
from analytics.models import AggregateState, CountedResponse
from surveys.models import AnswerChange, Response
from tests.analytics.answered import answer, change, erase, invitations
from tests.crashes import Crash, CrashAt
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def _answered() -> None:
    """Some counted, of which some changed and some erased since; some new."""
    invited = invitations(12)
    first = [answer(one, f1=3, f2=4, c1=2, c2=3, c3=1, o1=5) for one in invited[:8]]
    aggregates.apply_changes()
    for response in first[:3]:
        change(response.pk, f1=5, c1=None)
    erase(first[3].pk)
    for one in invited[8:]:
        answer(one, f1=1, c1=5)


def _crashed_everywhere(work: Callable[[], Any]) -> int:
    """Crash at every statement in turn until the work gets through; how many crashes it took."""
    before = CountedResponse.objects.count()
    for n in range(200):
        try:
            with connection.execute_wrapper(CrashAt(n)):
                work()
        except Crash:
            assert CountedResponse.objects.count() == before
            assert aggregates.verify() == []
            continue
        return n
    raise AssertionError("it never got through")


def test_applying_survives_a_crash_at_every_statement() -> None:
    _answered()
    version = AggregateState.objects.get().version
    waiting = AnswerChange.objects.count()
    crashes = _crashed_everywhere(aggregates.apply_changes)
    assert crashes >= 9  # lock, consume, two reads, three upserts, delete, version
    assert waiting == 8
    assert AnswerChange.objects.count() == 0
    assert aggregates.verify() == []
    assert AggregateState.objects.get().version == version + 1
    assert CountedResponse.objects.count() == Response.objects.count() == 11


def test_rebuilding_a_range_survives_a_crash_at_every_statement() -> None:
    _answered()
    days = [response.answered_at.date() for response in Response.objects.all()]
    crashes = _crashed_everywhere(lambda: rebuild_range(min(days), max(days)))
    assert crashes >= 9
    aggregates.apply_all()
    assert aggregates.verify() == []


def test_two_appliers_share_the_work_and_count_nothing_twice() -> None:
    for one in invitations(24):
        answer(one, f1=4, f2=2, c1=5, c2=5, c3=3)
    counted: list[int] = []

    def apply() -> None:
        while (applied := aggregates.apply_changes(5)).n:
            counted.append(applied.n)

    at_once(apply, apply, apply)
    assert sum(counted) == 24
    assert aggregates.verify() == []


def test_an_applier_that_does_not_wait_leaves_the_work_to_the_one_at_it() -> None:
    answer(invitations(1)[0], f1=4)
    from django.db import transaction

    from analytics.aggregates import write

    with transaction.atomic():
        write.lock()
        seen: list[aggregates.Applied] = []
        at_once(lambda: seen.append(aggregates.apply_changes(wait=False)))
    assert seen == [aggregates.Applied(0, 0)]
    assert aggregates.apply_changes(wait=False).n == 1


def test_a_rebuild_beside_arriving_answers_counts_each_once() -> None:
    invited = invitations(30)
    for one in invited[:15]:
        answer(one, f1=2, c1=4)
    aggregates.apply_all()
    CountedResponse.objects.filter(f1=2).update(f1=5)  # the aggregates are wrong

    def keep_answering() -> None:
        for k, one in enumerate(invited[15:]):
            response = answer(one, f1=3, f2=1 + k % 5, c1=2)
            if k % 3 == 0:
                change(response.pk, f1=1)
            if k % 5 == 4:
                erase(response.pk)
            aggregates.apply_changes(2)

    at_once(keep_answering, aggregates.rebuild, aggregates.rebuild)
    aggregates.apply_all()
    assert aggregates.verify() == []
