"""Tests talk to this machine alone."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Generator
from typing import Any


class OutsideConnectionBlocked(RuntimeError):  # noqa: N818 -- it names what happened
    """A test tried to reach another machine."""


def is_local(address: Any) -> bool:
    """Whether a socket address is a Unix socket or on the loopback."""
    if isinstance(address, str | bytes):  # AF_UNIX
        return True
    return is_local_name(address[0]) if isinstance(address, tuple) else False


def is_local_name(host: Any) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@contextlib.contextmanager
def only_local_sockets() -> Generator[None, None, None]:
    """Patch Python's sockets and name look-ups to refuse what is not local."""
    originals = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
    resolve = socket.getaddrinfo
    for name, original in originals.items():
        setattr(socket.socket, name, _guarded(original))

    def guarded_resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        if not is_local_name(host):
            raise OutsideConnectionBlocked(f"a test looked up {host!r}")
        return resolve(host, *arguments, **options)

    socket.getaddrinfo = guarded_resolve
    try:
        yield
    finally:
        socket.getaddrinfo = resolve
        for name, original in originals.items():
            setattr(socket.socket, name, original)


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        if not is_local(arguments[-1]):
            raise OutsideConnectionBlocked(f"a test opened a connection to {arguments[-1]!r}")
        return original(self, *arguments)

    return guarded
