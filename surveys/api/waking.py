"""Wakes a worker without making anybody wait for the broker.

A publish can take seconds where Redis hangs, and a flood would publish as often as it is answered.
So a thread of the process's own publishes, at most a few times a second; what is lost, beat's next
round makes good.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Final

from django.db import transaction
from kombu.exceptions import OperationalError

from surveys.tasks import take_hook_events

log = logging.getLogger(__name__)

_EVERY_SECONDS: Final = 0.3
_AFTER_FAILURE: Final = 10.0


class Waker:
    """Publishes one task soon after a commit, however often it is asked to."""

    def __init__(self, task: Any) -> None:
        self._task = task
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """After the commit, and soon."""
        transaction.on_commit(self._ask)

    def _ask(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._publish, daemon=True, name="waker")
                self._thread.start()
        self._asked.set()

    def _publish(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            pause = _EVERY_SECONDS
            try:
                self._task.apply_async(expires=5)
            except OperationalError as error:
                log.warning("No worker was woken, beat will do it: %s", error)
                pause = _AFTER_FAILURE
            time.sleep(pause)


HOOKS_WAKER: Final = Waker(take_hook_events)
