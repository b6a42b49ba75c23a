"""The address to which helpdesks send: who is heard, what is answered, what is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from surveys.api.hooks import LARGEST
from surveys.api.limits import BUCKETS
from surveys.models import Case, HookDelivery, HookEvent
from surveys.services import connections, hook_log
from tests.surveys.hooks import Desk, resolved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_called() -> None:
    BUCKETS.forget()
    hook_log.forget_rations()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def lines() -> list[tuple[str, int, bool]]:
    found = HookDelivery.objects.order_by("pk")
    return [(line.verdict, line.status, line.body is not None) for line in found]


def test_resolved_case_is_queued_and_answered(desk: Desk) -> None:
    answer = desk.resolve("77")
    assert (answer.status_code, answer["Content-Type"]) == (202, "application/json")
    assert answer.json() == {"outcome": "resolved", "case": "77", "reason": ""}
    event = HookEvent.objects.get()
    assert (event.state, event.outcome, event.case) == ("waiting", "resolved", "77")
    assert lines() == [("taken", 202, True)]


def test_without_an_address_it_says_what_is_missing(desk: Desk) -> None:
    answer = desk.resolve("78", customer={"external_id": "9911"}).json()
    assert (answer["outcome"], answer["case"]) == ("needs_enrichment", "78")
    assert "no e-mail address" in answer["reason"]
    assert HookEvent.objects.get().requester_id == "9911"


def test_address_that_is_none_is_left_out_and_said(desk: Desk) -> None:
    answer = desk.resolve("79", customer={"email": "nobody at home", "language": "Klingon"}).json()
    assert answer["outcome"] == "needs_enrichment"
    content = HookEvent.objects.get().content or {}
    assert (content["customer"], content["external_id"]) == ({}, "79")


def test_what_changes_nothing_is_ignored_and_noted(desk: Desk) -> None:
    answer = desk.send(resolved("80", status="ignored")).json()
    assert (answer["outcome"], answer["case"]) == ("ignored", "80")
    assert (HookEvent.objects.count(), lines()) == (0, [("ignored", 202, True)])


def test_same_event_again_is_a_duplicate(desk: Desk) -> None:
    """By its id, and without one by case, transition and time."""
    assert desk.resolve("81", "msg_a").json()["outcome"] == "resolved"
    assert desk.resolve("81", "msg_a").json()["outcome"] == "duplicate"
    assert HookEvent.objects.count() == 1
    assert [line[0] for line in lines()] == ["taken", "duplicate"]


def test_events_of_a_batch_are_answered_each(desk: Desk) -> None:
    ignored, told = resolved("1", status="ignored"), resolved("2")
    answer = desk.send([ignored, told, resolved("3", customer={})]).json()
    assert (answer["outcome"], answer["case"]) == ("resolved", "2")
    assert {one["case"]: one["outcome"] for one in answer["results"]} == {
        "1": "ignored",
        "2": "resolved",
        "3": "needs_enrichment",
    }


def test_one_unusable_event_of_a_batch_refuses_itself_alone(desk: Desk) -> None:
    far = resolved("4", resolved_at=(timezone.now() + timedelta(days=3)).isoformat())
    answer = desk.send([far, resolved("5")]).json()
    results = {one["case"]: one for one in answer["results"]}
    assert {case: one["outcome"] for case, one in results.items()} == {
        "4": "refused",
        "5": "resolved",
    }
    assert "resolved_at" in results["4"]["reason"]
    alone = desk.send(far)
    assert (alone.status_code, alone["Content-Type"]) == (400, "application/problem+json")
    assert HookEvent.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-id": "another"},
        {"webhook-timestamp": "1000000000"},
    ],
)
def test_forged_call_is_401_and_leaves_only_a_line_without_body(
    desk: Desk, wrong: dict[str, str]
) -> None:
    answer = desk.send(resolved("82"), **wrong)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert lines() == [("forged", 401, False)]
    assert HookEvent.objects.count() == 0


@pytest.mark.parametrize("late", [310, -310])
def test_stale_and_future_calls_are_401(desk: Desk, late: int) -> None:
    body = json.dumps(resolved("83")).encode()
    answer = desk.send(body, **desk.headers(body, late=late))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1]",
        b'{"status": "resolved"}',
        b'{"external_id": "x\\u0000y", "status": "resolved", "resolved_at": "2026-03-02T09:30Z"}',
        b'{"external_id": "\\ud800", "status": "resolved", "resolved_at": "2026-03-02T09:30:00Z"}',
        b'{"external_id": "1", "status": "resolved", "resolved_at": "0000-01-01T00:00:00Z"}',
        b'{"external_id": "1", "status": "resolved", "resolved_at": "9999-12-31T23:59:59Z"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe{}",
    ],
)  # fmt: skip
def test_unreadable_body_is_400_and_leaves_only_a_line(desk: Desk, body: bytes) -> None:
    answer = desk.send(body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [line[:2] for line in lines()] == [("unreadable", 400)]
    assert (HookEvent.objects.count(), Case.objects.count()) == (0, 0)


def test_large_compressed_and_endless_bodies_are_refused_before_they_are_read(desk: Desk) -> None:
    assert desk.send(b"x" * (LARGEST + 1)).status_code == 413
    assert desk.send(resolved("84"), **{"content-encoding": "gzip"}).status_code == 415
    endless = {"transfer-encoding": "chunked"}
    assert desk.client.generic("POST", desk.path, b"", headers=endless).status_code == 411
    assert lines() == []


def test_flood_is_429_and_another_client_is_served(desk: Desk, settings: Settings) -> None:
    settings.API_REQUESTS_PER_SECOND, settings.API_BURST = 0.01, 2
    answers = [desk.resolve(str(n)) for n in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[2]["Retry-After"]) >= 1
    desk.client = Client(REMOTE_ADDR="203.0.113.9")
    assert desk.resolve("other").status_code == 202


def test_forged_flood_pushes_out_no_genuine_line(desk: Desk) -> None:
    desk.resolve("85")
    for _ in range(60):
        desk.send(resolved("86"), **{"webhook-signature": "v1,AAAA"})
    hook_log.trim()
    kept = HookDelivery.objects.values_list("is_refused", flat=True)
    assert sorted(kept) == [False] + [True] * 30


def test_both_secrets_prove_while_one_is_rotated(desk: Desk) -> None:
    old = desk.secret
    connections.rotate(desk.connection)
    new = connections.secrets_of(desk.connection)[0]
    assert old != new
    assert [_sent_with(desk, secret) for secret in (old, new)] == [202, 202]
    connections.retire(desk.connection)
    assert [_sent_with(desk, secret) for secret in (old, new)] == [401, 202]


def _sent_with(desk: Desk, secret: str) -> int:
    desk.secret = secret
    status: int = desk.resolve("87").status_code
    return status


def test_unknown_deleted_and_switched_off_addresses(desk: Desk) -> None:
    assert desk.client.post("/hooks/nothing/").status_code == 404
    connections.switch(desk.connection, on=False)
    assert desk.resolve("88").status_code == 410
    connections.delete(desk.connection, desk.connection.created_at)
    assert desk.resolve("88").status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_post_is_taken_where_the_helpdesk_probes_nothing(desk: Desk, method: str) -> None:
    answer = desk.client.generic(method, desk.path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_no_secret_and_no_cookie_is_kept(desk: Desk) -> None:
    """In no header and not in the body, which goes into the table as anybody may have sent it."""
    body = json.dumps(resolved("89", note=f"our key is {desk.secret}")).encode()
    hidden = {"authorization": "Basic c2VjcmV0", "cookie": "a=b", "x-desk-key": desk.secret}
    assert desk.send(body, **hidden).status_code == 202
    line = HookDelivery.objects.get()
    assert {line.headers[name] for name in hidden} == {"[redacted]"}
    assert desk.secret.encode() not in bytes(line.body or b"")
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, row_to_json(c)::text FROM surveys_connection c")
        sealed, row = cursor.fetchone()
    assert desk.secret not in row
    assert desk.secret.encode() not in bytes(sealed)


def test_database_away_is_503_and_never_a_2xx(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **options: Any) -> Any:
        raise OperationalError("the server closed the connection")

    headers = desk.headers(b"{}")
    with connection.execute_wrapper(fails):
        answer = desk.client.post(desk.path, b"{}", "application/json", headers=headers)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_call_takes_few_statements(desk: Desk, django_assert_max_num_queries: Any) -> None:
    desk.resolve("90")
    with django_assert_max_num_queries(7):  # the savepoint of the test among them
        assert desk.resolve("91").status_code == 202
