"""What webhooks told becomes cases: once, in any order, whatever fails between."""

from __future__ import annotations

import itertools
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from surveys.models import Case, CaseEvent, HookDelivery, HookEvent, Invitation, Resolution
from surveys.services import connections, hook_door, hook_log, hook_work, intake, privacy
from surveys.services.publishing import ensure_defaults
from tests.surveys.hooks import Desk, reopened, resolved

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    ensure_defaults()
    hook_log.forget_rations()
    return Desk()


def states() -> list[tuple[str, str]]:
    return list(HookEvent.objects.order_by("pk").values_list("case", "state"))


def test_event_becomes_a_case_of_the_connection_with_its_survey(desk: Desk) -> None:
    desk.resolve("1")
    counts = hook_work.work_off()
    assert (counts.taken, states()) == (1, [("1", "done")])
    case = Case.objects.get(source=desk.connection.slug, external_id="1")
    assert case.status == "resolved"
    assert Invitation.objects.get(resolution__case=case).status == "scheduled"
    # One place is enough for what is personal.
    assert HookEvent.objects.get().content is None


def test_without_an_address_the_case_is_there_and_waits_visibly(desk: Desk) -> None:
    desk.resolve("2", customer={"external_id": "9911"})
    hook_work.work_off()
    assert states() == [("2", "needs_enrichment")]
    invitation = Invitation.objects.get(resolution__case__external_id="2")
    assert (invitation.status, invitation.reason_code) == ("skipped", "no_address")


def test_address_told_later_ends_the_waiting(desk: Desk) -> None:
    desk.resolve("3", customer={"external_id": "9911"})
    hook_work.work_off()
    desk.resolve("3", resolved_at="2026-03-02T09:31:00Z")
    hook_work.work_off()
    assert {state for _, state in states()} == {"done"}
    assert Resolution.objects.filter(case__external_id="3").count() == 1


def test_any_order_and_repetition_of_events_ends_in_the_same_state(desk: Desk) -> None:
    later = resolved("x", resolved_at="2026-03-02T12:00:00Z")
    told = [(resolved("x"), "m1"), (reopened("x"), "m2"), (later, "m3")]
    found = set()
    for number, order in enumerate(itertools.permutations([*told, told[0]])):
        other = Desk()
        for count, (body, event_id) in enumerate(order):
            assert other.send(body, event_id).status_code == 202
            if (number + count) % 2:
                hook_work.work_off()
        hook_work.work_off()
        case = Case.objects.get(source=other.connection.slug)
        resolutions = case.resolutions.order_by("resolved_at")
        found.add((case.status, tuple((r.resolved_at, r.reopened_at) for r in resolutions)))
    assert len(found) == 1


def test_crash_between_commit_and_answer_is_made_good_by_the_retry(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = hook_door.receive

    def dies(*args: Any) -> Any:
        kept(*args)
        raise DatabaseError("killed here")

    monkeypatch.setattr(hook_door, "receive", dies)
    assert desk.resolve("4", "m4").status_code == 500
    monkeypatch.setattr(hook_door, "receive", kept)
    hook_work.work_off()
    assert desk.resolve("4", "m4").json()["outcome"] == "duplicate"
    hook_work.work_off()
    assert (Case.objects.count(), CaseEvent.objects.count()) == (1, 1)


def test_poison_event_is_set_aside_and_the_others_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = intake.take

    def fails(reports: Any, **options: Any) -> Any:
        if any(report.external_id == "bad" for report in reports):
            raise ZeroDivisionError("customer-bad@example.com")
        return taken(reports, **options)

    monkeypatch.setattr(intake, "take", fails)
    for case in ("5", "bad", "6"):
        desk.resolve(case)
    now = timezone.now()
    for attempt in range(hook_work.MOST_ATTEMPTS):
        hook_work.work_off(now=now + timedelta(days=attempt))
    assert states() == [("5", "done"), ("bad", "quarantined"), ("6", "done")]
    bad = HookEvent.objects.get(case="bad")
    assert bad.reason == "it could not be taken in (ZeroDivisionError)"
    monkeypatch.setattr(intake, "take", taken)
    assert hook_work.try_again(bad.pk, desk.connection, now)
    hook_work.work_off()
    assert ("bad", "done") in states()


def test_replay_reads_a_call_again_as_the_connection_is_wired_now(desk: Desk) -> None:
    desk.resolve("7")
    hook_work.work_off()
    connections.set_cause_path(desk.connection, "reason.of")
    delivery = HookDelivery.objects.select_related("connection").get()
    received = hook_door.replay(delivery, timezone.now())
    assert [one.outcome for one in received.made] == ["resolved"]
    hook_work.work_off()
    # What was attributed at the resolution never moves by itself; the case knows it from now on.
    assert CaseEvent.objects.get(case__external_id="7").content["cause"] == "billing"
    assert HookDelivery.objects.get(replay_of=delivery).verdict == "taken"


def test_erased_person_is_in_no_line_and_no_event(desk: Desk) -> None:
    """Whatever waits, was taken in, was not read or comes again: the whole database is looked
    through for what identifies them."""
    person = {"email": "Grace.Hall@example.com", "name": "Grace Hall", "external_id": "rq-70012"}
    body = resolved("8", customer=person, subject="Grace Hall cannot log in")
    desk.send(body, "m8")
    hook_work.work_off()
    desk.send(resolved("9", customer=person))  # waits
    desk.send({"about": "grace.hall@example.com"})  # 400
    desk.send(resolved("10", status="ignored", customer=person))
    privacy.erase("grace.hall@example.com", timezone.now())
    assert mentions("grace.hall", "grace hall", "rq-70012") == []
    for again in (body, resolved("11", customer=person), {"about": person["email"]}):
        desk.send(again)
    desk.send(resolved("8", customer={"external_id": "rq-70012"}, resolved_at="2026-03-03T00:00Z"))
    hook_work.work_off()
    assert mentions("grace.hall", "grace hall", "rq-70012") == []
    before = [line.pk for line in HookDelivery.objects.all()]
    privacy.erase("grace.hall@example.com", timezone.now())
    assert [line.pk for line in HookDelivery.objects.all()] == before


def mentions(*words: str) -> list[str]:
    """Tables that hold any of the words, in a text or in bytes."""
    found = []
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')  # noqa: S608
            rows = [row[0].lower() for row in cursor.fetchall()]
        coded = [word.encode().hex() for word in words]
        found += [table for row in rows if any(word in row for word in (*words, *coded))]
    return found


def test_lines_and_events_are_kept_for_their_time(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(hook_log, "KEPT", 3)
    for number in range(5):
        desk.resolve(str(number))
    hook_work.work_off()
    now = timezone.now()
    assert hook_work.tidy(now) == {"events": 0, "lines": 2, "connections": 0}
    assert hook_work.tidy(now + timedelta(days=31))["events"] == 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_each_event_once() -> None:
    ensure_defaults()
    desk = Desk()
    for number in range(30):
        desk.resolve(str(number), agents=[])
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(hook_work.work_off().taken)
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 30
    assert Case.objects.count() == CaseEvent.objects.count() == 30
