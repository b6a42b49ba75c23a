"""What a gateway tells: only with its signature, each thing once, and STOP for good."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from config.env_kinds import gateway
from surveys.models import Delivery, DeliveryReport, Suppression
from surveys.services import return_paths
from tests.factories import NOW
from tests.surveys.services.outbox import queued, queued_reminder, story

pytestmark = pytest.mark.django_db
NUMBER = "+493090182000"
SITE = "https://survey.northline.example"
PATH = "/api/message-events/"


@pytest.fixture(autouse=True)
def _gateway(settings: Settings) -> None:
    found = gateway("twilio://AC00:the-token@default?from=+15550100")
    settings.GATEWAYS = {"sms": {"variable": "SMS_URL", **asdict(found)}}
    settings.SITE_URL = SITE


def signed(url: str, form: dict[str, str], token: str = "the-token") -> str:  # noqa: S107
    """As Twilio's documentation says: the address and the sorted fields, HMAC-SHA1, base64."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def tell(path: str, form: dict[str, str], **how: Any) -> int:
    given = how.get("signature", signed(SITE + path, form))
    return Client().post(path, form, headers={"X-Twilio-Signature": given}).status_code


def sent(**fields: Any) -> Delivery:
    """A message that left a moment ago."""
    delivery = queued(channel="sms", status="sent", sent_at=NOW, **fields)
    invitation = delivery.invitation
    invitation.status, invitation.sent_at = "sent", NOW
    invitation.save()
    assert invitation.customer is not None
    invitation.customer.phone = NUMBER
    invitation.customer.save()
    return delivery


def path_of(delivery: Delivery) -> str:
    mark = return_paths.mark_of(delivery.pk, delivery.kind, delivery.invitation.nonce)
    return f"{PATH}?mark={quote(mark)}"


def fate(status: str, code: str = "") -> dict[str, str]:
    form = {"MessageSid": "SM1", "MessageStatus": status, "To": NUMBER, "From": "+15550100"}
    return form | ({"ErrorCode": code} if code else {})


def test_signature_matches_the_published_example() -> None:
    # Source: the example by which the libraries of Twilio check their own validator.
    form = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234",
        "From": "+14158675309", "To": "+18005551212",
    }  # fmt: skip
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signed(url, form, "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    from surveys.channels.twilio import signature

    assert signature("12345", url, form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    ("status", "code", "stored", "statuses", "suppressed"),
    [
        ("delivered", "", "delivered", ("sent", "sent"), []),
        ("undelivered", "30003", "soft", ("sent", "sent"), []),
        ("undelivered", "30005", "hard", ("failed", "failed"), [NUMBER]),
        ("failed", "30006", "hard", ("failed", "failed"), [NUMBER]),
        ("undelivered", "30007", "policy", ("sent", "sent"), []),
        ("failed", "", "soft", ("sent", "sent"), []),
    ],
)
def test_fate_is_taken_once(
    status: str, code: str, stored: str, statuses: tuple[str, str], suppressed: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("surveys.api.message_events.timezone.now", lambda: NOW)
    delivery = sent()
    for _ in range(2):
        assert tell(path_of(delivery), fate(status, code)) == 200
    assert list(DeliveryReport.objects.values_list("kind", "source")) == [(stored, "sms")]
    assert story(delivery) == statuses
    assert list(Suppression.objects.values_list("email", flat=True)) == suppressed


@pytest.mark.parametrize("status", ["queued", "sent", "sending", "accepted"])
def test_steps_on_the_way_change_nothing(status: str) -> None:
    delivery = sent()
    assert tell(path_of(delivery), fate(status)) == 200
    assert not DeliveryReport.objects.exists()


def test_wrong_signature_or_mark_takes_nothing() -> None:
    delivery = sent()
    path, form = path_of(delivery), fate("undelivered", "30005")
    for wrong in ("", "ü", "AAAA", signed(SITE + path, form, "another"), signed(path, form)):
        assert tell(path, form, signature=wrong) == 401
    assert tell(path, form | {"ErrorCode": "30003"}, signature=signed(SITE + path, form)) == 401
    forged = path[:-3] + "aaa"
    assert tell(forged, form) == 200
    assert not DeliveryReport.objects.exists()
    assert not Suppression.objects.exists()


def test_signature_with_what_asks_to_be_told_again_is_taken_too() -> None:
    path, form = path_of(sent()), fate("delivered")
    assert tell(path, form, signature=signed(f"{SITE}{path}#rc=5&rp=5xx,ct,rt", form)) == 200
    assert DeliveryReport.objects.count() == 1


def test_message_just_being_sent_is_told_again_later() -> None:
    delivery = sent()
    Delivery.objects.update(status="sending")
    assert tell(path_of(delivery), fate("delivered")) == 503
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize(
    ("form", "stopped"),
    [
        ({"Body": "STOP"}, True),
        ({"Body": " stop. "}, True),
        ({"Body": "Arrêt"}, True),
        ({"Body": "Danke", "OptOutType": "STOP"}, True),
        ({"Body": "STOP", "From": f"whatsapp:{NUMBER}"}, True),
        ({"Body": "Please do not stop"}, False),
        ({"Body": "START", "OptOutType": "START"}, False),
        ({"Body": ""}, False),
        ({"Body": "STOP", "From": "Northline"}, False),
    ],
)
def test_stop_suppresses_the_number_and_what_waits_for_it(
    form: dict[str, str], stopped: bool
) -> None:
    sent()
    waiting = queued_reminder("ada2@example.com", channel="sms")
    customer = waiting.invitation.customer
    assert customer is not None
    customer.phone = NUMBER
    customer.save()
    for _ in range(2):
        assert tell(PATH, {"From": NUMBER, "To": "+15550100"} | form) == 200
    found = list(Suppression.objects.values_list("email", "reason", "source"))
    assert found == ([(NUMBER, "unsubscribed", "report")] if stopped else [])
    assert story(waiting)[0] == ("cancelled" if stopped else "queued")


def test_without_a_gateway_there_is_nothing(settings: Settings) -> None:
    assert Client().get(PATH).status_code == 405
    settings.GATEWAYS = {}
    assert tell(PATH, {"Body": "STOP"}) == 404
