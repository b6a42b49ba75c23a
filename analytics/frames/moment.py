"""What one page reads again and again, read once.

Within `one_moment()` the version of the aggregates, the list of blocks and the names of causes are
those of its first look; outside, each is read whenever it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

#: What was read in this moment, by its name; None outside of one.
_READ: ContextVar[dict[str, Any] | None] = ContextVar("read", default=None)


@contextmanager
def one_moment() -> Iterator[None]:
    """What is read in here with `once` is read once."""
    token = _READ.set({})
    try:
        yield
    finally:
        _READ.reset(token)


@contextmanager
def this_moment() -> Iterator[None]:
    """The moment that is open, or one for what is asked in here."""
    if _READ.get() is not None:
        yield
        return
    with one_moment():
        yield


def once(name: str, read: Callable[[], T]) -> T:
    """The result of `read`: in a moment that of the first call under this name."""
    kept = _READ.get()
    if kept is None:
        return read()
    if name not in kept:
        kept[name] = read()
    found: T = kept[name]
    return found


def anew() -> None:
    """Forget what was read in this moment: it is out of date."""
    kept = _READ.get()
    if kept is not None:
        kept.clear()
