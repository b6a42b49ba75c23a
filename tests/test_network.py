"""The suite cannot reach another machine."""

import socket

import pytest

from tests.network import OutsideConnectionBlocked


def test_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as outside, pytest.raises(OutsideConnectionBlocked):
        outside.connect(("192.0.2.1", 80))


def test_datagram_to_another_machine_is_refused() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as outside,
        pytest.raises(OutsideConnectionBlocked),
    ):
        outside.sendto(b"?", ("192.0.2.1", 53))


def test_lookup_of_another_machine_is_refused() -> None:
    with pytest.raises(OutsideConnectionBlocked):
        socket.getaddrinfo("example.org", 80)


def test_connection_to_this_machine_is_made() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()
