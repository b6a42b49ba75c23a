"""What operations have in common: one thing is read, and done once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import msgspec
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from surveys.api.base import ApiView
from surveys.api.bodies import answer_once, body_of, decode
from surveys.api.permissions import HasScope
from surveys.api.problems import Problem
from surveys.models import ApiKey, User
from surveys.services.authors import Author, Undoable, can_undo
from surveys.services.storable import is_storable

LARGEST: Final = 64 * 1024
_LARGEST_ID: Final = 2**63 - 1
Row = TypeVar("Row", bound=Model)


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """A body that says nothing."""


class Doing(ApiView):
    """A view of admins whose POSTs do one thing each."""

    permission_classes = [HasScope("admin")]

    def done(
        self,
        request: Request,
        shape: type[Any],
        effect: Callable[[Any], Any],
        *,
        status: int = 201,
        show: Callable[[Any], Any] | None = None,
        largest: int = LARGEST,
    ) -> HttpResponse:
        """Read the body, have its effect once under an Idempotency-Key, and answer with what that
        returns; see `answer_once` for ``show``."""
        body = body_of(request, largest=largest)
        sent = decode(body, shape)
        return answer_once(request, body, lambda: (status, effect(sent)), show)


def author_of(request: Request) -> Author:
    """Who asks, for a log."""
    if isinstance(request.auth, ApiKey):
        return request.auth
    return request.user if isinstance(request.user, User) else None


def actor_of(request: Request) -> str:
    """Who asks, for a log that keeps names alone."""
    key = request.auth
    return f"API key {key.name}" if isinstance(key, ApiKey) else str(request.user)


def logged(change: Undoable) -> dict[str, Any]:
    """What entries of the logs that can be undone have in common."""
    return {
        "id": change.pk,
        "kind": change.kind,
        "n_cases": change.n_resolutions,
        "n_answers": change.n_answers,
        "made_at": change.made_at,
        "by": change.by.email if change.by else None,
        "by_key": change.by_key.name if change.by_key else None,
        "undoes": change.undoes_id,
        "can_undo": can_undo(change),
    }


def fault(field: str, message: str) -> Problem:
    """A field that is wrong; with none, that something stands in the way."""
    if not field:
        return Problem(409, message)
    return Problem(400, "The request has faults.", errors=[(field, message)])


@contextmanager
def refusing(*errors: type[Exception], field: str = "", status: int = 409) -> Iterator[None]:
    """What a service refuses as a problem with its words; with ``field`` as that field's fault."""
    try:
        yield
    except errors as error:
        raise (fault(field, str(error)) if field else Problem(status, str(error))) from error


def numbered(rows: QuerySet[Row], number: int, what: str) -> Row:
    """The row of an address. Raises: Problem 404."""
    found = rows.filter(pk=number).first() if number <= _LARGEST_ID else None
    if found is None:
        raise Problem(404, f"There is no such {what}.")
    return found


def named(rows: QuerySet[Row], what: str, **name: str) -> Row:
    """The same by a name. Raises: Problem 404."""
    found = rows.filter(**name).first() if all(map(is_storable, name.values())) else None
    if found is None:
        raise Problem(404, f"There is no such {what}.")
    return found


def asked(request: Request, name: str, limit: int = 200) -> str:
    """A word of the query. Raises: Problem 400 for what no text can hold."""
    words = request.query_params.get(name, "").strip()
    if len(words) > limit or not is_storable(words):
        raise fault(name, f"takes at most {limit} letters that a text can have")
    return words


def chosen(request: Request, name: str, known: Any) -> str:
    """One of the known words of the query, or none. Raises: Problem 400."""
    word = request.query_params.get(name, "")
    if word and word not in known:
        raise fault(name, f"must be one of {', '.join(known)}")
    return word


def storable(field: str, text: str, limit: int) -> str:
    """A text of a body. Raises: Problem 400 for what no column can hold."""
    if len(text) > limit:
        raise fault(field, f"must have at most {limit} characters")
    if not is_storable(text):
        raise fault(field, "contains a character that is not valid Unicode text")
    return text
