"""A real HTTP server in a thread that answers as a helpdesk's API is documented to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.http_server import HttpServer

HANG: Final = "hang"  # reads the request and says nothing
DROP: Final = "drop"  # reads it and ends the connection
BIG: Final = "big"  # 200 and 10 MB of JSON
CUT: Final = "cut"  # half of what it promised
SIZE: Final = 10 * 1024 * 1024


@dataclass(frozen=True)
class Reaction:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Question:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class HelpdeskServer(HttpServer):
    """Answers what `knows` says by method and path (or makes of the question), 404 to all else, and
    401 to whom lacks the headers of `proof`; but first what `react` says, in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Question] = []
        self.knows: dict[str, Any] = {}
        self.proof: dict[str, str] = {}
        self.most_at_once = 0
        # Told of every request before it is answered.
        self.watch: Callable[[str], None] | None = None
        self._n_at_once = 0
        self._reactions: list[Reaction | str] = []
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked]

    def react(self, *reactions: Reaction | str) -> None:
        """What the next requests get, in turn."""
        self._reactions = list(reactions)

    def take(self, call: BaseHTTPRequestHandler) -> None:
        body = call.rfile.read(int(call.headers.get("Content-Length", 0)))
        parts = urlsplit(call.path)
        headers = {name.lower(): value for name, value in call.headers.items()}
        question = Question(call.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
        with self._lock:
            self.asked.append(question)
            self._n_at_once += 1
            self.most_at_once = max(self.most_at_once, self._n_at_once)
            reaction = self._reactions.pop(0) if self._reactions else self._answer(question)
        try:
            if self.watch is not None:
                self.watch(call.command)
            self._say(call, reaction)
        except OSError:
            call.close_connection = True
        finally:
            with self._lock:
                self._n_at_once -= 1

    def _answer(self, asked: Question) -> Reaction:
        signs_in = asked.path.endswith(("/initSession", "/oauth2/token"))
        if not signs_in and any(asked.headers.get(n) != v for n, v in self.proof.items()):
            return Reaction(401, {"error": "not authenticated"})
        told = self.knows.get(f"{asked.method} {asked.path}")
        if told is None:
            return Reaction(404, {"error": "not found"})
        if callable(told):
            told = told(asked)
        return told if isinstance(told, Reaction) else Reaction(200, told)

    def _say(self, call: BaseHTTPRequestHandler, reaction: Reaction | str) -> None:
        call.close_connection = True
        if reaction == HANG:
            self._ended.wait(30)
        elif reaction == BIG:
            call.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n".encode())
            for _ in range(SIZE // 65_536):
                call.connection.sendall(b'"' + b"y" * 65_535)
        elif reaction == CUT:
            call.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"ticket":')
        elif isinstance(reaction, Reaction):
            call.send_response(reaction.status)
            for name, value in reaction.headers.items():
                call.send_header(name, value)
            call.send_header("Content-Length", str(len(reaction.raw)))
            call.end_headers()
            call.wfile.write(reaction.raw)
