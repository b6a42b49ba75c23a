"""What the live server still works on.

A browser that is closed waits for no answer, and its last request goes on: into the emptying of the
database, or into the next test. So a test of pages ends when the server has nothing left to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from threading import Condition
from typing import Any

from tests.browser.slowness import App
from tests.threads import PATIENCE


class Underway:
    """Counts the requests of an application until the last byte of the answer is handed over."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._requests: Counter[str] = Counter()
        self._changed = Condition()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        name = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        with self._changed:
            self._requests[name] += 1
        try:
            return _Answer(self._app(environ, start_response), lambda: self._is_done(name))
        except BaseException:
            self._is_done(name)
            raise

    def _is_done(self, name: str) -> None:
        with self._changed:
            self._requests -= Counter([name])
            self._changed.notify_all()

    def wait(self, patience: float = PATIENCE) -> None:
        """Until nothing is underway; AssertionError names what is after `patience` seconds."""
        with self._changed:
            idle = self._changed.wait_for(lambda: not self._requests, patience)
            assert idle, f"The server has not answered after {patience} s: {dict(self._requests)}"


class _Answer:
    """An answer that tells when the server is done with it, whether or not it was sent."""

    def __init__(self, parts: Iterable[bytes], when_done: Callable[[], None]) -> None:
        self._parts = parts
        self._when_done = when_done

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        try:
            if hasattr(self._parts, "close"):
                self._parts.close()
        finally:
            self._when_done()
