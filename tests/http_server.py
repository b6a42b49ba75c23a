"""A real HTTP server on 127.0.0.1 in a thread, for whatever answers as a test tells it to."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class HttpServer:
    """Gives every request to `take`, which reads and answers it. Runs as a context manager."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                outer.take(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 -- its names

            def handle(self) -> None:
                with contextlib.suppress(OSError):  # of a client that went, or does not trust us
                    super().handle()

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002 -- its name
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def take(self, call: BaseHTTPRequestHandler) -> None:
        """Read a request and answer it."""
        raise NotImplementedError

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
