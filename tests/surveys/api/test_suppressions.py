"""Suppressions over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from surveys.models import Suppression, SuppressionChange
from surveys.services.suppressions import suppress
from tests.factories import NOW
from tests.surveys.api.conftest import Api
from tests.surveys.services.outbox import queued, story

LIST = "/api/v1/suppressions/"
LIFT = f"{LIST}lift/"
MakeApi = Callable[..., Api]


def test_list_is_paged_newest_first_and_asked_for_one_address(api: MakeApi) -> None:
    for n in range(3):
        suppress(f"a{n}@example.com", "bounced", now=NOW + timedelta(minutes=n))
    suppress("gone@example.com", "erased", now=NOW - timedelta(days=1))
    admin = api("admin")
    first = admin.get(LIST, page_size=3).json()
    assert [row["email"] for row in first["results"]] == [f"a{n}@example.com" for n in (2, 1, 0)]
    rest = admin.get(first["next"]).json()
    assert (rest["results"][0]["email"], rest["next"]) == (None, None)
    assert [row["reason"] for row in admin.get(LIST, email="A1@example.com").json()["results"]] == [
        "bounced"
    ]


def test_added_address_is_written_to_no_more_and_the_log_names_the_key(api: MakeApi) -> None:
    delivery = queued("ada@example.com")
    admin = api("admin")
    body = {"email": " Ada@Example.com", "reason": "unsubscribed", "note": "in the shop"}
    answer = admin.post(LIST, body)
    assert (answer.status_code, answer.json()["email"]) == (201, "ada@example.com")
    assert admin.post(LIST, body).status_code == 200
    assert story(delivery) == ("cancelled", "cancelled")
    change = SuppressionChange.objects.get()
    assert (change.source, change.who, change.note) == ("api", "API key A test", "in the shop")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a\x00@example.com"}, "email"),
        ({"email": "a@example.com", "reason": "erased"}, "reason"),
        ({"email": "a@example.com", "reason": "because"}, "reason"),
        ({"email": "a@example.com", "note": "x" * 501}, "note"),
        ({"email": "a@example.com", "lift": True}, "lift"),
        ({}, ""),
    ],
)
def test_fault_names_its_field(api: MakeApi, body: dict[str, object], field: str) -> None:
    answer = api("admin").post(LIST, body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not Suppression.objects.exists()


def test_lifted_only_with_words_and_never_of_an_erased_person(api: MakeApi) -> None:
    suppress("ada@example.com", "unsubscribed", now=NOW)
    suppress("gone@example.com", "erased", now=NOW)
    admin = api("admin")
    assert admin.post(LIFT, {"email": "ada@example.com", "note": " "}).status_code == 400
    assert admin.post(LIFT, {"email": "ada@example.com"}).status_code == 400
    assert admin.post(LIFT, {"email": "bob@example.com", "note": "x"}).status_code == 404
    assert admin.post(LIFT, {"email": "gone@example.com", "note": "x"}).status_code == 409
    assert Suppression.objects.count() == 2
    answer = admin.post(LIFT, {"email": "ADA@example.com", "note": "called us"})
    assert (answer.status_code, answer.json()["lifted"]) == (200, True)
    assert list(Suppression.objects.values_list("reason", flat=True)) == ["erased"]
    assert SuppressionChange.objects.get(kind="lifted").note == "called us"


def test_no_other_scope_reads_or_writes(api: MakeApi) -> None:
    every_other = api("cases:write", "cases:read", "responses:read", "reports:read")
    assert every_other.get(LIST).status_code == 403
    assert every_other.post(LIST, {"email": "a@example.com"}).status_code == 403
    assert every_other.post(LIFT, {"email": "a@example.com", "note": "x"}).status_code == 403
