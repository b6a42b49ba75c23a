"""Events without an address, from the webhook to the survey, by way of the helpdesk's API."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone
from pytest_django.fixtures import Settings

from surveys.helpdesks.lookups import LOOKUPS
from surveys.models import Case, Connection, HookEvent, Invitation, ResolutionAgent
from surveys.services import connections, hook_work, privacy
from surveys.services.asking import access, queue, rounds, trying
from surveys.services.connections import ConnectionFault
from surveys.services.publishing import ensure_defaults
from tests.crashes import Crash, CrashAt
from tests.helpdesk_server import BIG, DROP, HelpdeskServer, Reaction
from tests.surveys.services.asking.documented import DOCUMENTED
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = DOCUMENTED["zendesk"]
TICKET = "GET /api/v2/tickets/35436.json"


@pytest.fixture
def server(settings: Settings) -> Iterator[HelpdeskServer]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    ensure_defaults()
    with HelpdeskServer() as found:
        TOLD.teach(found)
        yield found


@pytest.fixture
def desk(server: HelpdeskServer) -> Connection:
    made = connections.make("zendesk")
    access.set_access(made, server.url, TOLD.access.user, TOLD.access.token, timezone.now())
    return made


def event(desk: Connection, case: str = TOLD.case, **more: Any) -> HookEvent:
    """A resolution as the door queues it: a case, and a requester by their number alone."""
    at = timezone.now() - timedelta(minutes=1)
    content = {
        "source": desk.slug, "external_id": case, "status": "resolved",
        "occurred_at": at.isoformat(), "resolved_at": at.isoformat(),
        "customer": {"external_id": "20978392"}, "tags": [], **more,
    }  # fmt: skip
    return HookEvent.objects.create(
        connection=desk, event_key=case.encode(), outcome="resolved", case=case,
        requester_id="20978392", content=content,
    )  # fmt: skip


def work(seconds: float = 2.0) -> None:
    """Everything that workers do, once."""
    hook_work.work_off(0.5)
    rounds.ask_due(seconds)
    hook_work.work_off(0.5)


def teach(server: HelpdeskServer, *cases: str) -> None:
    for case in cases:
        body = server.knows[TICKET]
        server.knows[f"GET /api/v2/tickets/{case}.json"] = body


def due_again() -> None:
    HookEvent.objects.filter(state="asking").update(next_attempt_at=timezone.now())
    Connection.objects.update(api_rests_until=None)


def states() -> list[str]:
    return list(HookEvent.objects.order_by("pk").values_list("state", flat=True))


def test_address_agent_and_team_are_asked_for_before_the_case_is_taken_in(
    server: HelpdeskServer, desk: Connection
) -> None:
    event(desk)
    work()
    invitation = Invitation.objects.select_related("customer", "resolution__team").get()
    customer = invitation.customer
    assert customer is not None
    assert (customer.email, customer.name, customer.language) == (
        "ana@home.example", "Ana Ruiz", "es",
    )  # fmt: skip
    assert invitation.status == "scheduled"
    team = invitation.resolution.team
    assert team is not None
    assert team.name == "Mobile"
    handler = ResolutionAgent.objects.select_related("agent").get()
    assert handler.agent.name == "Olu Ade"
    held = HookEvent.objects.get()
    assert (held.state, held.content, held.reason) == ("done", None, "")
    assert len(server.asked) == 1


def test_what_the_webhook_said_stands(server: HelpdeskServer, desk: Connection) -> None:
    event(desk, team="Billing desk", agents=[{"external_id": "9", "name": "Eva"}])
    work()
    invitation = Invitation.objects.select_related("resolution__team").get()
    assert invitation.resolution.team is not None
    assert invitation.resolution.team.name == "Billing desk"
    assert [h.agent.name for h in ResolutionAgent.objects.select_related("agent")] == ["Eva"]


def test_without_a_token_it_waits_visibly_and_a_token_later_ends_that(
    server: HelpdeskServer,
) -> None:
    desk = connections.make("zendesk")
    event(desk)
    work()
    assert (states(), server.asked) == (["needs_enrichment"], [])
    n = access.set_access(desk, server.url, TOLD.access.user, TOLD.access.token, timezone.now())
    assert n == 1
    work()
    assert states() == ["done"]
    assert Invitation.objects.get().status == "scheduled"


def test_wrong_token_pauses_says_so_and_is_mended_by_another(
    server: HelpdeskServer, desk: Connection
) -> None:
    server.proof = {"authorization": "Bearer another"}
    event(desk)
    work()
    desk.refresh_from_db()
    assert "401" in desk.api_fault
    assert states() == ["needs_enrichment"]
    event(desk, "35437")
    work()
    assert len(server.asked) == 1  # nothing is asked meanwhile
    teach(server, "35437")
    access.set_access(desk, server.url, "", "another", timezone.now())
    work()
    desk.refresh_from_db()
    assert (desk.api_fault, states()) == ("", ["done", "done"])


def test_unknown_case_goes_on_without_and_says_why(
    server: HelpdeskServer, desk: Connection
) -> None:
    event(desk, "777")
    work()
    held = HookEvent.objects.get()
    assert held.state == "needs_enrichment"
    assert held.reason == "answered 404: it knows no such case or person"
    assert Case.objects.get().external_id == "777"
    work()
    assert len(server.asked) == 1


def test_limit_is_kept_and_what_waited_is_asked_after_it(
    server: HelpdeskServer, desk: Connection
) -> None:
    server.react(Reaction(429, None, {"Retry-After": "120"}))
    event(desk)
    event(desk, "35437")
    queue_room_of_one(desk)
    work()
    desk.refresh_from_db()
    now = timezone.now()
    assert desk.api_rests_until is not None
    assert timedelta(seconds=110) < desk.api_rests_until - now < timedelta(seconds=135)
    assert (len(server.asked), states()) == (1, ["asking", "asking"])
    work()
    assert len(server.asked) == 1
    assert set(HookEvent.objects.values_list("asks", flat=True)) == {0}  # that was no failure
    teach(server, "35437")
    due_again()
    work()
    assert states() == ["done", "done"]


def queue_room_of_one(desk: Connection) -> None:
    Connection.objects.filter(pk=desk.pk).update(api_n_failing=queue.TRUSTED_FAILURES)


@pytest.mark.parametrize("reaction", [Reaction(500), DROP, BIG, Reaction(200, b"<html>")])
def test_what_fails_is_asked_again_later_and_then_no_more(
    server: HelpdeskServer, desk: Connection, reaction: Reaction | str
) -> None:
    event(desk)
    hook_work.work_off(0.5)
    for n in range(1, queue.MOST_ASKS):
        server.react(reaction)
        before = timezone.now()
        rounds.ask_due(0.01)
        held = HookEvent.objects.get()
        assert (held.state, held.asks, held.lease) == ("asking", n, None)
        pause = queue.PAUSES[n - 1]
        assert pause * 0.9 <= held.next_attempt_at - before <= pause * 1.3 + timedelta(seconds=20)
        due_again()
    server.react(reaction)
    work(0.01)
    held = HookEvent.objects.get()
    assert (held.state, "was asked 8 times" in held.reason) == ("needs_enrichment", True)
    desk.refresh_from_db()
    assert desk.api_rests_until is not None


def test_answer_after_a_failure_is_taken_and_forgets_it(
    server: HelpdeskServer, desk: Connection
) -> None:
    server.react(Reaction(500))
    event(desk)
    work(0.01)
    due_again()
    work()
    desk.refresh_from_db()
    assert (states(), desk.api_n_failing) == (["done"], 0)
    assert desk.api_last_success_at is not None


def test_answer_without_an_address_goes_on_and_says_so(
    server: HelpdeskServer, desk: Connection
) -> None:
    server.knows[TICKET]["users"] = []
    event(desk)
    work()
    held = HookEvent.objects.get()
    assert (held.state, "no e-mail address either" in held.reason) == ("needs_enrichment", True)


def test_three_workers_at_once_ask_about_each_once_and_keep_the_limit(
    server: HelpdeskServer, desk: Connection
) -> None:
    cases = [str(36_000 + n) for n in range(12)]
    teach(server, *cases)
    for case in cases:
        event(desk, case)
    hook_work.work_off(1)
    at_once(*[lambda: rounds.ask_due(5)] * 3)
    rounds.ask_due(5)
    assert sorted(server.paths) == sorted(f"GET /api/v2/tickets/{case}.json" for case in cases)
    assert server.most_at_once <= queue.AT_ONCE
    hook_work.work_off(1)
    assert set(states()) == {"done"}


def test_one_that_hangs_holds_up_no_other(server: HelpdeskServer, desk: Connection) -> None:
    with HelpdeskServer() as slow:
        other = connections.make("zendesk")
        access.set_access(other, slow.url, "", "t", timezone.now())
        release = threading.Event()
        kept = slow._answer
        slow._answer = lambda asked: (release.wait(5), kept(asked))[1]  # type: ignore[method-assign]
        event(other, "1")
        event(desk)
        hook_work.work_off(0.5)
        watch = threading.Thread(target=_release_when_done, args=(desk, release))
        watch.start()
        rounds.ask_due(2)
        watch.join(10)
        assert HookEvent.objects.get(connection=desk).asked_at is not None


def _release_when_done(desk: Connection, release: threading.Event) -> None:
    for _ in range(200):
        if HookEvent.objects.filter(connection=desk, asked_at__isnull=False).exists():
            break
        threading.Event().wait(0.02)
    database.close()
    release.set()


def test_worker_killed_at_any_statement_loses_nothing(
    server: HelpdeskServer, desk: Connection
) -> None:
    """Until a whole round passes: what a dead worker held is asked about after its lease."""
    for n in range(60):
        HookEvent.objects.all().delete()
        Case.objects.all().delete()
        held = event(desk)
        hook_work.work_off(0.5)
        survived = True
        try:
            with database.execute_wrapper(CrashAt(n)):
                rounds.ask_due(0.01)
        except Crash:
            survived = False
        after(timezone.now() + queue.LEASE + timedelta(seconds=1))
        held.refresh_from_db()
        assert held.state == "done", n
        if survived:
            assert n > 5
            return
    pytest.fail("a round has no end")


def after(moment: datetime) -> None:
    """A worker that comes when the leases are over."""
    HookEvent.objects.filter(lease_until__lt=moment).update(lease_until=timezone.now())
    due_again()
    rounds.ask_due(1)
    hook_work.work_off(0.5)


def test_no_transaction_is_open_while_the_network_is_waited_for(
    server: HelpdeskServer, desk: Connection
) -> None:
    event(desk)
    hook_work.work_off(0.5)
    seen = []
    server.watch = lambda _: seen.append(_n_open_transactions())
    rounds.ask_due(1)
    assert seen == [0]


def _n_open_transactions() -> int:
    """Of all sessions of this database but the one that looks, as the server sees them."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
        )
        n_open = int(cursor.fetchone()[0])
    database.close()
    return n_open


def test_whoever_lost_the_lease_changes_nothing(server: HelpdeskServer, desk: Connection) -> None:
    event(desk)
    hook_work.work_off(0.5)
    now = timezone.now()
    (first,) = queue.claim(now, 5)
    assert queue.claim(now, 5) == []
    (second,) = queue.claim(now + queue.LEASE + timedelta(seconds=1), 5)
    assert not queue.end_found(first, TOLD.found, now)
    queue.end_without(first, "no", now)
    queue.end_later(first, "no", now)
    assert HookEvent.objects.get().lease == second.lease
    assert queue.end_found(second, TOLD.found, now)
    hook_work.work_off(0.5)
    assert states() == ["done"]


def test_person_erased_while_they_are_asked_about_stays_erased(
    server: HelpdeskServer, desk: Connection
) -> None:
    event(desk, subject="Ana Ruiz has no signal")
    hook_work.work_off(0.5)
    (claimed,) = queue.claim(timezone.now(), 5)
    privacy.erase("ana@home.example", timezone.now())
    queue.end_found(claimed, TOLD.found, timezone.now())
    held = HookEvent.objects.get()
    assert "ana" not in str([held.content, held.requester_id, held.reason]).lower()
    hook_work.work_off(0.5)
    assert not Invitation.objects.exclude(status__in=["skipped", "cancelled"]).exists()


def test_token_that_is_taken_away_lets_go_on_what_waits(
    server: HelpdeskServer, desk: Connection
) -> None:
    event(desk)
    hook_work.work_off(0.5)
    assert states() == ["asking"]
    access.remove_access(desk)
    work()
    assert (states(), server.asked) == (["needs_enrichment"], [])


def test_deleted_connection_asks_nothing(server: HelpdeskServer, desk: Connection) -> None:
    event(desk)
    hook_work.work_off(0.5)
    connections.delete(desk, timezone.now())
    rounds.ask_due(0.01)
    assert (states(), server.asked) == (["waiting"], [])


def test_token_is_sealed_and_lost_with_the_key(
    server: HelpdeskServer, desk: Connection, settings: Settings
) -> None:
    assert TOLD.access.token.encode() not in bytes(desk.api_access or b"")
    assert access.access_of(desk) == TOLD.access
    event(desk)
    settings.SECRET_KEY = "another-key-that-is-long-enough-to-be-taken-for-one"
    work()
    desk.refresh_from_db()
    assert "SECRET_KEY_FALLBACKS" in desk.api_fault
    assert server.asked == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Enter the address of your own"),
        ("http://acme.zendesk.com", "must begin with https://"),
        ("https://10.0.0.1", "no address of the public internet"),
        ("https://[::1]", "no address of the public internet"),
        ("https://169.254.169.254/latest", "no address of the public internet"),
        ("https://acme.zendesk.com:22", "must use port"),
        ("https://a@acme.zendesk.com", "neither user nor password"),
        ("https://acme.zendesk.com?x=1", "question mark"),
        ("https://" + "a" * 400, "longer than"),
    ],
)
@pytest.mark.usefixtures("db")
def test_address_that_must_not_be_asked_is_refused(
    settings: Settings, url: str, words: str
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = False
    desk = connections.make("zendesk")
    with pytest.raises(ConnectionFault, match=words.replace("?", r"\?")):
        access.set_access(desk, url, "", "t", timezone.now())
    desk.refresh_from_db()
    assert desk.api_access is None


@pytest.mark.parametrize("token", ["", " ", "two\nlines", "tökén", "x" * 5000])
def test_token_that_is_none_is_refused(token: str) -> None:
    desk = connections.make("hubspot")
    with pytest.raises(ConnectionFault):
        access.set_access(desk, "", "", token, timezone.now())


def test_usual_address_is_taken_where_there_is_one_for_all() -> None:
    desk = connections.make("hubspot")
    access.set_access(desk, "", "", "t", timezone.now())
    assert desk.api_url == LOOKUPS["hubspot"].ADDRESS


def test_helpdesk_whose_api_is_not_asked_takes_no_token() -> None:
    with pytest.raises(ConnectionFault, match="cannot be asked"):
        access.set_access(connections.make("chatwoot"), "https://x.example", "", "t", NOW)


NOW = timezone.now()


def test_trying_greets_and_then_asks_about_the_newest_case(
    server: HelpdeskServer, desk: Connection
) -> None:
    assert "it knows us as agent" in trying.try_now(desk, timezone.now())
    event(desk)
    work()
    words = trying.try_now(desk, timezone.now())
    assert "of case 35436 it tells an e-mail address, a name, a language" in words
    assert "ana@" not in words


def test_trying_a_wrong_token_says_so_and_a_good_one_mends_it(
    server: HelpdeskServer, desk: Connection
) -> None:
    server.proof = {"authorization": "Bearer another"}
    event(desk)
    with pytest.raises(ConnectionFault, match="answered 401: the token is not valid"):
        trying.try_now(desk, timezone.now())
    work()
    assert states() == ["needs_enrichment"]
    TOLD.teach(server)
    words = trying.try_now(desk, timezone.now())
    assert "1 without an address is asked about now" in words
    work()
    assert states() == ["done"]


def test_trying_keeps_the_limit_too(server: HelpdeskServer, desk: Connection) -> None:
    server.react(Reaction(429, None, {"Retry-After": "600"}))
    with pytest.raises(ConnectionFault, match="asked too often"):
        trying.try_now(desk, timezone.now())
    with pytest.raises(ConnectionFault, match="left alone until"):
        trying.try_now(desk, timezone.now())
    assert len(server.asked) == 1
