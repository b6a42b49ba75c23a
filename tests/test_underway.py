"""A test of pages waits for what the server still works on."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event, Thread
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from tests.browser.underway import Underway
from tests.threads import PATIENCE


def ask(app: Underway, path: str) -> Any:
    environ: dict[str, Any] = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    return app(environ, lambda *_: None)


def test_a_request_is_waited_for_until_its_answer_is_closed() -> None:
    may_answer = Event()

    def slow(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        assert may_answer.wait(PATIENCE)
        return [b"stored"]

    underway = Underway(slow)
    answers: list[Any] = []
    asking = Thread(target=lambda: answers.append(ask(underway, "/builder/")))
    asking.start()
    with pytest.raises(AssertionError, match="GET /builder/"):
        underway.wait(0.2)
    may_answer.set()
    asking.join(PATIENCE)
    with pytest.raises(AssertionError, match="GET /builder/"):
        underway.wait(0)
    assert list(answers[0]) == [b"stored"]
    answers[0].close()
    underway.wait(0)


def test_an_application_that_fails_is_done() -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise KeyError("no such page")

    underway = Underway(broken)
    with pytest.raises(KeyError):
        ask(underway, "/")
    underway.wait(0)
