"""A real HTTP server in a thread that speaks Postmark's API as a test tells it to."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

HANG: Final = "hang"
DROP: Final = "drop"  # the request was read, and the connection ends without an answer


class EspServer:
    """Takes every mail, but what `react` says. `received` are the bodies of all calls."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._reactions: list[tuple[int, dict[str, Any]] | str] = []
        self._ended = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._answer(self)

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002 -- its name
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def react(self, *reactions: tuple[int, dict[str, Any]] | str) -> None:
        """What the next calls get, in turn."""
        self._reactions = list(reactions)

    def _answer(self, call: BaseHTTPRequestHandler) -> None:
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

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
