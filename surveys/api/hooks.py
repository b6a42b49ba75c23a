"""Where helpdesks send their webhooks: `/hooks/{slug}/`.

No session and no key: the signature over the raw bytes is the only authority. The answer waits for
one commit and for nothing else; what is to be done with it comes after, in a worker.
"""

from __future__ import annotations

import time
from typing import Final

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from surveys.api.limits import BUCKETS
from surveys.api.problems import Problem, response_of
from surveys.api.waking import HOOKS_WAKER
from surveys.helpdesks.base import Answer, Call, NotAuthenticError, UnreadableError
from surveys.models import Connection
from surveys.services import connections, hook_door

LARGEST: Final = 1024 * 1024


@csrf_exempt
def hook(request: HttpRequest, slug: str) -> HttpResponse:
    """`/hooks/{slug}/`"""
    try:
        return _answer(request, slug)
    except Problem as problem:
        return response_of(problem)


def _answer(request: HttpRequest, slug: str) -> HttpResponse:
    _limit(request)
    connection = connections.find(slug)
    if connection is None:
        raise Problem(404, "There is nothing at this address.")
    if not connection.is_active:
        raise Problem(410, "This connection is switched off; nothing is taken here.")
    call = _call_of(request)
    if request.method == "POST":
        return _received(connection, call)
    return _probed(connection, call)


def _received(connection: Connection, call: Call) -> HttpResponse:
    try:
        received = hook_door.receive(connection, call, timezone.now())
    except NotAuthenticError as error:
        raise Problem(401, _sentence(error)) from error
    except UnreadableError as error:
        raise Problem(400, _sentence(error)) from error
    if any(one.event is not None for one in received.made):
        HOOKS_WAKER.wake()
    if received.answer is not None:
        return _own(received.answer)
    return HttpResponse(
        msgspec.json.encode(received.as_json()),
        status=hook_door.ACCEPTED,
        content_type="application/json",
    )


def _probed(connection: Connection, call: Call) -> HttpResponse:
    """A GET or HEAD by which a helpdesk makes sure of the address; nothing else is asked so."""
    try:
        answer = hook_door.probe(connection, call, timezone.now())
    except NotAuthenticError as error:
        raise Problem(401, _sentence(error)) from error
    if answer is None:
        raise Problem(405, "Webhooks are sent here by POST.", headers={"Allow": "POST"})
    return _own(answer)


def _own(answer: Answer) -> HttpResponse:
    return HttpResponse(
        answer.body,
        status=answer.status,
        content_type=answer.content_type,
        headers=dict(answer.headers),
    )


def _limit(request: HttpRequest) -> None:
    """One flood leaves the others served. Counted in this process: nothing waits on Redis."""
    rate = float(getattr(settings, "API_REQUESTS_PER_SECOND", 200))
    burst = float(getattr(settings, "API_BURST", 2 * rate))
    client = f"hook {request.META.get('REMOTE_ADDR', '')}"
    wait = BUCKETS.wait(client, rate=rate, burst=burst, now=time.monotonic())
    if wait:
        later = {"Retry-After": str(max(1, round(wait)))}
        raise Problem(429, "Too many calls at once; send it again later.", headers=later)


def _call_of(request: HttpRequest) -> Call:
    """The call as it came, bounded before anything is read into memory.

    Raises: Problem 415 for a compressed body, 411 without a length, 413 above the limit.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Problem(415, "Compressed bodies are not accepted; send the body as it is.")
    if request.headers.get("Transfer-Encoding") and not request.META.get("CONTENT_LENGTH"):
        raise Problem(411, "Send a Content-Length; a body of unknown length is not accepted.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length[:20]) > LARGEST:
        raise _too_large()
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise _too_large()
    query = request.META.get("QUERY_STRING", "")
    # As the helpdesk knows it: a proxy before us may have changed what the request says.
    url = f"{settings.SITE_URL}{request.path}" + (f"?{query}" if query else "")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(request.method or "", url, headers, body)


def _too_large() -> Problem:
    return Problem(413, f"The body is larger than {LARGEST // 1024 // 1024} MiB.")


def _sentence(error: Exception) -> str:
    """Words of an adapter as a sentence that every reader can take."""
    words = str(error).encode(errors="replace").decode().replace("\x00", "\ufffd")[:500]
    return f"{words[:1].upper()}{words[1:]}" if words else "This cannot be taken."
