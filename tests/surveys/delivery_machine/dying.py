"""A process that ends at a statement: its transaction is gone, what it had committed is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from hypothesis import strategies as st

Made = TypeVar("Made")


class Died(BaseException):
    """The process ends here; nothing catches it."""


@dataclass
class Death:
    """After so many statements, before or after the next one reached the database. From then on
    the process does nothing any more."""

    left: int
    is_after: bool

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.left -= 1
        if self.left >= 0:
            return execute(sql, params, many, context)
        if self.left == -1 and self.is_after:
            execute(sql, params, many, context)
        raise Died


@dataclass(frozen=True)
class Fate:
    """Where the process that does a piece of work ends, if it does; and whether its answer gets
    through where it does not."""

    dies_at: int | None = None
    is_after: bool = False
    answer_is_lost: bool = False


ALIVE = Fate()
FATES = st.one_of(
    st.just(ALIVE),
    st.just(ALIVE),
    st.builds(Fate, dies_at=st.integers(0, 14), is_after=st.booleans()),
    st.just(Fate(answer_is_lost=True)),
)


def live(work: Callable[[], Made], fate: Fate) -> Made | None:
    """Do the work in a process of this fate; None where nobody hears how it ended."""
    if fate.dies_at is None:
        made = work()
        return None if fate.answer_is_lost else made
    try:
        with connection.execute_wrapper(Death(fate.dies_at, fate.is_after)):
            return work()
    except Died:
        # The server rolls back what was open, and the next process has a connection of its own.
        connection.close()
        return None
