"""What a mail provider tells of our mails: proved, taken once, with the effects of a bounce."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from config import esp
from surveys.models import Delivery, DeliveryReport, Invitation, ReportTally, Suppression
from surveys.services.return_paths import mark_of
from tests.surveys.services.outbox import queued, story

pytestmark = pytest.mark.django_db
PATH = "/api/mail-events/"
RIGHT = "stabledoor:a-password"


@pytest.fixture(autouse=True)
def postmark(settings: Settings) -> None:
    choose(settings, "postmark", RIGHT)


def choose(settings: Settings, name: str, secret: str) -> None:
    settings.EMAIL_ESP, settings.EMAIL_WEBHOOK_SECRET = name, secret
    settings.ANYMAIL = esp.anymail(name, "k", "", "default", "", secret, "https://x.example")


@pytest.fixture
def sent() -> Delivery:
    from django.utils import timezone

    delivery = queued("ada@example.com")
    now = timezone.now()
    Invitation.objects.update(status="sent", sent_at=now, expires_at=now.replace(year=2030))
    Delivery.objects.update(status="sent", sent_at=now)
    return delivery


def told(event: dict[str, Any], password: str = RIGHT) -> int:
    credentials = base64.b64encode(password.encode()).decode()
    return Client(raise_request_exception=False).post(
        PATH,
        json.dumps(event),
        content_type="application/json",
        headers={"Authorization": f"Basic {credentials}"},
    ).status_code  # fmt: skip


def about(delivery: Delivery, **event: Any) -> dict[str, Any]:
    """As Postmark writes it."""
    mark = mark_of(delivery.pk, delivery.kind, delivery.invitation.nonce)
    return {"MessageID": "883953f4", "Metadata": {"stabledoor": mark}, "Tag": ""} | event


def bounce(kind: str, details: str = "") -> dict[str, Any]:
    return {
        "RecordType": "Bounce",
        "Type": kind,
        "ID": 42,
        "Email": "ada@example.com",
        "Description": "The server was unable to deliver your message to ada@example.com",
        "Details": details,
        "BouncedAt": "2026-11-22T16:33:54Z",
    }


DELIVERED = {
    "RecordType": "Delivery",
    "Recipient": "ada@example.com",
    "DeliveredAt": "2026-11-22T16:33:54Z",
    "Details": "Test delivery webhook details",
}
COMPLAINED = {
    "RecordType": "SpamComplaint",
    "Type": "SpamComplaint",
    "ID": 43,
    "Email": "ada@example.com",
    "BouncedAt": "2026-11-22T16:33:54Z",
}
UNSUBSCRIBED = {
    "RecordType": "SubscriptionChange",
    "Recipient": "ada@example.com",
    "ChangedAt": "2026-11-22T16:33:54Z",
    "SuppressSending": True,
    "SuppressionReason": "ManualSuppression",
}


@pytest.mark.parametrize(
    ("event", "kinds", "statuses", "reasons"),
    [
        (DELIVERED, ["delivered"], ("sent", "sent"), []),
        (bounce("HardBounce", "550 5.1.1 no"), ["hard"], ("failed", "failed"), ["bounced"]),
        (bounce("SoftBounce", "452 4.2.2 full"), ["soft"], ("sent", "sent"), []),
        (bounce("Blocked"), ["policy"], ("sent", "sent"), []),
        (bounce("DMARCPolicy"), ["policy"], ("sent", "sent"), []),
        (bounce("Transient"), ["delayed"], ("sent", "sent"), []),
        (bounce("AutoResponder"), ["auto_reply"], ("sent", "sent"), []),
        (COMPLAINED, ["complaint"], ("sent", "sent"), ["complained"]),
        (UNSUBSCRIBED, [], ("sent", "sent"), ["unsubscribed"]),
        ({"RecordType": "Open", "Recipient": "ada@example.com"}, [], ("sent", "sent"), []),
    ],
)
def test_event_does_what_a_report_by_mail_does_and_only_once(
    sent: Delivery,
    event: dict[str, Any],
    kinds: list[str],
    statuses: tuple[str, str],
    reasons: list[str],
) -> None:
    for _ in range(2):
        assert told(about(sent, **event)) == 200
    assert list(DeliveryReport.objects.values_list("kind", "source")) == [
        (kind, "esp") for kind in kinds
    ]
    assert story(sent) == statuses
    assert list(Suppression.objects.values_list("reason", flat=True)) == reasons
    assert not DeliveryReport.objects.filter(words__contains="ada@").exists()


def test_wrong_password_and_no_secret_change_nothing(sent: Delivery, settings: Settings) -> None:
    event = about(sent, **bounce("HardBounce"))
    assert told(event, "stabledoor:guessed") == 401
    settings.EMAIL_WEBHOOK_SECRET = ""
    assert told(event) == 404
    settings.EMAIL_WEBHOOK_SECRET, settings.EMAIL_ESP = RIGHT, ""
    assert told(event) == 404
    assert (story(sent), Suppression.objects.count()) == (("sent", "sent"), 0)


def test_mark_that_is_not_ours_changes_nothing_and_is_counted(sent: Delivery) -> None:
    event = about(sent, **bounce("HardBounce"))
    mark = event["Metadata"]["stabledoor"]
    forged = mark[:-1] + ("a" if mark[-1] != "a" else "b")
    assert told(event | {"Metadata": {"stabledoor": forged}}) == 200
    assert told(event | {"Metadata": {}}) == 200
    assert dict(ReportTally.objects.values_list("outcome", "n")) == {"forged": 1, "unsigned": 1}
    assert (story(sent), Suppression.objects.count()) == (("sent", "sent"), 0)


def test_event_about_a_mail_that_is_just_being_sent_is_told_again(sent: Delivery) -> None:
    Delivery.objects.update(status="sending")
    assert told(about(sent, **DELIVERED)) == 503
    Delivery.objects.update(status="sent")
    assert told(about(sent, **DELIVERED)) == 200
    assert DeliveryReport.objects.count() == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b"\xff\xfe", b"[[[[]]]]"])
def test_what_no_provider_sends_is_refused(body: bytes) -> None:
    credentials = base64.b64encode(RIGHT.encode()).decode()
    answer = Client(raise_request_exception=False).post(
        PATH, body, content_type="application/json",
        headers={"Authorization": f"Basic {credentials}"},
    )  # fmt: skip
    assert answer.status_code == 400
    assert DeliveryReport.objects.count() == 0


@pytest.mark.parametrize("right", [True, False])
def test_signature_of_a_provider_that_signs_is_checked(
    sent: Delivery, settings: Settings, right: bool
) -> None:
    """As Mailgun signs and writes it."""
    choose(settings, "mailgun", "the-signing-key")
    moment, token = str(int(time.time())), "c" * 50
    key = b"the-signing-key" if right else b"another-key"
    signature = hmac.new(key, f"{moment}{token}".encode(), hashlib.sha256).hexdigest()
    event = {
        "signature": {"timestamp": moment, "token": token, "signature": signature},
        "event-data": {
            "id": "G9Bn5sl1TC6nu79C8C0bwg",
            "timestamp": time.time(),
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "recipient": "ada@example.com",
            "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
            "user-variables": about(sent)["Metadata"],
            "message": {"headers": {"message-id": "x@mg.example.org"}},
        },
    }
    assert told(event) == (200 if right else 401)
    assert story(sent)[1] == ("failed" if right else "sent")
    assert Suppression.objects.count() == (1 if right else 0)


def test_mistake_of_ours_while_taking_an_event_has_it_told_again(
    sent: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    from surveys.services import bounces

    def broken(*_: object) -> None:
        raise KeyError("a mistake")

    with monkeypatch.context() as patched:
        patched.setattr(bounces, "take_told", broken)
        assert told(about(sent, **DELIVERED)) == 500
    assert told(about(sent, **DELIVERED)) == 200
    assert DeliveryReport.objects.count() == 1
