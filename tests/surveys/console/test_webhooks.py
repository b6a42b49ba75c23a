"""The pages of webhooks."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from standardwebhooks import Webhook

from surveys.models import OutgoingEvent, WebhookDelivery, WebhookEndpoint
from surveys.services.outgoing.sending import send_due
from tests.factories import UserFactory
from tests.surveys.services.outgoing.conftest import Subscribe, answer, receiver, subscribe
from tests.surveys.staff import BACKEND, NO_PASSWORD
from tests.webhook_receiver import Receiver

__all__ = ["receiver", "subscribe"]

pytestmark = pytest.mark.django_db
LIST = "/settings/webhooks/"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(UserFactory(role="admin", password=NO_PASSWORD), BACKEND)
    return client


def said(response: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_from_nothing_to_the_first_event_and_its_log(admin: Client, receiver: Receiver) -> None:
    assert "Nobody is told yet" in said(admin.get(LIST))
    form = {"name": "CRM", "url": receiver.url, "events": ["response.completed"]}
    page = admin.post(LIST, form, follow=True)
    endpoint = WebhookEndpoint.objects.get()
    one = f"{LIST}{endpoint.pk}/"
    assert page.redirect_chain[-1][0] == one
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", html.unescape(page.content.decode()))
    assert found is not None
    assert "Nothing was told yet" in said(page)

    receiver.react(500)
    admin.post(f"{one}test/")
    send_due(0.1)
    page = admin.get(one)
    assert "answered 500" in said(page)
    assert "1 failure since" in said(admin.get(one, {"state": "queued"}))
    assert "None is like that" in said(admin.get(one, {"state": "failed"}))
    delivery = WebhookDelivery.objects.get()
    detail = f"{one}deliveries/{delivery.pk}/"
    assert receiver.ids[0] in said(admin.get(detail))
    assert "under the same id" in said(admin.post(f"{detail}resend/", follow=True))
    send_due(0.1)
    assert receiver.ids == [receiver.ids[0]] * 2
    got = receiver.received[1]
    Webhook(found[0]).verify(got.raw, got.headers)
    assert "2 attempts" in said(admin.get(detail))
    assert "active" in said(admin.get(LIST))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "http://example.com/"}, "The address must begin with https://"),
        ({"url": "https://10.0.0.1/"}, "no address of the public internet"),
        ({"events": []}, "must name at least one event"),
        ({"name": " "}, "The name must have 1 to 100 printable characters"),
    ],
)
def test_fault_is_named_and_what_was_typed_stays(
    admin: Client, change: dict[str, Any], words: str
) -> None:
    form = {"name": "CRM", "url": "https://example.com/", "events": ["response.changed"]} | change
    page = admin.post(LIST, form)
    assert page.status_code == 400
    assert words in said(page)
    assert f'value="{form["url"]}"' in page.content.decode()
    assert WebhookEndpoint.objects.count() == 0


def test_paused_resumed_rotated_changed_and_removed(admin: Client, subscribe: Subscribe) -> None:
    endpoint = subscribe()
    one = f"{LIST}{endpoint.pk}/"
    assert "What happens meanwhile waits" in said(admin.post(f"{one}pause/", follow=True))
    endpoint.refresh_from_db()
    assert endpoint.state == "paused"
    admin.post(f"{one}resume/")
    assert "the former secret signs as well" in said(admin.post(f"{one}rotate/", follow=True))
    changed = {"name": "ERP", "url": endpoint.url, "events": ["response.changed"]}
    assert "ERP" in said(admin.post(one, changed | {"with_personal_data": "yes"}, follow=True))
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.events) == ("active", ["response.changed"])
    assert endpoint.with_personal_data
    assert admin.post(f"{one}explode/").status_code == 404
    answer()
    admin.post(f"{one}remove/")
    assert WebhookEndpoint.objects.count() == 0
    assert admin.get(one).status_code == 404


def test_switched_off_endpoint_says_why_and_all_given_up_are_sent_again(
    admin: Client, receiver: Receiver, subscribe: Subscribe
) -> None:
    endpoint = subscribe()
    answer()
    receiver.react(410)
    send_due(0.1)
    one = f"{LIST}{endpoint.pk}/"
    assert "It answered 410" in said(admin.get(one))
    assert "1 is switched off" in " ".join(said(admin.get("/settings/")).split())
    admin.post(f"{one}resume/")
    assert "1 of those given up is sent again" in said(admin.post(f"{one}resend/", follow=True))
    assert send_due(0.1).delivered == 1


def test_what_a_receiver_answers_is_inert(
    admin: Client, receiver: Receiver, subscribe: Subscribe
) -> None:
    endpoint = subscribe(name="<script>alert(1)</script>")
    receiver.says = b"<script>alert(2)</script>\x00\xff"
    answer()
    send_due(0.1)
    delivery = WebhookDelivery.objects.get()
    for page in (LIST, f"{LIST}{endpoint.pk}/", f"{LIST}{endpoint.pk}/deliveries/{delivery.pk}/"):
        assert "<script>alert" not in admin.get(page).content.decode()
    assert OutgoingEvent.objects.count() == 1
