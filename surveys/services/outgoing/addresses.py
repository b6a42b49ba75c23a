"""Where an event may be sent: to public addresses alone, and to the very one that was looked at.

A name is looked up once for a request, every address it has is judged, and the connection goes to
the address that was judged: a name that answers otherwise a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

LONGEST_URL: Final = 2000
_WELL_KNOWN: Final = {"https": 443, "http": 80}
#: Ports below are those of mail servers, shells and directories, which speak no HTTP.
_FIRST_OTHER_PORT: Final = 8000

# Written out, for what the standard library calls global differs between versions of Python.
# Source: IANA special-purpose address registries.
_NOT_PUBLIC_4: Final = [
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    )
]  # fmt: skip
_UNICAST_6: Final = ipaddress.IPv6Network("2000::/3")
# Within it: protocols and tunnels (Teredo, 6to4, which carry an IPv4 address), documentation.
_NOT_PUBLIC_6: Final = [
    ipaddress.IPv6Network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]


class Refused(Exception):  # noqa: N818 -- it names what happened
    """Why nothing is sent there, in words."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart, as it is connected to."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_usual = self.port == _WELL_KNOWN[self.scheme]
        return host if is_usual else f"{host}:{self.port}"


#: Gives the addresses of a name. Raises: OSError.
Resolver = Callable[[str, int], Sequence[str]]


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them. Raises: OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def target_of(url: str) -> Target:
    """The parts of an address that may be configured. Raises: Refused, saying what is wrong."""
    if not 0 < len(url) <= LONGEST_URL:
        raise Refused(f"must have at most {LONGEST_URL} characters")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("must be written in ASCII without blanks; write names as xn--…")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused(f"is no address: {error}") from error
    may_http = settings.WEBHOOK_ALLOW_PRIVATE
    if parts.scheme != "https" and not (may_http and parts.scheme == "http"):
        raise Refused("must begin with https://")
    if not host or parts.username is not None or parts.password is not None:
        raise Refused("must name a host, and neither user nor password")
    if parts.fragment:
        raise Refused("must have no part behind a #")
    usual = _WELL_KNOWN[parts.scheme]
    if port is not None and port != usual and port < _FIRST_OTHER_PORT and not may_http:
        raise Refused(f"must use port {usual}, or one from {_FIRST_OTHER_PORT} on")
    if port == 0:
        raise Refused("must use a port that exists")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, usual if port is None else port, path)


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, and carries no other one inside."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _NOT_PUBLIC_4)
    # 64:ff9b::/96 and ::ffff:0:0/96 stand outside of 2000::/3, as all that is local does.
    return found in _UNICAST_6 and not any(found in network for network in _NOT_PUBLIC_6)


def judged(target: Target, resolve: Resolver = look_up) -> str:
    """The address to connect to. Raises: Refused; OSError where the name is not known.

    One private address among the public ones refuses them all: no honest name has both.
    """
    found = list(resolve(target.host, target.port))
    if not found:
        raise OSError("the name has no address")
    if not settings.WEBHOOK_ALLOW_PRIVATE:
        inside = [address for address in found if not is_public(address)]
        if inside:
            raise Refused(
                f"{target.host} leads to {inside[0]}, which is no address of the public internet"
            )
    return found[0]
