"""Reads the mails that the scripted mail server took, and hands them to the customers."""

from __future__ import annotations

import email
import email.policy
import queue
import re
import threading
import time
from typing import Final

from tests.chaos.ledger import Ledger, Letter
from tests.smtp_server import Received, SmtpServer

_SURVEY: Final = re.compile(r"/s/[\w-]+/")
_UNSUBSCRIBE: Final = re.compile(r"/u/[\w-]+/")


class Inbox:
    """Takes mails from the server as they come; `letters` are for the customers, all of one survey
    for the same one."""

    def __init__(self, server: SmtpServer, ledger: Ledger, n_customers: int) -> None:
        self.letters: list[queue.SimpleQueue[Letter]] = [
            queue.SimpleQueue() for _ in range(n_customers)
        ]
        self._server = server
        self._ledger = ledger
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Read what is there, and end."""
        self._ended.set()
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            ends = self._ended.is_set()
            while self._server.received:
                letter = read(self._server.received.pop(0), time.time())
                with self._ledger.lock:
                    self._ledger.letters.append(letter)
                self.letters[hash(letter.token) % len(self.letters)].put(letter)
            self._server.verbs.clear()
            if ends:
                return
            time.sleep(0.02)


def read(mail: Received, at: float) -> Letter:
    """What a customer finds in a mail: the links, as they stand in it."""
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    survey = _SURVEY.search(body.get_content())
    unsubscribe = _UNSUBSCRIBE.search(str(message["List-Unsubscribe"]))
    assert survey is not None
    assert unsubscribe is not None
    return Letter(at, str(message["Message-ID"]), mail.recipient, survey[0], unsubscribe[0])
