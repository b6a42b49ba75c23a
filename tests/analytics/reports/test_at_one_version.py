"""A report of several statements does not mix what was counted before with what came between."""

from __future__ import annotations

import pytest
from django.db.models import F

from analytics.models import AggregateState
from analytics.reports.cached import at_one_version

pytestmark = pytest.mark.django_db


def _version() -> int:
    return AggregateState.objects.get().version


def _count_a_batch() -> None:
    AggregateState.objects.update(version=F("version") + 1)


@pytest.fixture(autouse=True)
def state() -> None:
    AggregateState.objects.update_or_create(pk=1, defaults={"version": 7})


def test_a_batch_between_two_reads_makes_them_both_again() -> None:
    batches = iter([_count_a_batch])

    def compute() -> tuple[int, int]:
        first = _version()
        next(batches, lambda: None)()
        return first, _version()

    assert at_one_version(compute) == (8, 8)


def test_undisturbed_it_is_computed_once() -> None:
    computed: list[int] = []
    at_one_version(lambda: computed.append(_version()))
    assert computed == [7]


def test_under_a_stream_of_batches_it_still_answers() -> None:
    def compute() -> int:
        _count_a_batch()
        return _version()

    assert at_one_version(compute) == 10
