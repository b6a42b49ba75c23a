"""Cases over HTTP."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from surveys.models import Case, IdempotentReply
from surveys.services import intake
from tests.factories import AgentFactory, CaseFactory, ResolutionFactory, UserFactory
from tests.surveys.api.conftest import Api
from tests.surveys.services.told import case as told

CASES = "/api/v1/cases/"
MakeApi = Callable[..., Api]


def case(**fields: Any) -> dict[str, Any]:
    """A case resolved an hour ago by the clock: requests are not given a time."""
    resolved_at = datetime.now(UTC) - timedelta(hours=1)
    return told(**{"resolved_at": resolved_at.replace(microsecond=0).isoformat()} | fields)


def test_post_one_case_creates_it_then_finds_it_unchanged(api: MakeApi) -> None:
    sent, client = case(), api("cases:write")
    first, again = client.post(CASES, sent), client.post(CASES, sent)
    assert (first.status_code, again.status_code) == (201, 200)
    due_at = datetime.fromisoformat(sent["resolved_at"]) + timedelta(hours=4)
    invitation = {"status": "scheduled", "due_at": due_at.isoformat()[:19] + "Z", "reason": ""}
    result = {"external_id": "1", "errors": [], "invitation": invitation}
    assert first.json() == {"results": [result | {"outcome": "created"}]}
    assert again.json() == {"results": [result | {"outcome": "unchanged"}]}


def test_post_one_bad_case_names_every_field(api: MakeApi) -> None:
    answer = api("cases:write").post(CASES, case(status="solved", customer={"email": "x"}))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [fault["field"] for fault in answer.json()["errors"]] == ["status", "customer.email"]
    assert not Case.objects.exists()


def test_post_batch_rejects_the_bad_one_alone(api: MakeApi) -> None:
    batch = {"cases": [case(), 5, case(external_id="3", nope=1), case(external_id="4")]}
    answer = api("cases:write").post(CASES, batch)
    assert answer.status_code == 201
    results = answer.json()["results"]
    assert [r["outcome"] for r in results] == ["created", "rejected", "rejected", "created"]
    assert results[1]["errors"][0]["field"] == "cases[1]"
    assert results[2]["external_id"] == "3"
    assert results[2]["errors"] == [
        {"field": "cases[2].nope", "message": "is not a field that is known here"}
    ]


def test_post_batch_names_a_lone_surrogate_and_takes_the_rest(api: MakeApi) -> None:
    bad = case(external_id="2", customer={"email": "a@b.org", "name": "x\ud800"})
    answer = api("cases:write").post(CASES, {"cases": [case(), bad]})
    results = answer.json()["results"]
    assert [r["outcome"] for r in results] == ["created", "rejected"]
    assert results[1]["errors"][0]["field"] == "cases[1].customer.name"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b'{"cases": {}}', 400),
        (b'{"cases": [], "source": "x"}', 400),
        (b'{"external_id": NaN, "status": "\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b'{"cases": ' + b"[" * 100_000, 400),
        (b'{"x": ' * 100_000, 400),
        (b'{"external_id": "1", "status": "open", "tags": ' + b"[" * 100_000, 400),
        (b'{"cases": [' + b"{}," * 1000 + b"{}]}", 413),
        (b" " * (10 * 1024 * 1024 + 1), 413),
    ],
)
def test_post_an_unreadable_body_is_refused(api: MakeApi, body: bytes, status: int) -> None:
    answer = api("cases:write").post(CASES, body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_post_a_compressed_or_foreign_body_is_refused(api: MakeApi) -> None:
    client = api("cases:write")
    assert client.post(CASES, case(), **{"Content-Encoding": "gzip"}).status_code == 415
    key = {"Authorization": f"Bearer {client.secret}"}
    assert Client(headers=key).post(CASES, {"external_id": "1"}).status_code == 415


def test_post_without_a_database_is_503(api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any, **options: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    client = api("cases:write")
    monkeypatch.setattr(intake, "_take", down)
    answer = client.post(CASES, case())
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"


def test_post_with_an_idempotency_key_answers_the_same(api: MakeApi) -> None:
    client, sent = api("cases:write"), case()
    first = client.post(CASES, sent, **{"Idempotency-Key": "k1"})
    again = client.post(CASES, sent, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.content) == (201, first.content)
    other = client.post(CASES, case(external_id="2"), **{"Idempotency-Key": "k1"})
    assert (other.status_code, Case.objects.count()) == (409, 1)
    assert api("cases:write").post(CASES, sent, **{"Idempotency-Key": "k1"}).status_code == 200


def test_post_that_failed_leaves_its_idempotency_key_free(api: MakeApi) -> None:
    client = api("cases:write")
    assert client.post(CASES, case(status="x"), **{"Idempotency-Key": "k"}).status_code == 400
    assert not IdempotentReply.objects.exists()
    assert client.post(CASES, case(), **{"Idempotency-Key": "k"}).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "é", "x" * 256])
def test_post_an_unusable_idempotency_key_is_refused(api: MakeApi, key: str) -> None:
    answer = api("cases:write").post(CASES, case(), **{"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_get_case_shows_resolutions_and_why_nothing_was_sent(api: MakeApi) -> None:
    client = api("cases:write", "cases:read")
    client.post(CASES, case(external_id="a/b", customer=None))
    answer = client.get(f"{CASES}desk/a/b/")
    assert answer.status_code == 200
    [resolution] = answer.json()["resolutions"]
    assert resolution["agents"] == [{"external_id": "a1", "name": "Grace", "share": 1.0}]
    assert resolution["invitation"]["reason"] == "The customer's e-mail address is not known"
    assert client.get(f"{CASES}desk/2/").status_code == 404
    assert client.get(f"{CASES}desk/%00/").status_code == 404


def test_get_case_shows_identity_only_to_admins(api: MakeApi) -> None:
    api("cases:write").post(CASES, case())
    shown = api("cases:read").get(f"{CASES}desk/1/").json()["customer"]
    assert shown == {"language": "de", "timezone": ""}
    assert api("admin").get(f"{CASES}desk/1/").json()["customer"]["email"] == "ada@example.com"


def test_list_cases_pages_through_all_even_at_one_moment(api: MakeApi) -> None:
    CaseFactory.create_batch(7)
    client = api("cases:read")
    seen: list[str] = []
    answer = client.get(CASES, page_size=3)
    while True:
        body = answer.json()
        seen += [row["external_id"] for row in body["results"]]
        if body["next"] is None:
            break
        answer = client.get(body["next"])
    expected = Case.objects.order_by("-pk").values_list("external_id", flat=True)
    assert seen == list(expected)


def test_list_cases_filters_and_refuses_nonsense(api: MakeApi) -> None:
    CaseFactory(external_id="x", status="open")
    CaseFactory(external_id="y")
    client = api("cases:read")
    assert [r["external_id"] for r in client.get(CASES, status="open").json()["results"]] == ["x"]
    wrong = ({"page_size": "0"}, {"page_size": "x"}, {"cursor": "!"}, {"cursor": "WzFd"})
    for query in (*wrong, {"format": "pdf"}, {"statos": "open"}):
        answer = client.get(CASES, **query)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(query)))


def test_list_cases_as_csv_has_every_case_and_why_it_was_not_surveyed(api: MakeApi) -> None:
    api("cases:write").post(CASES, {"cases": [case(), case(external_id="2", customer=None)]})
    answer = api("admin").get(CASES, format="csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    table = csv.DictReader(b"".join(answer.streaming_content).decode().splitlines())
    rows = {row["external_id"]: row for row in table}
    assert {name: row["invitation_status"] for name, row in rows.items()} == {
        "1": "scheduled",
        "2": "skipped",
    }
    assert rows["1"]["customer_email"] == "ada@example.com"
    assert rows["2"]["invitation_reason"] != ""


def test_list_cases_as_a_file_names_no_customer_without_the_scope(api: MakeApi) -> None:
    api("cases:write").post(CASES, case())
    for kind in ("csv", "xlsx"):
        answer = api("cases:read").get(CASES, format=kind)
        assert answer["Content-Disposition"] == f'attachment; filename="stabledoor-cases.{kind}"'
        written = b"".join(answer.streaming_content)
        if kind == "xlsx":
            with zipfile.ZipFile(io.BytesIO(written)) as book:
                written = b"".join(book.read(name) for name in book.namelist())
        assert b"customer_email" in written
        assert b"ada@example.com" not in written


@pytest.mark.parametrize("n_cases", [1, 3])
def test_list_cases_takes_a_fixed_number_of_queries(
    api: MakeApi, n_cases: int, django_assert_num_queries: Any
) -> None:
    for _ in range(n_cases):
        ResolutionFactory()
    client = api("admin")
    client.get(CASES)
    with django_assert_num_queries(4):
        client.get(CASES)


@pytest.mark.parametrize(
    ("scopes", "get", "post"),
    [
        ((), 401, 401),
        (("reports:read",), 403, 403),
        (("cases:read",), 200, 403),
        (("cases:write",), 403, 400),
        (("admin",), 200, 400),
    ],
)
def test_cases_need_their_scope(api: MakeApi, scopes: tuple[str, ...], get: int, post: int) -> None:
    client = api(*scopes)
    assert client.get(CASES).status_code == get
    assert client.post(CASES, {}).status_code == post


def test_cases_show_staff_what_their_role_gives(api: MakeApi) -> None:
    mine, other = ResolutionFactory(), ResolutionFactory()
    lead = UserFactory(role="team_lead", team=mine.team)
    client = Client()
    client.force_login(lead)
    assert [row["external_id"] for row in client.get(CASES).json()["results"]] == [
        mine.case.external_id
    ]
    hidden = client.get(f"{CASES}{other.case.source}/{other.case.external_id}/")
    assert hidden.status_code == 404
    assert client.post(CASES, {}, content_type="application/json").status_code == 403


def test_cases_hide_agents_from_cause_owners_and_other_parts_from_agents(api: MakeApi) -> None:
    agent = AgentFactory()
    resolution = ResolutionFactory(agents=[agent])
    ResolutionFactory(case=resolution.case, resolved_at=datetime(2026, 1, 1, tzinfo=UTC))
    client = Client()
    owner = UserFactory(role="cause_owner")
    resolution.cause.owner = owner
    resolution.cause.save()
    path = f"{CASES}{resolution.case.source}/{resolution.case.external_id}/"
    client.force_login(owner)
    [shown] = client.get(path).json()["resolutions"]
    assert shown["agents"] == []
    client.force_login(UserFactory(role="agent", agent=agent))
    found = client.get(path).json()
    assert (len(found["resolutions"]), "email" in found["customer"]) == (1, False)


def test_an_answer_is_json_whatever_is_accepted(api: MakeApi) -> None:
    answer = api("cases:read").get(CASES)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/json", "no-store")
    assert json.loads(answer.content) == {"results": [], "next": None}
