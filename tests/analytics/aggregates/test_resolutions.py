"""Resolutions are packed by day: killed at any statement, in company, beside changes under way."""

from __future__ import annotations

import datetime as dt
import secrets

import pytest
from django.db import connection, transaction
from django.utils import timezone

from analytics import aggregates
from analytics.aggregates import resolutions
from analytics.frames import resolution_rows, sent
from analytics.frames.blocks import unpack
from analytics.frames.selection import Selection
from analytics.models import AggregateState, ResolutionBlock, ResolutionChange
from surveys.models import Invitation, Resolution
from tests.analytics import resolved
from tests.analytics.answered import answer, erase, invitations
from tests.crashes import Crash, CrashAt
from tests.factories import NOW, CauseFactory, ResolutionFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def _changed() -> None:
    """Some packed, of which some changed, were answered, or went since; some new."""
    asked = invitations(8)
    aggregates.pack_days(at_once=True)
    answer(asked[0], f1=4)
    Invitation.objects.filter(pk=asked[1].pk).update(bounced_at=NOW)
    Resolution.objects.filter(pk=asked[2].resolution_id).update(cause=CauseFactory())
    asked[3].resolution.case.delete()
    erase(answer(asked[4], f1=2).pk)
    aggregates.apply_all()
    invitations(4)


def _tell_what_the_rows_do() -> None:
    for selection in (Selection(), Selection(basis="r", from_=NOW.date()), Selection(channel=())):
        found = sent.dispositions(selection)
        told = (found.invited, found.delivered, found.completed)
        assert told == resolved.dispositions(selection)
        table = sent.resolved_by_kind(selection)
        kinds = {(kind, value): n for kind, value, n in table.itertuples(index=False)}
        assert kinds == resolved.by_kind(selection)


def test_packing_survives_a_crash_at_every_statement() -> None:
    _changed()
    before = set(ResolutionBlock.objects.values_list("pk", flat=True))
    noted = ResolutionChange.objects.count()
    for n in range(50):
        try:
            with connection.execute_wrapper(CrashAt(n)):
                aggregates.pack_days(at_once=True)
        except Crash:
            # Nothing of it, and no note lost.
            assert set(ResolutionBlock.objects.values_list("pk", flat=True)) == before
            assert ResolutionChange.objects.count() == noted
            assert aggregates.verify() == []
            _tell_what_the_rows_do()
            continue
        break
    else:
        raise AssertionError("it never got through")
    assert n >= 5  # what is noted, lock, notes, blocks, insert; what is read has no wrapper
    assert not ResolutionChange.objects.exists()
    assert aggregates.verify() == []
    _tell_what_the_rows_do()


def test_several_packers_beside_changes_lose_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolutions, "AT_ONCE", 2)
    asked = invitations(24)

    def pack() -> None:
        for _ in range(6):
            aggregates.pack_days(at_once=True)

    def bounce() -> None:
        for one in asked:
            Invitation.objects.filter(pk=one.pk).update(bounced_at=NOW)

    def resolve() -> None:
        for k in range(12):
            ResolutionFactory(resolved_at=NOW - dt.timedelta(days=k % 5))

    at_once(pack, pack, bounce, resolve, aggregates.rebuild)
    assert aggregates.verify() == []
    _tell_what_the_rows_do()
    aggregates.pack_days(at_once=True)
    assert not ResolutionChange.objects.exists()
    assert aggregates.verify() == []
    _tell_what_the_rows_do()


def test_a_change_under_way_is_packed_the_next_time() -> None:
    [asked] = invitations(1)
    aggregates.pack_days(at_once=True)
    [block] = ResolutionBlock.objects.all()
    with transaction.atomic():
        Invitation.objects.filter(pk=asked.pk).update(bounced_at=NOW)
        resolutions.note([block.day])  # in the same transaction, as somebody else's that stands
        at_once(lambda: aggregates.pack_days(at_once=True))
        at_once(lambda: _packed_as(1))
    assert ResolutionChange.objects.exists()
    assert sent.dispositions(Selection()).delivered == 0
    assert aggregates.pack_days(at_once=True) == 1
    _packed_as(0)
    assert aggregates.verify() == []


def _packed_as(delivered: int) -> None:
    [block] = ResolutionBlock.objects.all()
    states = unpack(bytes(block.data)).columns["state"]
    assert int((states & resolution_rows.DELIVERED > 0).sum()) == delivered


def test_an_answer_that_comes_and_goes_before_it_is_counted_leaves_nothing() -> None:
    [asked] = invitations(1)
    response = answer(asked, f1=4)
    aggregates.pack_days(at_once=True)
    assert sent.dispositions(Selection()).completed == 1
    erase(response.pk)
    assert sent.dispositions(Selection()).completed == 0
    aggregates.apply_all()
    aggregates.pack_days(at_once=True)
    assert sent.dispositions(Selection()).completed == 0
    assert aggregates.verify() == []


def test_a_change_of_nothing_that_is_counted_notes_no_day() -> None:
    [asked] = invitations(1)
    aggregates.pack_days(at_once=True)
    Invitation.objects.filter(pk=asked.pk).update(reason="told by nothing here", expires_at=NOW)
    Resolution.objects.update(reopened_at=NOW)
    assert not ResolutionChange.objects.exists()


def test_the_job_rests_many_times_as_long_as_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolutions, "REST", 1e9)
    invitations(2)
    assert aggregates.pack_days(wait=False) == 2
    ResolutionFactory(resolved_at=NOW)
    assert aggregates.pack_days(wait=False) == 0
    _tell_what_the_rows_do()
    assert aggregates.pack_days(at_once=True) == 1


def test_after_a_change_of_all_history_the_job_hardly_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resolutions, "REST", 1e9)
    monkeypatch.setattr(resolutions, "MANY_DAYS", 2)
    for days in range(3):
        ResolutionFactory(resolved_at=NOW - dt.timedelta(days=days))
    start = timezone.now()
    assert aggregates.pack_days() == 3
    until = AggregateState.objects.get(pk=resolutions.STATE).rests_until
    assert until is not None
    # As long as it worked, which is some of the time that passed.
    assert until - timezone.now() < timezone.now() - start


def test_a_turn_of_the_job_has_an_end_and_every_day_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The day that waited longest comes first, whatever came to the newest meanwhile."""
    monkeypatch.setattr(resolutions, "REST", 0)
    monkeypatch.setattr(resolutions, "TURN", 0)
    monkeypatch.setattr(resolutions, "AT_ONCE", 1)
    days = [NOW - dt.timedelta(days=k) for k in (3, 0, 5)]
    for at in days:
        ResolutionFactory(resolved_at=at)
    for k in range(3):
        assert aggregates.pack_days() == 1
        assert {one.day for one in ResolutionBlock.objects.all()} == {
            at.date() for at in days[: k + 1]
        }
        if k < 2:
            ResolutionFactory(resolved_at=days[k])
            ResolutionFactory(resolved_at=days[k + 1])


def test_what_is_wrong_is_found_and_mended_by_a_rebuild() -> None:
    invitations(6)
    aggregates.pack_days(at_once=True)
    first, second, *rest = ResolutionBlock.objects.order_by("day")
    ResolutionBlock.objects.filter(pk=first.pk).update(data=bytes(second.data))
    ResolutionBlock.objects.filter(pk=second.pk).update(n=second.n + 1)
    rest[0].delete()
    ResolutionBlock.objects.create(
        id=secrets.randbits(63), day=dt.date(2001, 1, 1), n=first.n, data=bytes(first.data)
    )
    wrong = aggregates.verify()
    assert {one.table for one in wrong} == {"analytics_resolutionblock"}
    days = {dt.date(2001, 1, 1), first.day, second.day, rest[0].day}
    assert {one.key["day"] for one in wrong} == days
    aggregates.rebuild()
    assert aggregates.verify() == []
    _tell_what_the_rows_do()
