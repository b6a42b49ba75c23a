"""Mails by a provider's API: as certain of what left as over SMTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from config import esp
from config.env import WrongValueError, email
from surveys.channels import open_session
from surveys.channels.base import Message
from surveys.models import Delivery, Suppression
from surveys.services import mail_tests, return_paths
from surveys.services.delivery import Counts, dispatch_all
from tests.esp_server import DROP, HANG, EspServer
from tests.factories import NOW
from tests.surveys.services.outbox import queued, story

pytestmark = pytest.mark.django_db


def point_to(settings: Settings, url: str) -> None:
    found = email(f"postmark://the-key@default?api_url={url}")
    settings.EMAIL_ESP = found.esp
    settings.ANYMAIL = esp.anymail(
        found.esp, found.user, found.password, found.host, found.api_url, "a:b", "https://x.example"
    )
    settings.DEFAULT_FROM_EMAIL = "Northline <survey@northline.example>"


@pytest.fixture
def server(settings: Settings) -> Iterator[EspServer]:
    with EspServer() as running:
        point_to(settings, running.url)
        yield running


def test_mail_leaves_whole_with_its_mark_and_without_tracking(server: EspServer) -> None:
    delivery = queued("ada@example.com")
    assert dispatch_all(clock=lambda: NOW) == Counts(sent=1)
    assert (story(delivery), server.keys) == (("sent", "sent"), ["the-key"])
    [mail] = server.received
    assert (mail["To"], mail["From"]) == (
        "ada@example.com",
        "Northline <survey@northline.example>",
    )
    assert "/s/" in mail["TextBody"]
    assert "/s/" in mail["HtmlBody"]
    headers = {one["Name"]: one["Value"] for one in mail["Headers"]}
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/u/" in headers["List-Unsubscribe"]
    assert (mail["TrackOpens"], mail["TrackLinks"]) == (False, "None")
    claimed = return_paths.read_mark(mail["Metadata"]["stabledoor"])
    assert claimed is not None
    assert claimed.delivery_id == delivery.pk
    assert return_paths.is_signed(claimed, delivery.invitation.nonce)


FAULT = {"ErrorCode": 300, "Message": "Zero recipients specified"}


@pytest.mark.parametrize(
    ("reaction", "counts", "statuses", "suppressed"),
    [
        ((422, FAULT), Counts(failed=1), ("failed", "failed"), 0),
        ((429, {}), Counts(retried=1), ("queued", "scheduled"), 0),
        ((500, {}), Counts(retried=1), ("queued", "scheduled"), 0),
        ((504, {}), Counts(unknown=1), ("unknown", "unknown"), 0),
        (DROP, Counts(unknown=1), ("unknown", "unknown"), 0),
        ((200, {"no": "sense"}), Counts(unknown=1), ("unknown", "unknown"), 0),
    ],
)
def test_what_the_provider_answers_decides(
    server: EspServer,
    reaction: Any,
    counts: Counts,
    statuses: tuple[str, str],
    suppressed: int,
) -> None:
    delivery = queued()
    server.react(reaction)
    assert dispatch_all(clock=lambda: NOW) == counts
    assert (story(delivery), len(server.received)) == (statuses, 1)
    assert Suppression.objects.count() == suppressed
    if statuses[0] in {"unknown", "failed"}:
        assert dispatch_all(clock=lambda: NOW + timedelta(days=1)) == Counts()
        assert len(server.received) == 1


def test_hanging_provider_leaves_one_unknown_and_the_others_queued(
    server: EspServer, settings: Settings
) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"REQUESTS_TIMEOUT": (1, 0.3)}
    first, second = queued("a@example.com"), queued("b@example.com")
    server.react(HANG)
    counts = dispatch_all(clock=lambda: NOW)
    assert (counts.unknown, counts.released) == (1, 1)
    assert counts.stopped.startswith("the connection was lost after the mail was sent")
    assert (story(first)[0], story(second)[0]) == ("unknown", "queued")


@pytest.mark.parametrize("why", ["refused", "wrong key"])
def test_provider_that_cannot_be_used_costs_no_attempt(
    server: EspServer, settings: Settings, why: str
) -> None:
    delivery = queued()
    if why == "refused":
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            point_to(settings, f"http://127.0.0.1:{taken.getsockname()[1]}/")
            counts = dispatch_all(clock=lambda: NOW)
    else:
        server.react((401, {"Message": "no such server"}))
        counts = dispatch_all(clock=lambda: NOW)
        assert "check the key in EMAIL_URL" in counts.stopped
    assert (counts.released, bool(counts.stopped)) == (1, True)
    row = Delivery.objects.get()
    assert (story(delivery), row.n_attempts, row.in_flight_at) == (
        ("queued", "scheduled"),
        0,
        None,
    )


def test_address_that_the_provider_calls_invalid_is_never_written_to_again(
    server: EspServer,
) -> None:
    delivery = queued("ada@example.com")
    server.react((422, {"ErrorCode": 300, "Message": "Error parsing 'To': Illegal email address "
                        "'ada@example.com'."}))  # fmt: skip
    dispatch_all(clock=lambda: NOW)
    assert story(delivery) == ("failed", "failed")
    assert Suppression.objects.get().reason == "bounced"
    assert "ada@" not in Delivery.objects.get().last_error


def test_test_mail_and_pictures_go_the_same_way(server: EspServer) -> None:
    said = mail_tests.send(b"Subject: x\r\nFrom: a@b.example\r\n\r\nhello\r\n", "ada@example.com")
    assert (said.level, server.received[0]["TextBody"].strip()) == ("success", "hello")
    content = (
        b"Subject: y\r\nFrom: a@b.example\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: text/html\r\n\r\n<img src='cid:one'>\r\n--x\r\n"
        b"Content-Type: image/png\r\nContent-ID: <one>\r\nContent-Disposition: inline\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--x--\r\n"
    )
    with open_session("mail") as session:
        session.deliver(Message("a@b.example", "ada@example.com", content))
    [picture] = server.received[1]["Attachments"]
    assert (picture["Content"].strip(), picture["ContentID"]) == ("aGVsbG8=", "cid:one")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("postmark://default", "key before the host is missing"),
        ("mailjet://one@default", "needs two keys"),
        ("postmark://k@default?tls=on", "only api_url is known"),
        ("pigeon://k@default", "must begin with smtp"),
    ],
)
def test_wrong_address_of_a_provider_is_named(value: str, words: str) -> None:
    with pytest.raises(WrongValueError, match=words):
        email(value)


@pytest.mark.parametrize("name", esp.PROVIDERS)
def test_every_provider_can_be_set_up(name: str, settings: Settings) -> None:
    from importlib import import_module

    from surveys.api import mail_events

    settings.EMAIL_ESP, settings.EMAIL_WEBHOOK_SECRET = name, "user:password"
    settings.ANYMAIL = esp.anymail(
        name, "key", "second", "mg.example.org", "", "user:password", "https://x.example"
    )
    with open_session("mail") as session:
        session.connect()
    module = import_module(f"anymail.webhooks.{name}")
    getattr(module, mail_events._VIEWS[name])()
