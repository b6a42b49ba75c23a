"""A real HTTP server in a thread that receives events as a test tells it to."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

from tests.http_server import HttpServer

HANG: Final = "hang"  # reads the request and says nothing
DROP: Final = "drop"  # reads it and ends the connection
REDIRECT: Final = "redirect"  # to `elsewhere`
BIG: Final = "big"  # 200 and 10 MB
DRIP: Final = "drip"  # a byte of a header now and then, for ever
LATE_BODY: Final = "late body"  # 200 at once, and then a body that never comes

SIZE: Final = 10 * 1024 * 1024


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found


class Receiver(HttpServer):
    """Answers 200 to all, but what `react` says in turn, or `always`."""

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__()
        self.received: list[Received] = []
        self.n_at_once = self.most_at_once = 0
        self.n_bytes_sent = 0
        self.always: int | str = 200
        self.elsewhere = ""
        self.says = b"thank you"
        self.takes_seconds = 0.0
        # Told of every request before it is answered.
        self.watch: Callable[[str], None] | None = None
        self._reactions: list[int | str] = []
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"http://127.0.0.1:{self.port}/in"

    def react(self, *reactions: int | str) -> None:
        """What the next requests get, in turn."""
        self._reactions = list(reactions)

    @property
    def ids(self) -> list[str]:
        return [each.headers["webhook-id"] for each in self.received]

    def take(self, call: BaseHTTPRequestHandler) -> None:
        raw = call.rfile.read(int(call.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in call.headers.items()}
        with self._lock:
            self.received.append(Received(call.path, headers, raw))
            reaction = self._reactions.pop(0) if self._reactions else self.always
            self.n_at_once += 1
            self.most_at_once = max(self.most_at_once, self.n_at_once)
        try:
            time.sleep(self.takes_seconds)
            if self.watch is not None:
                self.watch("POST")
            self._answer(call, reaction)
        except OSError:
            call.close_connection = True
        finally:
            with self._lock:
                self.n_at_once -= 1

    def _answer(self, call: BaseHTTPRequestHandler, reaction: int | str) -> None:
        call.close_connection = True
        if reaction == HANG:
            self._ended.wait(30)
        elif reaction == DRIP:
            call.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not self._ended.wait(0.05):
                call.wfile.write(b"x")
        elif reaction == LATE_BODY:
            call.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
            self._ended.wait(30)
        elif reaction == BIG:
            call.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n".encode())
            for _ in range(SIZE // 65_536):
                self.n_bytes_sent += call.connection.send(b"y" * 65_536)
        elif reaction != DROP:
            self._say(call, 302 if reaction == REDIRECT else int(reaction))

    def _say(self, call: BaseHTTPRequestHandler, status: int) -> None:
        call.send_response(status)
        if self.elsewhere:
            call.send_header("Location", self.elsewhere)
        call.send_header("Content-Length", str(len(self.says)))
        call.end_headers()
        call.wfile.write(self.says)
