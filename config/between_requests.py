"""What Django does between two requests, done once and not twice.

By default it looks at the state of the thread's connections when a request ends and again when the
next one begins, at a log of statements that only a debugger writes, and forgets which URLconf the
next request names again. That was a tenth of the time that storing an answer takes in Python.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signals
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.db import close_old_connections, reset_queries


def look_once() -> None:
    """Called once in a web process. A connection that is too old or broke is let go when the next
    request begins, which is when it would be missed; our caches keep nothing that is to be closed
    after each request."""
    signals.request_finished.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_caches)
    signals.request_finished.disconnect(reset_urlconf)
    if not settings.DEBUG:
        signals.request_started.disconnect(reset_queries)
