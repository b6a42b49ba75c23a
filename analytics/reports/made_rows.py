"""Rows of a report that are made when they are read: a page of a hundred out of thousands costs
what a hundred rows cost."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar, overload

import pandas as pd

T = TypeVar("T")
#: Rows made at once for whoever reads them all.
CHUNK: Final = 2_000


class MadeRows(Sequence[T]):
    """Like a tuple of rows, made from a table of their figures in the order of the rows."""

    table: pd.DataFrame

    @abstractmethod
    def _made(self, table: pd.DataFrame) -> tuple[T, ...]:
        """The rows of some lines of the table."""

    def __len__(self) -> int:
        return len(self.table)

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...

    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        if isinstance(at, slice):
            return self._made(self.table.iloc[at])
        [row] = self._made(self.table.iloc[[at]])
        return row

    def __iter__(self) -> Iterator[T]:
        for start in range(0, len(self), CHUNK):
            yield from self[start : start + CHUNK]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (type(self), tuple)):
            return NotImplemented
        return len(self) == len(other) and tuple(self) == tuple(other)

    # As of a list: it is read, and no key of anything.
    __hash__: Any = None
