"""Every error of the API as RFC 9457 ``application/problem+json``, with a field path per fault."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions, status

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 5


class Problem(Exception):  # noqa: N818 (RFC 9457 calls it a problem)
    """An answer that is an error. ``errors`` are pairs of field path and message."""

    def __init__(
        self,
        code: int,
        detail: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def response_of(problem: Problem) -> HttpResponse:
    """The problem as an answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.code).phrase,
        "status": problem.code,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = [{"field": field, "message": text} for field, text in problem.errors]
    return HttpResponse(
        msgspec.json.encode(body),
        status=problem.code,
        content_type=CONTENT_TYPE,
        headers=problem.headers,
    )


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: known errors become problems, unknown ones stay a logged 500."""
    problem = _problem_of(error, context)
    return None if problem is None else response_of(problem)


def _problem_of(error: Exception, context: Mapping[str, Any]) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404):
        return Problem(404, "There is nothing at this address.")
    if isinstance(error, PermissionDenied):
        return Problem(403, "You may not do this.")
    if isinstance(error, OperationalError | InterfaceError):
        log.error("database unavailable: %s", error)
        return Problem(
            503,
            "The database cannot be reached just now; nothing was stored. Please send it again.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    if isinstance(error, DataError):
        log.warning("refused by the database: %s", error)
        return Problem(400, "A value cannot be stored.")
    if isinstance(error, exceptions.APIException):
        return _of_rest_framework(error, context)
    return None


def _of_rest_framework(error: exceptions.APIException, context: Mapping[str, Any]) -> Problem:
    headers: dict[str, str] = {}
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
        missing = isinstance(error, exceptions.NotAuthenticated)
        detail = 'Send a key as "Authorization: Bearer KEY".' if missing else str(error.detail)
        return Problem(status.HTTP_401_UNAUTHORIZED, detail, headers=headers)
    if isinstance(error, exceptions.MethodNotAllowed):
        allowed = getattr(context.get("view"), "allowed_methods", [])
        headers["Allow"] = ", ".join(allowed)
    wait = getattr(error, "wait", None)  # of Throttled; DRF's stubs do not know it
    if isinstance(wait, int | float):
        headers["Retry-After"] = str(max(1, round(wait)))
    if isinstance(error, exceptions.ValidationError):
        faults = list(_faults(error.detail))
        return Problem(error.status_code, "The request has faults.", errors=faults)
    return Problem(error.status_code, str(error.detail), headers=headers)


def _faults(detail: Any, path: str = "") -> Iterable[tuple[str, str]]:
    """DRF's nested details as pairs of field path and message."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _faults(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list | tuple):
        for inner in detail:
            yield from _faults(inner, path)
    else:
        yield path, str(detail)
