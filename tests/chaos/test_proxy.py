"""The proxy passes on byte for byte, and breaks as it is told."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator

import pytest

from tests.chaos.proxy import DELAY, HALF_CLOSE, PASS, RESET, Proxy
from tests.smtp_server import SmtpServer

PATIENCE = 10.0


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with SmtpServer() as server:
        proxy = Proxy(server.port, random.Random(1))
        yield proxy
        proxy.close()


def talk(proxy: Proxy, times: int = 20) -> list[bytes]:
    """What a mail server says to so many NOOPs, and b"" where it says no more."""
    heard: list[bytes] = []
    with socket.create_connection(("127.0.0.1", proxy.port), PATIENCE) as client:
        for _ in range(times):
            said = client.recv(200)
            heard.append(said)
            if not said:
                break
            client.sendall(b"NOOP\r\n")
    return heard


def test_passes_everything_on(proxy: Proxy) -> None:
    assert talk(proxy) == [b"220 test ready\r\n", *[b"250 2.0.0 here\r\n"] * 19]


def test_resets_connections_after_a_while(proxy: Proxy) -> None:
    proxy.mode = RESET
    with pytest.raises(ConnectionResetError):
        talk(proxy)
    proxy.mode = PASS
    assert len(talk(proxy)) == 20


def test_half_closes_towards_the_client(proxy: Proxy) -> None:
    proxy.mode = HALF_CLOSE
    heard = talk(proxy)
    assert heard[-1] == b""
    assert len(heard) < 20


def test_delays_each_piece(proxy: Proxy) -> None:
    proxy.mode = DELAY
    began = time.monotonic()
    assert len(talk(proxy, 2)) == 2
    assert time.monotonic() - began > 0.04


def test_client_hears_at_once_that_nobody_is_behind_the_proxy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        target = taken.getsockname()[1]
    proxy = Proxy(target, random.Random(1))
    assert talk(proxy) == [b""]
    proxy.close()
