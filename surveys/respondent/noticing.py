"""Notes which links were opened, beside the request: a page waits for no write of it, and a
database that is away costs a sign and no page.

What is noted waits in this process and is stored a moment later by a thread. Notes are bounded in
number; what does not fit is dropped.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Final

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest
from django.utils import timezone

from surveys.services import openings
from surveys.services.openings import Opening

logger = logging.getLogger(__name__)

_LONGEST_LINK: Final = 40
_MOST_WAITING: Final = 5_000
_PAUSE_SECONDS: Final = 1.0
_waiting: deque[Opening] = deque(maxlen=_MOST_WAITING)
_noted = threading.Event()


class _Storing:
    """Whether this process stores by itself, and the thread that does."""

    wanted = False
    thread: threading.Thread | None = None


def begin() -> None:
    """Have this process and those forked from it store what they note."""
    _Storing.wanted = True


def note(request: HttpRequest, token_hash: bytes, link: str) -> None:
    """Note that a link of this invitation was opened by this request."""
    sign = openings.sign_of(request.method or "", request.META.get("HTTP_USER_AGENT", ""), link)
    _waiting.append(Opening(token_hash, timezone.now(), link[:_LONGEST_LINK], sign))
    _noted.set()
    # A thread of the process that this one was forked from counts as ended here.
    if _Storing.wanted and not (_Storing.thread and _Storing.thread.is_alive()):
        _Storing.thread = threading.Thread(target=_go_on_storing, name="link openings", daemon=True)
        _Storing.thread.start()


def store() -> int:
    """Store what was noted so far; how many openings. What cannot be stored now is dropped."""
    taken: list[Opening] = []
    while _waiting:
        taken.append(_waiting.popleft())
    return openings.keep(taken)


def _go_on_storing() -> None:
    pause = threading.Event()
    while True:
        _noted.wait()
        # Links that are opened together are stored together.
        pause.wait(_PAUSE_SECONDS)
        _noted.clear()
        try:
            store()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Opened links were not noted: %s", error)
            connection.close()
