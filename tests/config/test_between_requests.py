"""A web process looks once between two requests, and lets go of what is too old or broken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import RequestFactory

from config import between_requests
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
SIGNALS = (signals.request_started, signals.request_finished)


@pytest.fixture(autouse=True)
def web_process() -> Iterator[None]:
    before = [list(signal.receivers) for signal in SIGNALS]
    between_requests.look_once()
    yield
    for signal, receivers in zip(SIGNALS, before, strict=True):
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()


def asked() -> int:
    """A request as the server gives it; which connection it was answered by."""
    statuses: list[str] = []

    def start(status: str, *_: Any) -> Callable[[bytes], object]:
        statuses.append(status)
        return BytesIO().write

    response = WSGIHandler()(RequestFactory().get("/s/unknown/").environ, start)
    response.close()  # as a server does at the end
    assert statuses == ["404 Not Found"]
    pid: int = connection.connection.info.backend_pid
    return pid


def test_a_connection_is_kept_from_one_request_to_the_next() -> None:
    assert asked() == asked()


def test_one_that_is_too_old_is_replaced_when_the_next_request_begins() -> None:
    first = asked()
    connection.close_at = time.monotonic() - 1

    second = asked()

    assert second != first
    assert asked() == second


def test_one_that_broke_is_replaced() -> None:
    first = asked()

    def end_it() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])

    at_once(end_it)

    assert asked() != first
