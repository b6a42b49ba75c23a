"""Follow-ups by API: who asked is for keys that may know it, what is done stands in the log."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from surveys.models import User
from tests.factories import FollowUpFactory, UserFactory
from tests.surveys.api.conftest import Api
from tests.surveys.staff import NO_PASSWORD

pytestmark = pytest.mark.django_db
PATH = "/api/v1/follow-ups/"


def test_a_follow_up_is_given_done_and_opened_again(api: Callable[..., Api]) -> None:
    found = FollowUpFactory()
    grace = UserFactory(role=User.Role.MANAGER, password=NO_PASSWORD)
    admin, path = api("admin"), f"{PATH}{found.pk}/"
    given = admin.post(f"{path}assign/", {"assignee": grace.email.upper()})
    assert (given.status_code, given.json()["assignee"]) == (200, grace.email)
    done = admin.post(f"{path}close/", {"outcome": "Rang."}, **{"Idempotency-Key": "one"}).json()
    assert (done["status"], done["outcome"]) == ("done", "Rang.")
    assert admin.post(f"{path}assign/", {"assignee": None}).status_code == 409
    assert admin.post(f"{path}reopen/", {}).json()["status"] == "open"
    log = [(one["what"], one["who"], one["note"]) for one in admin.get(path).json()["log"]]
    key = "API key A test"
    assert log == [
        ("reopened", key, None),
        ("done", key, "Rang."),
        ("assigned", key, grace.email),
    ]


def test_who_asked_is_told_to_keys_that_may_know_it(api: Callable[..., Api]) -> None:
    found = FollowUpFactory(status="done", closed_at="2026-11-20T10:00Z", outcome="Rang Ada.")
    customer = found.response.invitation.resolution.case.customer
    reader, path = api("responses:read"), f"{PATH}{found.pk}/"
    assert customer.email not in reader.get(path).content.decode()
    assert "Ada" not in reader.get(path).content.decode()
    assert reader.post(f"{path}reopen/", {}).status_code == 403
    assert api("admin").get(path).json()["customer"]["email"] == customer.email


def test_the_list_is_narrowed_and_a_wrong_wish_names_its_field(api: Callable[..., Api]) -> None:
    late = FollowUpFactory(due_at="2026-01-05T09:00Z")
    news = FollowUpFactory(kind="news", due_at=None)
    client = api("admin")
    for query, ids in (
        ("", [news.pk, late.pk]),
        ("?kind=news", [news.pk]),
        ("?overdue=1", [late.pk]),
        ("?status=done", []),
    ):
        rows = client.get(PATH + query).json()["results"]
        assert [row["id"] for row in rows] == ids, query
    for name in ("status", "kind", "assignee", "overdue"):
        answer = client.get(f"{PATH}?{name}=nothing")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, name)
    for body, field in (({"outcome": " "}, "outcome"), ({"outcome": "x", "by": 1}, "by")):
        answer = client.post(f"{PATH}{late.pk}/close/", body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert client.post(f"{PATH}999/reopen/", {}).status_code == 404
