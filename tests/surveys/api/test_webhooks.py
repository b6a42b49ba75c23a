"""Webhooks over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks import Webhook

from surveys.models import IdempotentReply, OutgoingEvent, WebhookEndpoint
from surveys.services.outgoing.sending import send_due
from tests.surveys.api.conftest import Api
from tests.surveys.services.outgoing.conftest import answer, receiver
from tests.webhook_receiver import Receiver

__all__ = ["receiver"]

LIST = "/api/v1/webhooks/"
NEW: dict[str, Any] = {
    "name": "CRM",
    "url": "https://crm.example.com/in",
    "events": ["response.completed"],
}
MakeApi = Callable[..., Api]


def test_endpoint_is_added_read_changed_and_removed(api: MakeApi) -> None:
    admin = api("admin")
    made = admin.post(LIST, NEW)
    assert made.status_code == 201
    told = made.json()
    assert told["secret"].startswith("whsec_")
    one = f"{LIST}{told['id']}/"
    assert admin.get(one).json() == told
    assert "secret" not in admin.get(LIST).json()["results"][0]
    changed = admin.patch(one, {"name": "ERP", "events": ["invitation.sent"], "paused": True})
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["state"]) == ("ERP", "paused")
    assert changed.json()["url"] == NEW["url"]
    assert admin.patch(one, {"paused": False}).json()["state"] == "active"
    assert admin.delete(one).status_code == 204
    assert (admin.get(one).status_code, WebhookEndpoint.objects.count()) == (404, 0)


def test_repeated_post_makes_one_endpoint_and_no_table_keeps_its_secret(api: MakeApi) -> None:
    admin = api("admin")
    first, second = (admin.post(LIST, NEW, **{"Idempotency-Key": "k1"}).json() for _ in range(2))
    assert first == second
    assert WebhookEndpoint.objects.count() == 1
    assert "whsec_" not in str(IdempotentReply.objects.values_list("body", flat=True))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"url": "http://crm.example.com/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://[fd00::1]/"}, "url"),
        ({"url": "https://u:p@example.com/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["nothing.happened"]}, "events"),
        ({"secret": "whsec_mine"}, "secret"),
        ({"with_personal_data": "yes"}, "with_personal_data"),
    ],
)
def test_fault_names_its_field(api: MakeApi, change: dict[str, Any], field: str) -> None:
    answered = api("admin").post(LIST, NEW | change)
    assert answered.status_code == 400
    assert answered.json()["errors"][0]["field"] == field
    assert WebhookEndpoint.objects.count() == 0


def test_log_and_resend_and_rotation(api: MakeApi, receiver: Receiver) -> None:
    admin = api("admin")
    made = admin.post(LIST, NEW | {"url": receiver.url}).json()
    one = f"{LIST}{made['id']}/"
    receiver.react(500)
    answer()
    send_due(0.1)
    log = admin.get(f"{one}deliveries/").json()["results"]
    assert [(row["status"], row["attempts"][0]["status"]) for row in log] == [("queued", 500)]
    assert log[0]["webhook_id"] == receiver.ids[0]
    again = f"{one}deliveries/{log[0]['id']}/resend/"
    assert admin.post(again, {}).status_code == 202
    rotated = admin.post(f"{one}rotate/", {}).json()
    assert rotated["secret"] != made["secret"]
    send_due(0.1)
    got = receiver.received[1]
    assert receiver.ids[0] == receiver.ids[1]
    for secret in (made["secret"], rotated["secret"]):
        Webhook(secret).verify(got.raw, got.headers)
    assert admin.get(f"{one}deliveries/", status="queued").json()["results"] == []
    assert admin.get(f"{one}deliveries/", status="lost").status_code == 400
    assert admin.post(f"{one}test/", {}).status_code == 202
    send_due(0.1)
    assert receiver.received[2].body["type"] == "webhook.test"
    assert admin.post(f"{one}deliveries/999999/resend/", {}).status_code == 404
    assert admin.post(f"{one}test/", {"type": "mine"}).status_code == 400
    assert OutgoingEvent.objects.count() == 2


def test_only_scope_admin(api: MakeApi) -> None:
    every = ("cases:write", "cases:read", "responses:read", "reports:read", "questionnaires:write")
    assert api(*every).post(LIST, NEW).status_code == 403
    assert api(*every).get(LIST).status_code == 403
