"""Links to open surveys, and a clock at the time the factories speak of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from surveys.respondent.base import LIMITER
from tests.factories import NOW


@pytest.fixture(autouse=True)
def on_the_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def fresh_limiter() -> Iterator[None]:
    LIMITER.clear()
    yield
    LIMITER.clear()


@pytest.fixture
def browser() -> Client:
    """A client that would refuse to go on where a CSRF token was needed."""
    return Client(enforce_csrf_checks=True, raise_request_exception=True)
