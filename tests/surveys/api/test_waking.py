"""Waking a worker keeps nobody waiting, and a broker that is away costs only the wake-up."""

from __future__ import annotations

import threading
import time

import pytest
from kombu.exceptions import OperationalError

from surveys.api import waking
from surveys.api.waking import Waker

pytestmark = pytest.mark.django_db(transaction=True)


class Broker:
    """A task's publishing side: slow, or away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.published = threading.Event()
        self.n_asked = 0
        self.is_away = is_away

    def apply_async(self, **options: object) -> None:
        self.n_asked += 1
        time.sleep(0.1)
        self.published.set()
        if self.is_away:
            raise OperationalError("nobody there")


def test_asking_returns_at_once_and_a_flood_is_one_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "_EVERY_SECONDS", 60)
    broker = Broker()
    waker = Waker(broker)
    started = time.monotonic()
    for _ in range(1000):
        waker.wake()
    assert time.monotonic() - started < 10  # one after the other would be asked for 100
    assert broker.published.wait(5)
    assert broker.n_asked == 1


def test_broker_that_is_away_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "_AFTER_FAILURE", 0.01)
    broker = Broker(is_away=True)
    waker = Waker(broker)
    for _ in range(2):
        broker.published.clear()
        waker.wake()
        assert broker.published.wait(5)
    assert broker.n_asked == 2
