"""Connections over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from surveys.models import Connection, HookDelivery, IdempotentReply
from surveys.services import connections
from tests.factories import HookDeliveryFactory
from tests.surveys.api.conftest import Api
from tests.surveys.staff import BACKEND

LIST = "/api/v1/connections/"
MakeApi = Callable[..., Api]


def test_helpdesk_is_connected_read_changed_deleted_and_brought_back(api: MakeApi) -> None:
    admin = api("admin")
    made = admin.post(LIST, {"kind": "zendesk", "name": "Support"})
    assert made.status_code == 201
    told = made.json()
    one = f"{LIST}{told['slug']}/"
    assert told["address"].endswith(f"/hooks/{told['slug']}/")
    assert admin.get(one).json() == told
    [line] = admin.get(LIST, kind="zendesk").json()["results"]
    shown = {name: told[name] for name in ("address", "secret", "template")}
    assert told == line | shown
    assert admin.get(LIST, kind="jira").json()["results"] == []
    change = {"name": "Desk", "enabled": False, "statuses": {"Done": "resolved"}}
    changed = admin.patch(one, change | {"cause_path": "detail.cause"}).json()
    assert changed == told | change | {"cause_path": "detail.cause"}
    assert admin.delete(one).status_code == 204
    assert admin.get(one).status_code == 404
    assert admin.post(f"{one}restore/", {}).json() == changed


def test_secret_is_rotated_and_the_former_one_retired(api: MakeApi) -> None:
    admin, desk = api("admin"), connections.make("generic")
    [first] = connections.secrets_of(desk)
    told = admin.post(f"{LIST}{desk.slug}/rotate/", {"secret": "of-our-own-choice"}).json()
    assert (told["secret"], told["is_rotating"]) == ("of-our-own-choice", True)
    desk.refresh_from_db()
    assert connections.secrets_of(desk) == ["of-our-own-choice", first]
    assert not admin.post(f"{LIST}{desk.slug}/retire/", {}).json()["is_rotating"]
    desk.refresh_from_db()
    assert connections.secrets_of(desk) == ["of-our-own-choice"]


def test_retry_makes_no_second_connection_and_keeps_no_secret(api: MakeApi) -> None:
    admin, sent = api("admin"), {"kind": "salesforce"}
    first, again = (admin.post(LIST, sent, **{"Idempotency-Key": "once"}) for _ in range(2))
    assert first.json() == again.json()
    assert Connection.objects.count() == 1
    assert first.json()["secret"] not in str(IdempotentReply.objects.get().body)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "x" * 101}, "name"),
        ({"name": "Desk", "statuses": {"Done": "perhaps"}}, "statuses"),
        ({"fields": {"nothing": "a.b"}}, "fields"),
        ({"cause_path": "\x07"}, "cause_path"),
        ({"organization": "short"}, "organization"),
        ({"slug": "mine"}, "slug"),
        ({"is_active": False}, "is_active"),
    ],
)
def test_change_with_a_fault_names_the_field_and_changes_nothing(
    api: MakeApi, change: dict[str, Any], field: str
) -> None:
    desk = connections.make("generic", "As it was")
    answer = api("admin").patch(f"{LIST}{desk.slug}/", change)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert connections.find(desk.slug) == desk
    assert Connection.objects.get().name == "As it was"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "lotus"}, "kind"),
        ({"kind": "generic", "secret": "a\x07b"}, "secret"),
        ({"kind": "generic", "name": "x" * 101}, "name"),
        ({"kind": "generic", "slug": "mine"}, "slug"),
    ],
)
def test_connection_with_a_fault_is_not_made(
    api: MakeApi, sent: dict[str, str], field: str
) -> None:
    answer = api("admin").post(LIST, sent)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not Connection.objects.exists()


def test_change_of_what_was_not_seen_is_refused(api: MakeApi) -> None:
    admin, desk = api("admin"), connections.make("generic", "First")
    one = f"{LIST}{desk.slug}/"
    seen = admin.get(one)["ETag"]
    assert admin.patch(one, {"name": "Second"}, {"If-Match": seen}).status_code == 200
    late = admin.patch(one, {"name": "Third"}, {"If-Match": seen})
    assert (late.status_code, late["Content-Type"]) == (412, "application/problem+json")
    assert Connection.objects.get().name == "Second"


def test_what_is_still_as_it_was_read_is_not_sent_again(api: MakeApi) -> None:
    admin = api("admin")
    desk = connections.make("generic")
    for path in (LIST, f"{LIST}{desk.slug}/", "/api/v1/policies/default/"):
        first = admin.get(path)
        again = Client(headers={"Authorization": f"Bearer {admin.secret}"}).get(
            path, headers={"If-None-Match": first["ETag"]}
        )
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    connections.rename(desk, "Another name")
    changed = Client(headers={"Authorization": f"Bearer {admin.secret}"}).get(
        LIST, headers={"If-None-Match": admin.get("/api/v1/webhooks/")["ETag"]}
    )
    assert changed.status_code == 200


def test_calls_are_listed_read_and_replayed(api: MakeApi) -> None:
    admin, desk = api("admin"), connections.make("generic")
    body = json.dumps({"external_id": "7", "status": "open", "customer": {"email": "a@b.example"}})
    call = HookDeliveryFactory.create(connection=desk, body=body.encode())
    calls = f"{LIST}{desk.slug}/deliveries/"
    assert [line["id"] for line in admin.get(calls, verdict="taken").json()["results"]] == [call.pk]
    assert admin.get(calls, verdict="forged").json()["results"] == []
    assert admin.get(calls, verdict="lost").status_code == 400
    assert json.loads(admin.get(f"{calls}{call.pk}/").json()["body"]) == json.loads(body)
    again = admin.post(f"{calls}{call.pk}/replay/", {})
    assert (again.status_code, again.json()["replay_of"]) == (201, call.pk)
    assert admin.get(f"{LIST}{desk.slug}/health/").json()["n_calls"] == 2


def test_call_that_was_not_kept_whole_is_not_replayed(api: MakeApi) -> None:
    desk = connections.make("generic")
    call = HookDeliveryFactory.create(connection=desk, is_whole=False)
    address = f"{LIST}{desk.slug}/deliveries/{call.pk}/replay/"
    assert api("admin").post(address, {}).status_code == 409
    assert HookDelivery.objects.count() == 1


def test_call_of_another_connection_is_not_there(api: MakeApi) -> None:
    call = HookDeliveryFactory.create(connection=connections.make("generic"))
    other = connections.make("generic")
    assert api("admin").get(f"{LIST}{other.slug}/deliveries/{call.pk}/").status_code == 404


def test_rate_that_is_left_is_told(api: MakeApi, settings: Any) -> None:
    settings.API_REQUESTS_PER_SECOND, settings.API_BURST = 0.001, 2
    client = api("admin")
    told = [client.get(LIST) for _ in range(3)]
    assert [answer.status_code for answer in told] == [200, 200, 429]
    assert [answer["RateLimit"].split(";")[1] for answer in told] == ["r=1", "r=0", "r=0"]
    assert told[0]["RateLimit-Policy"] == '"client";q=2;w=2000'


def test_whole_number_may_be_written_with_a_point(api: MakeApi) -> None:
    patched = api("questionnaires:write").patch("/api/v1/policies/default/", {"close_days": 7.0})
    assert (patched.status_code, patched.json()["close_days"]) == (200, 7)
    half = api("questionnaires:write").patch("/api/v1/policies/default/", {"close_days": 7.5})
    assert (half.status_code, half.json()["errors"][0]["field"]) == (400, "close_days")


def test_wrong_page_size_is_told_of_a_file_too(api: MakeApi) -> None:
    for path in ("/api/v1/cases/", "/api/v1/responses/", "/api/v1/reports/agents/"):
        answer = api("admin").get(path, page_size="0", format="csv")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "page_size")


def test_address_with_a_line_break_is_a_problem(api: MakeApi) -> None:
    answer = api("admin").get("/api/v1/questionnaires/a%0Ab/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_session_of_an_admin_reads_and_changes_nothing(api: MakeApi) -> None:
    from tests.factories import UserFactory

    desk, browser = connections.make("generic"), Client(raise_request_exception=False)
    browser.force_login(UserFactory.create(role="admin"), BACKEND)
    assert browser.get(LIST).status_code == 200
    address = f"{LIST}{desk.slug}/"
    assert browser.patch(address, b"{}", content_type="application/json").status_code == 403
    assert browser.delete(address).status_code == 403
