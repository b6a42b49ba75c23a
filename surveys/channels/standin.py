"""A stand-in for the gateway on this machine: it takes messages as Twilio does, and shows them.

For trying the channels out, and for tests: a real HTTP server. It can be told to refuse, hang or
drop a call, and tells what became of a message where the message says where.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qsl

import requests

from surveys.channels.twilio import signature

HANG: Final = "hang"  # the call was read, and nothing is said for long
DROP: Final = "drop"  # the call was read, and the connection ends without an answer
_LONG: Final = 60.0
_WAIT: Final = 0.5  # a real one needs longer than we do to note that it took the message
_SAID: Final = {
    20003: "Authenticate",
    21211: "The 'To' number {to} is not a valid phone number.",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
    21606: "The 'From' phone number provided is not a valid, SMS-capable number",
    20429: "Too Many Requests",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is none of 2xx; ``code`` is the gateway's own number of the fault."""

    status: int
    code: int = 0


Reaction = Refusal | str


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as it came in."""

    to: str
    sender: str
    body: str
    form: dict[str, str] = field(default_factory=dict)


class StandIn:
    """The server, in threads of its own. ``always`` is how it reacts where nothing else was told;
    ``fate`` what it tells of each message it took: delivered, or a code of an error, "" nothing."""

    def __init__(
        self,
        port: int = 0,
        *,
        user: str = "AC00",
        token: str = "token",  # noqa: S107 -- it protects nothing
        always: Reaction = "",
        fate: str = "",
        show: Callable[[Taken], None] | None = None,
    ) -> None:
        self.received: list[Taken] = []
        self.user, self.token, self.always, self.fate = user, token, always, fate
        self._show = show or (lambda _: None)
        self._next: list[Reaction] = []
        self._ended = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._post(self)

            def do_GET(self) -> None:
                outer._get(self)

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002 -- its name
                """Messages are shown, calls are not."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def react(self, *reactions: Reaction) -> None:
        """How it reacts to the next messages, in turn."""
        self._next = list(reactions)

    def tell(self, url: str, form: dict[str, str]) -> int:
        """Call an address, signed as Twilio does; the status of its answer."""
        address = url.partition("#")[0]
        headers = {"X-Twilio-Signature": signature(self.token, address, form)}
        return requests.post(address, data=form, headers=headers, timeout=10).status_code

    def reply(self, url: str, number: str, body: str) -> int:
        """What a person answers to a message, told to an address."""
        return self.tell(url, {"From": number, "To": "+15550100", "Body": body})

    def _get(self, call: BaseHTTPRequestHandler) -> None:
        if self._is_known(call):
            self._answer(call, 200, {"sid": self.user, "status": "active"})

    def _post(self, call: BaseHTTPRequestHandler) -> None:
        length = int(call.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(call.rfile.read(length).decode(), keep_blank_values=True))
        if not self._is_known(call):
            return
        taken = Taken(form.get("To", ""), form.get("From", ""), form.get("Body", ""), form)
        self.received.append(taken)
        reaction = self._next.pop(0) if self._next else self.always
        if reaction == HANG:
            self._ended.wait(_LONG)
        if reaction in {HANG, DROP}:
            call.close_connection = True
            return
        if isinstance(reaction, Refusal):
            said = _SAID.get(reaction.code, "Refused").format(to=taken.to)
            told = {"code": reaction.code, "message": said, "status": reaction.status}
            self._answer(call, reaction.status, told)
            return
        self._show(taken)
        name = f"SM{len(self.received):032x}"
        self._answer(call, 201, {"sid": name, "status": "queued", "to": taken.to})
        if self.fate and form.get("StatusCallback"):
            args = (form["StatusCallback"], taken, name)
            threading.Timer(_WAIT, self._tell_fate, args).start()

    def _tell_fate(self, url: str, taken: Taken, name: str) -> None:
        status = "delivered" if self.fate == "delivered" else "undelivered"
        form = {"MessageSid": name, "MessageStatus": status, "To": taken.to, "From": taken.sender}
        if status == "undelivered":
            form["ErrorCode"] = self.fate
        try:
            self.tell(url, form)
        except requests.RequestException as error:
            self._show(Taken(url, "the stand-in", f"could not tell it: {type(error).__name__}"))

    def _is_known(self, call: BaseHTTPRequestHandler) -> bool:
        pair = f"{self.user}:{self.token}".encode()
        if call.headers.get("Authorization") == f"Basic {base64.b64encode(pair).decode()}":
            return True
        self._answer(call, 401, {"code": 20003, "message": _SAID[20003], "status": 401})
        return False

    def _answer(self, call: BaseHTTPRequestHandler, status: int, told: dict[str, object]) -> None:
        answer = json.dumps(told).encode()
        call.send_response(status)
        call.send_header("Content-Type", "application/json")
        call.send_header("Content-Length", str(len(answer)))
        call.end_headers()
        call.wfile.write(answer)

    def serve(self) -> None:
        """Serve until `close` is called."""
        self._server.serve_forever(0.02)

    def close(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
