"""A rebuild mends what is wrong, only that, in any range; verify finds it."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analytics import aggregates
from analytics.aggregates import raw, rebuilding
from analytics.frames.sql import rows
from analytics.models import AnswerBlock, CauseDay, CountedResponse, FixDay, MatrixDay, RebuildPart
from tests.analytics.answered import answer, invitations
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted() -> None:
    for k, one in enumerate(invitations(12)):
        answer(one, at=NOW - dt.timedelta(days=k), f1=1 + k % 5, f2=4, c1=1 + k % 4, c2=2, c3=3)
    aggregates.apply_all()


def _spoil_fix() -> None:
    FixDay.objects.filter(scope="agent").update(h4=F("h4") + 7)


def _spoil_cause() -> None:
    CauseDay.objects.filter(basis="r").update(v2=0, w1=5)


def _lose_matrix() -> None:
    MatrixDay.objects.all().delete()


def _spoil_facts() -> None:
    CountedResponse.objects.update(f1=5, team_id=None)


def _lose_facts() -> None:
    CountedResponse.objects.all().delete()


def _lose_everything() -> None:
    for model in (CountedResponse, FixDay, CauseDay, MatrixDay):
        model.objects.all().delete()


def _invent_a_day() -> None:
    FixDay.objects.create(basis="a", day=dt.date(2001, 1, 1), scope="all", scope_id=0, h1=3)


def _keep_the_erased() -> None:
    row = CountedResponse.objects.first()
    assert row is not None
    row.pk = 10**9
    row.save(force_insert=True)


@pytest.mark.parametrize(
    "spoil",
    [
        _spoil_fix,
        _spoil_cause,
        _lose_matrix,
        _spoil_facts,
        _lose_facts,
        _lose_everything,
        _invent_a_day,
        _keep_the_erased,
    ],
)
@pytest.mark.usefixtures("counted")
def test_rebuild_mends(spoil: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "RANGE_SIZE", 3)
    assert aggregates.verify() == []
    spoil()
    assert aggregates.verify() != []
    done = aggregates.rebuild()
    assert aggregates.verify() == []
    assert done.parts >= 4
    assert done.n == 12
    assert not RebuildPart.objects.exists()


@pytest.mark.usefixtures("counted")
def test_packed_answers_that_are_wrong_are_found_and_mended() -> None:
    spoilt, miscounted, lost, *_ = AnswerBlock.objects.order_by("day")
    AnswerBlock.objects.filter(pk=spoilt.pk).update(data=bytes(miscounted.data))
    AnswerBlock.objects.filter(pk=miscounted.pk).update(data=bytes(lost.data))
    lost.delete()
    AnswerBlock.objects.create(
        id=1, day=dt.date(2001, 1, 1), n=miscounted.n, data=bytes(miscounted.data)
    )

    wrong = aggregates.verify()
    assert {one.table for one in wrong} == {"analytics_answerblock"}
    days = {dt.date(2001, 1, 1), spoilt.day, miscounted.day, lost.day}
    assert {one.key["day"] for one in wrong} == days

    aggregates.rebuild()
    assert aggregates.verify() == []


@pytest.mark.usefixtures("counted")
def test_rebuilding_what_is_right_changes_nothing() -> None:
    before = list(FixDay.objects.order_by("pk").values()), list(CauseDay.objects.values())
    assert aggregates.rebuild().changed == 0
    assert (list(FixDay.objects.order_by("pk").values()), list(CauseDay.objects.values())) == before


@pytest.mark.usefixtures("counted")
def test_a_range_mends_its_own_days_only() -> None:
    wrong = FixDay.objects.filter(scope="all", basis="a")
    wrong.update(h1=F("h1") + 1)
    first, last = NOW.date() - dt.timedelta(days=4), NOW.date() - dt.timedelta(days=2)
    aggregates.rebuild(first, last)
    days = {one.key["day"] for one in aggregates.verify(100)}
    everything = {row.day for row in wrong}
    assert days == {day for day in everything if not first <= day <= last}


@pytest.mark.usefixtures("counted")
def test_ranges_cover_every_day_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "RANGE_SIZE", 2)
    ranges = list(rebuilding._ranges(None, None))
    assert ranges[0][0] == NOW.date() - dt.timedelta(days=11)
    assert ranges[-1][1] == NOW.date()
    for (_, end), (start, _) in itertools.pairwise(ranges):
        assert start - end == dt.timedelta(days=1)


def test_a_rebuild_forgets_the_ranges_of_one_that_was_killed_and_none_that_goes_on() -> None:
    now, day = timezone.now(), NOW.date()
    killed, going_on, begun = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    before = dt.timedelta(days=2)
    for run, created_at, done_at in (
        (killed, now - before, now - before),
        (killed, now - before, None),
        (going_on, now - before, now - dt.timedelta(hours=1)),
        (going_on, now - before, None),
        (begun, now, None),
    ):
        RebuildPart.objects.create(
            run=run, from_date=day, to_date=day, created_at=created_at, done_at=done_at
        )
    aggregates.rebuild()
    left = RebuildPart.objects.order_by("id").values_list("run", flat=True)
    assert list(left) == [going_on, going_on, begun]


def test_a_rebuild_without_answers_has_nothing_to_do() -> None:
    assert aggregates.rebuild().parts == 0


@pytest.mark.usefixtures("counted")
def test_the_commands_find_mend_and_say_so() -> None:
    _spoil_cause()
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_aggregates", stdout=out)
    assert ended.value.code == 1
    assert "analytics_causeday at basis r" in out.getvalue()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_aggregates", "--json", "--most", "1", stdout=out)
    found = json.loads(out.getvalue())
    assert found["equal"] is False
    assert len(found["differences"]) == 1
    out = StringIO()
    call_command("aggregate", "--rebuild", "--alone", "--json", stdout=out)
    assert json.loads(out.getvalue())["responses"] == 12
    out = StringIO()
    call_command("verify_aggregates", stdout=out)
    assert out.getvalue() == "Every aggregate equals the recount from the raw answers.\n"


def test_aggregate_counts_what_waits() -> None:
    answer(invitations(1)[0], f1=4)
    out = StringIO()
    call_command("aggregate", "--json", stdout=out)
    assert json.loads(out.getvalue())["applied"] == 1
    assert aggregates.verify() == []


def test_dates_without_rebuild_are_refused() -> None:
    with pytest.raises(CommandError, match="--rebuild"):
        call_command("aggregate", "--from", "2026-01-01")


def test_verify_leaves_out_what_still_waits() -> None:
    answer(invitations(1)[0], f1=4)
    assert aggregates.verify() == []


def test_workers_take_ranges_that_are_no_neighbours(
    counted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RANGE_SIZE", "TOGETHER"):
        monkeypatch.setattr(rebuilding, name, 1)
    ranges = rebuilding.spread(None, None)
    in_order = sorted(ranges)
    assert [last + dt.timedelta(days=1) for _, last in in_order[:-1]] == [
        first for first, _ in in_order[1:]
    ]
    assert in_order[0][0] <= (NOW - dt.timedelta(days=11)).date()
    assert in_order[-1][1] >= NOW.date()
    places = [in_order.index(one) for one in ranges]
    assert len(places) > 4
    assert all(abs(one - other) > 1 for one, other in itertools.pairwise(places))


def test_reading_a_range_leaves_the_planner_as_it_was(counted: None) -> None:
    names = ("enable_nestloop", "work_mem", "max_parallel_workers_per_gather")
    before = [rows(f"SHOW {name}") for name in names]
    with transaction.atomic():
        assert raw.stage(NOW.date() - dt.timedelta(days=20), NOW.date()) == 12
        assert [rows(f"SHOW {name}") for name in names] == before


@pytest.mark.usefixtures("counted")
def test_ids_told_apart_by_sorting_are_counted_as_those_told_apart_by_a_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction.atomic():
        raw.stage(NOW.date() - dt.timedelta(days=20), NOW.date())
        days, block = raw.columns()
        monkeypatch.setattr(raw, "MOST_IDS", -1)
        same_days, same = raw.columns()
    assert (days == same_days).all()
    assert block.values == same.values
    assert all((block.columns[name] == same.columns[name]).all() for name in block.columns)
