"""Tasks are safe to run twice and find their work in the database."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from analytics import aggregates, tasks
from analytics.models import CountedResponse, RebuildPart
from tests.analytics.answered import answer, invitations
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_aggregate_counts_what_waits_and_then_nothing() -> None:
    for one in invitations(3):
        answer(one, f1=4)
    assert tasks.aggregate() == 3
    assert tasks.aggregate() == 0


def test_a_worker_takes_one_part_of_a_rebuild_and_a_late_task_none() -> None:
    answer(invitations(1)[0], f1=4)
    aggregates.apply_all()
    CountedResponse.objects.update(f1=1)
    run = uuid.uuid4()
    day = NOW.date()
    part = RebuildPart.objects.create(
        run=run, from_date=day - dt.timedelta(days=3), to_date=day + dt.timedelta(days=1)
    )
    assert tasks.rebuild_range(run=str(run)) is True
    part.refresh_from_db()
    assert (part.n, part.n_changed) == (1, 1)
    assert part.done_at is not None
    assert tasks.rebuild_range(run=str(run)) is False
    assert tasks.rebuild_range(run=str(uuid.uuid4())) is False
    assert aggregates.verify() == []
