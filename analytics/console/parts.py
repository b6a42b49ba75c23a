"""A long table in parts: the question, the order and the part stand in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from django.http import HttpRequest

from analytics.console.asking import join
from analytics.console.bar_menu import PAGE
from analytics.filters import FilterError, Filters, single

__all__ = ["PAGE", "Part", "asked_for", "part_of"]

T = TypeVar("T")

#: Digits of a number that somebody may have meant.
_LONGEST: Final = 9


@dataclass(frozen=True)
class Part(Generic[T]):
    """Some rows of a table: those from `first` to `last` (from 1) of `n`, and the addresses of the
    parts around them, "" where there is none. Whoever reads all of it on one page, a PDF or a
    link, is told how many are `left_out` where even that has an end."""

    rows: Sequence[T]
    n: int
    first: int
    before: str = ""
    after: str = ""
    left_out: int = 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def is_everything(self) -> bool:
        return len(self.rows) == self.n

    @property
    def is_start(self) -> bool:
        return self.first == 1


def asked_for(request: HttpRequest) -> int | None:
    """The part that the address asks for, from 1; None for whoever reads everything on one page.

    Raises: FilterError.
    """
    said = single(request.GET, PAGE) or "1"
    if not (said.isascii() and said.isdecimal() and len(said) <= _LONGEST and int(said)):
        raise FilterError(PAGE, "“page” must be a number from 1 on.")
    return None if getattr(request, "is_whole", False) else int(said)


def part_of(
    rows: Sequence[T], number: int | None, filters: Filters, extra: str, *, size: int, most: int
) -> Part[T]:
    """The part of this number, or the last one where the table has become shorter since its address
    was kept; with None everything, at most `most` rows. `extra` is what else the page keeps in its
    address."""
    n = len(rows)
    if number is None:
        return Part(rows[:most], n, 1, left_out=max(0, n - most))
    last = max(1, -(-n // size))
    number = min(number, last)
    start = (number - 1) * size

    def address(other: int) -> str:
        return join(filters, extra, f"{PAGE}={other}" if other > 1 else "")

    return Part(
        rows[start : start + size],
        n,
        start + 1,
        before="?" + address(number - 1) if number > 1 else "",
        after="?" + address(number + 1) if number < last else "",
    )
