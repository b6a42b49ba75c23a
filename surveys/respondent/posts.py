"""Reads what a browser posts, in bounds, before anything else looks at it."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

Fields = dict[str, list[str]]

# Two comments far beyond their limit still fit, so that they can be shown again to be shortened.
MAX_BODY_BYTES: Final = 256 * 1024
_FORMS: Final = {"application/x-www-form-urlencoded", "multipart/form-data"}


class UnreadableError(Exception):
    """A body that no form of ours sends; ``status`` is the HTTP status that says so."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read_fields(request: HttpRequest) -> Fields:
    """The posted form, every value of every name in the order sent.

    Undecodable bytes and NUL are refused and not replaced: an acknowledged answer must be what
    was sent.

    Raises: UnreadableError.
    """
    _refuse_by_headers(request)
    try:
        body = request.body
        if request.content_type == "application/x-www-form-urlencoded":
            return _urlencoded(body)
        body.decode()
        return _multipart(request)
    except (
        *(UnreadablePostError, BadRequest, SuspiciousOperation),
        *(MultiPartParserError, ValueError),  # UnicodeDecodeError, NUL, or too many fields
    ) as error:
        raise UnreadableError(400) from error


def _urlencoded(body: bytes) -> Fields:
    """As Django reads a form, in half of its time and without replacing undecodable bytes."""
    if b"\0" in body or b"%00" in body:  # which is NUL in some name or value, whatever is around
        raise ValueError("NUL")
    fields: Fields = {}
    pairs = parse_qsl(
        body.decode(),
        keep_blank_values=True,
        errors="strict",
        max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
    )
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _multipart(request: HttpRequest) -> Fields:
    fields = {name: [str(v) for v in values] for name, values in request.POST.lists()}
    if any("\0" in text for name, values in fields.items() for text in (name, *values)):
        raise ValueError("NUL")
    return fields


def _refuse_by_headers(request: HttpRequest) -> None:
    meta = request.META
    if meta.get("HTTP_CONTENT_ENCODING", "identity") not in {"", "identity"}:
        raise UnreadableError(415)
    length = meta.get("CONTENT_LENGTH") or ""
    if not length and meta.get("HTTP_TRANSFER_ENCODING"):
        raise UnreadableError(411)  # Django would read nothing and we would acknowledge it
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        raise UnreadableError(413)
    if length not in {"", "0"} and request.content_type not in _FORMS:
        raise UnreadableError(415)
