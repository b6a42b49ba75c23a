"""A real HTTP server in a thread that speaks Postmark's API as a test tells it to."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from tests.http_server import HttpServer

HANG: Final = "hang"
DROP: Final = "drop"  # the request was read, and the connection ends without an answer


class EspServer(HttpServer):
    """Takes every mail, but what `react` says. `received` are the bodies of all calls."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._reactions: list[tuple[int, dict[str, Any]] | str] = []
        self.url = f"http://127.0.0.1:{self.port}/"

    def react(self, *reactions: tuple[int, dict[str, Any]] | str) -> None:
        """What the next calls get, in turn."""
        self._reactions = list(reactions)

    def take(self, call: BaseHTTPRequestHandler) -> None:
        body = json.loads(call.rfile.read(int(call.headers["Content-Length"])))
        self.received.append(body)
        self.keys.append(call.headers["X-Postmark-Server-Token"])
        reaction = self._reactions.pop(0) if self._reactions else (200, self._taken(body))
        if reaction == HANG:
            self._ended.wait(20)
        if isinstance(reaction, str):
            call.close_connection = True
            return
        status, told = reaction
        answer = json.dumps(told).encode()
        call.send_response(status)
        call.send_header("Content-Type", "application/json")
        call.send_header("Content-Length", str(len(answer)))
        call.end_headers()
        call.wfile.write(answer)

    def _taken(self, body: dict[str, Any]) -> dict[str, Any]:
        name = f"b7bc2f4a-e38e-4336-af7d-{len(self.received):012d}"
        return {"To": body["To"], "MessageID": name, "ErrorCode": 0, "Message": "OK"}
