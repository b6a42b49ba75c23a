"""No event reaches an address inside, however it is written and whatever a name says later."""

from __future__ import annotations

import socket

import pytest
from pytest_django.fixtures import Settings

from surveys.services.outgoing import addresses, posting
from surveys.services.outgoing.addresses import Refused, is_public, judged, target_of
from surveys.services.outgoing.endpoints import Fault, Wish
from tests.webhook_receiver import Receiver

PRIVATE = [
    "0.0.0.0",  # noqa: S104 -- judged, not bound to
    "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.9.9.9",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1",
    "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "5f00::1", "4000::1",
    "", "localhost", "1", "127.1", "0x7f000001",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "128.0.0.1",
    "172.15.0.1", "172.32.0.1", "192.167.1.1", "223.255.255.254", "2606:4700:4700::1111",
    "2a00:1450:4001::200e", "2001:4860:4860::8888",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_address_outside_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "http://example.com/", "ftp://example.com/", "//example.com/", "example.com",
        "https://", "https:///path", "https://user@example.com/", "https://:p@example.com/",
        "https://example.com/#part", "https://exa mple.com/", "https://example.com\\@127.0.0.1/",
        "https://exämple.com/", "https://example.com:22/", "https://example.com:6379/",
        "https://example.com:99999/", "https://example.com:0/", "https://[::1/", "javascript:1",
        "https://example.com/" + "x" * 2000, "https://example.com/\r\nHost: x",
    ],
)  # fmt: skip
def test_address_that_cannot_be_configured(url: str) -> None:
    with pytest.raises(Refused):
        target_of(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]"])
def test_address_inside_is_refused_when_it_is_typed(host: str) -> None:
    with pytest.raises(Fault) as refused:
        Wish("x", f"https://{host}/", ["invitation.sent"]).check()
    assert refused.value.field == "url"


def test_address_taken_apart() -> None:
    found = target_of("https://Example.com:8443/in?a=1")
    assert (found.host, found.port, found.path) == ("example.com", 8443, "/in?a=1")
    assert found.authority == "example.com:8443"
    assert target_of("https://example.com").authority == "example.com"


@pytest.mark.parametrize("written", ["127.1", "2130706433", "0x7f000001", "017700000001"])
def test_odd_ways_to_write_the_loopback_are_judged_as_what_they_lead_to(written: str) -> None:
    """As the system reads them; the name itself says nothing."""
    there = socket.inet_ntoa(socket.inet_aton(written))
    with pytest.raises(Refused):
        judged(target_of(f"https://{written}/"), lambda *_: [there])


def test_one_address_inside_refuses_them_all() -> None:
    target = target_of("https://example.com/")
    with pytest.raises(Refused, match=r"leads to 10\.0\.0\.1"):
        judged(target, lambda *_: ["1.1.1.1", "10.0.0.1"])
    assert judged(target, lambda *_: ["1.1.1.1", "8.8.8.8"]) == "1.1.1.1"


def test_name_is_looked_up_once_and_the_connection_goes_where_it_led(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads outside when it is judged, and to the loopback a moment later."""
    asked: list[str] = []
    gone_to: list[tuple[str, int]] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address: tuple[str, int], **_: object) -> socket.socket:
        gone_to.append(address)
        raise ConnectionRefusedError

    with Receiver() as inside:
        monkeypatch.setattr(socket, "create_connection", connect)
        url = f"https://rebinding.example:{inside.port}/"
        first = posting.post(target_of(url), b"{}", {}, resolve=rebinding)
        assert (first.status, first.words) == (None, "nobody listens there")
        assert gone_to == [("93.184.215.14", inside.port)]
        assert asked == ["rebinding.example"]
        with pytest.raises(Refused):
            posting.post(target_of(url), b"{}", {}, resolve=rebinding)
        assert gone_to == [("93.184.215.14", inside.port)]
        assert inside.received == []


def test_connection_goes_to_the_judged_address_under_the_name(settings: Settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver() as receiver:
        target = target_of(f"http://receiver.example:{receiver.port}/in")
        answer = posting.post(target, b"{}", {}, resolve=lambda *_: ["127.0.0.1"])
        assert answer.status == 200
        assert receiver.received[0].headers["host"] == f"receiver.example:{receiver.port}"


def test_proxies_of_the_environment_are_not_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with Receiver() as proxy, Receiver() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert posting.post(target_of(receiver.url), b"{}", {}).status == 200
        assert (len(receiver.received), proxy.received) == (1, [])


def test_private_addresses_are_refused_without_the_setting(settings: Settings) -> None:
    assert settings.WEBHOOK_ALLOW_PRIVATE is False
    with Receiver() as receiver:
        target = addresses.Target("http", "127.0.0.1", receiver.port, "/")
        with pytest.raises(Refused):
            posting.post(target, b"{}", {})
        assert receiver.received == []
