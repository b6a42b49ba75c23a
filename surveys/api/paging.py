"""Lists in pages: ``{"results": [...], "next": address or null}``, the cursor opaque.

A cursor is a place, not a count: rows that arrive while someone pages shift nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from rest_framework.request import Request

from surveys.api.problems import Problem
from surveys.services.storable import is_storable

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")

DEFAULT_SIZE = 100
LARGEST_SIZE = 1_000
# Of a cursor that holds a name of 200 letters, each of them escaped.
_LONGEST = 4_000


def page_size(request: Request) -> int:
    """``page_size`` of the query.

    Raises: Problem 400 where it is not between 1 and 1,000.
    """
    text = request.query_params.get("page_size", str(DEFAULT_SIZE))
    if not (
        text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LARGEST_SIZE
    ):
        message = f"must be a whole number from 1 to {LARGEST_SIZE}"
        raise Problem(400, "The page size cannot be used.", errors=[("page_size", message)])
    return int(text)


def page_of_rows(request: Request, rows: QuerySet[Row], *, by: str) -> tuple[list[Row], str | None]:
    """One page of a queryset, newest first by the datetime column ``by``, then by id.

    Returns the rows and the address of the next page.
    """
    size = page_size(request)
    place = _place(request)
    if place is not None:
        when, row_id = _moment_and_id(place)
        rows = rows.filter(Q(**{f"{by}__lt": when}) | Q(**{by: when}, pk__lt=row_id))
        rows = rows.filter(**{f"{by}__lte": when})  # lets the index start at the place
    found = list(rows.order_by(f"-{by}", "-pk")[: size + 1])
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    return found[:size], next_address(request, [getattr(last, by).isoformat(), last.pk])


def page_by_id(
    request: Request, rows: QuerySet[Row], *, by: str = "pk"
) -> tuple[list[Row], str | None]:
    """The same by a column of unique numbers, the highest first."""
    size = page_size(request)
    place = place_of(request, int)
    if place is not None:
        rows = rows.filter(**{f"{by}__lt": place[0]})
    found = list(rows.order_by(f"-{by}")[: size + 1])
    if len(found) <= size:
        return found, None
    return found[:size], next_address(request, [getattr(found[size - 1], by)])


def page_of_names(
    request: Request, rows: QuerySet[Row], *, by: str
) -> tuple[list[Row], str | None]:
    """The same in the order of a column of unique texts."""
    size = page_size(request)
    place = place_of(request, str)
    if place is not None:
        rows = rows.filter(**{f"{by}__gt": place[0]})
    found = list(rows.order_by(by)[: size + 1])
    if len(found) <= size:
        return found, None
    return found[:size], next_address(request, [getattr(found[size - 1], by)])


def page_of_list(request: Request, items: Sequence[Item]) -> tuple[Sequence[Item], str | None]:
    """One page of a computed list, whose order stays while its report does."""
    size = page_size(request)
    place = _place(request)
    start = 0
    if place is not None:
        if len(place) != 1 or type(place[0]) is not int or not 0 <= place[0] < 2**31:
            raise _unreadable()
        start = place[0]
    after = start + size
    page = items[start:after]
    return page, next_address(request, [after]) if after < len(items) else None


def place_of(request: Request, *kinds: type) -> list[Any] | None:
    """The place that the cursor names, its parts of these kinds; None at the beginning.

    Raises: Problem 400.
    """
    place = _place(request)
    if place is None:
        return None
    if len(place) != len(kinds) or any(
        type(part) is not kind for part, kind in zip(place, kinds, strict=True)
    ):
        raise _unreadable()
    for part in place:
        is_text = isinstance(part, str)
        if (is_text and not is_storable(part)) or (not is_text and not 0 <= part < 2**63):
            raise _unreadable()
    return place


def next_address(request: Request, place: list[Any]) -> str:
    """The address of the page that begins behind ``place``, all other parameters kept."""
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    pairs = [
        (name, value)
        for name, values in request.query_params.lists()
        if name != "cursor"
        for value in values
    ]
    query = urlencode([*pairs, ("cursor", cursor)])
    return request.build_absolute_uri(f"{request.path}?{query}")


def _place(request: Request) -> list[Any] | None:
    cursor = request.query_params.get("cursor")
    if not cursor:
        return None
    try:
        place = json.loads(
            base64.urlsafe_b64decode(cursor[:2000] + "=" * (-len(cursor[:2000]) % 4))
        )
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(place, list):
        raise _unreadable()
    return place


def _moment_and_id(place: list[Any]) -> tuple[datetime, int]:
    # true and false are ints as well, and no ids
    if len(place) != 2 or not isinstance(place[0], str) or type(place[1]) is not int:
        raise _unreadable()
    try:
        when = datetime.fromisoformat(place[0])
    except ValueError as error:
        raise _unreadable() from error
    if when.tzinfo is None or not 1900 <= when.year <= 9000 or not 0 <= place[1] < 2**63:
        raise _unreadable()
    return when, place[1]


def _unreadable() -> Problem:
    message = 'is not a cursor of this list; follow the address in "next" as it is'
    return Problem(400, "The page cannot be found.", errors=[("cursor", message)])
