"""What every request meets first."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.defaults import bad_request, server_error

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]


class unavailable_database:  # noqa: N801 -- named as Django's settings list it
    """Answer 503 with Retry-After while the database is away or too slow, never a bare 500."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> Any:
        if isinstance(exception, OperationalError | InterfaceError):
            logger.error("The database is unavailable: %s", exception)
            return unavailable(request)
        return None


def unavailable(request: HttpRequest) -> HttpResponse:
    """The answer while the database is away: a problem document for programs, a page for people."""
    if _is_program(request):
        answer = _problem(
            503, "Service unavailable", "The database cannot be reached at the moment. Try again."
        )
    else:
        answer = render(request, "503.html", status=503)
    answer["Retry-After"] = "5"
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """The answer to what nobody foresaw; it has been logged, and tells no details."""
    if _is_program(request):
        return _problem(500, "Internal server error", "Something broke on our side.")
    return server_error(request)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer to a request that cannot be trusted as it stands. A name that nobody set up is the
    operator's to mend, and said; which names are, is not."""
    if not _is_program(request):
        return bad_request(request, exception)
    detail = "The request is not well formed."
    if isinstance(exception, DisallowedHost):
        detail = "This host name is not served here. Add it to ALLOWED_HOSTS, or use one that is."
    return _problem(400, "Bad request", detail)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/hooks/"))


def _problem(status: int, title: str, detail: str) -> HttpResponse:
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(document, status=status, content_type="application/problem+json")


def address_behind_proxy(get_response: GetResponse) -> GetResponse:
    """Where BEHIND_PROXY is on, the client is whom the nearest proxy names."""

    def middleware(request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if settings.BEHIND_PROXY and forwarded:
            request.META["REMOTE_ADDR"] = forwarded.rpartition(",")[2].strip()
        return get_response(request)

    return middleware


DRAIN_BYTES = 64 * 1024 * 1024
DRAIN_SECONDS = 10.0
_CHUNK = 64 * 1024


def body_read_to_its_end(get_response: GetResponse) -> GetResponse:
    """Read what a refused request still sends, and forget it.

    A client that is still writing when the server closes sees a reset connection and never the
    413 that would tell it why. Bounded in bytes and time, in memory by one chunk.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code >= 400 and request.method not in ("GET", "HEAD", "OPTIONS"):
            _drain(request)
        return response

    return middleware


def _drain(request: HttpRequest) -> None:
    stream = getattr(request, "_stream", None)
    ends_at = time.monotonic() + DRAIN_SECONDS
    left = DRAIN_BYTES
    while stream is not None and left > 0 and time.monotonic() < ends_at:
        try:
            chunk = stream.read(min(_CHUNK, left))
        except OSError:  # the client went away
            return
        if not chunk:
            return
        left -= len(chunk)
