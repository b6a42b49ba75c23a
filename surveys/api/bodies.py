"""Request bodies: bounded before anything is read into memory, then decoded strictly."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from surveys.api.problems import Problem
from surveys.models import ApiKey
from surveys.services import idempotency
from surveys.services.idempotency import Reply

LARGEST: Final = 10 * 1024 * 1024
_VISIBLE: Final = re.compile(r"[\x21-\x7e]{1,255}")
_MEDIA: Final = ("application/json", "")

Decoded = TypeVar("Decoded")


def body_of(request: Request, largest: int = LARGEST) -> bytes:
    """The raw body.

    Raises: Problem 415 for a compressed body or another media type, 411 without a length, 413
    above `largest` bytes, 400 where it is empty or not UTF-8.
    """
    http = request._request
    if http.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Problem(415, "Compressed bodies are not accepted; send the JSON as it is.")
    media = (http.content_type or "").lower()
    if media not in _MEDIA and not media.endswith("+json"):
        raise Problem(415, f'Send "Content-Type: application/json", not "{media[:100]}".')
    if http.headers.get("Transfer-Encoding") and not http.META.get("CONTENT_LENGTH"):
        raise Problem(411, "Send a Content-Length; a body of unknown length is not accepted.")
    length = http.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length[:20]) > largest:
        raise _too_large(largest)
    body = http.read(largest + 1)
    if len(body) > largest:
        raise _too_large(largest)
    if not body.strip():
        raise Problem(400, "The body is empty; it must be JSON.")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, f"The body is not UTF-8 (byte {error.start}).") from error
    return body


def decode(body: bytes, shape: type[Decoded]) -> Decoded:
    """The body as a struct.

    Raises: Problem 400 naming the field.
    """
    try:
        try:
            return msgspec.json.decode(body, type=shape)
        except msgspec.ValidationError as error:
            if "got `float`" not in str(error):
                raise
            return msgspec.convert(_whole(msgspec.json.decode(body)), shape)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        path = place.rstrip("`").removeprefix("$").lstrip(".")
        named = re.search(r"unknown field `([^`]*)`", message)
        if named:
            path, message = f"{path}.{named[1]}".lstrip("."), "is not a field that is known here"
        raise Problem(400, "The request has faults.", errors=[(path, message)]) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise unreadable(error) from error


def _whole(document: Any) -> Any:
    """JSON has one kind of number: 7.0 is the integer 7, and some senders write it so."""
    if isinstance(document, dict):
        return {name: _whole(value) for name, value in document.items()}
    if isinstance(document, list):
        return [_whole(value) for value in document]
    if isinstance(document, float) and document.is_integer() and abs(document) < 2**53:
        return int(document)
    return document


def unreadable(error: Exception) -> Problem:
    """For a body that is no JSON at all, or too deep to be."""
    if isinstance(error, RecursionError):
        return Problem(400, "The body is nested too deeply.")
    return Problem(400, f"The body cannot be read as JSON: {error}.")


def answer_once(
    request: Request,
    body: bytes,
    effect: Callable[[], tuple[int, Any]],
    show: Callable[[Any], Any] | None = None,
) -> HttpResponse:
    """Run the effect of a POST, honouring Idempotency-Key, and answer with its JSON.

    What an answer may say but no table may keep, such as a link, is added by ``show`` each time.
    """

    def run() -> Reply:
        status, data = effect()
        return Reply(status, msgspec.json.encode(data).decode())

    name = request.headers.get("Idempotency-Key")
    if name is None:
        return _answer(run(), show)
    if not _VISIBLE.fullmatch(name):
        fault = ("Idempotency-Key", "must have 1 to 255 visible ASCII characters")
        raise Problem(400, "The request has faults.", errors=[fault])
    if not isinstance(request.auth, ApiKey):
        raise Problem(403, "Only a key of the API may do this.")
    seal = idempotency.fingerprint(request.method or "", request.get_full_path(), body)
    try:
        return _answer(idempotency.once(request.auth, name, seal, timezone.now(), run), show)
    except idempotency.InProgressError as error:
        text = "The first request with this Idempotency-Key is still being worked on."
        raise Problem(409, text, headers={"Retry-After": "1"}) from error
    except idempotency.OtherRequestError as error:
        text = "This Idempotency-Key was used for another request; use a new one."
        raise Problem(409, text) from error


def _answer(reply: Reply, show: Callable[[Any], Any] | None) -> HttpResponse:
    body: str | bytes = reply.body
    if show is not None:
        body = msgspec.json.encode(show(msgspec.json.decode(reply.body)))
    return HttpResponse(body, status=reply.status, content_type="application/json")


def _too_large(largest: int) -> Problem:
    return Problem(413, f"The body is larger than {largest // 1024 // 1024} MB; send less at once.")
